import type { SessionEvent } from '@bellhop/core'

/** The part of a session's events that is on this phone: without gaps, oldest first. */
export type EventWindow = {
  readonly events: readonly SessionEvent[]
  /** Whether the relay has older ones. */
  readonly hasMore: boolean
}

export type HistoryPage = { readonly events: readonly SessionEvent[]; readonly hasMore: boolean }

const idsOf = (events: readonly SessionEvent[]) => new Set(events.map((event) => event.eventId))

/** Adds what is new at the end; what is there already is left as it is. */
export function appendEvents(window: EventWindow, events: readonly SessionEvent[]): EventWindow {
  const known = idsOf(window.events)
  const fresh = events.filter((event) => !known.has(event.eventId))
  return fresh.length === 0 ? window : { ...window, events: [...window.events, ...fresh] }
}

/** Joins the newest page to what was kept. With no overlap there may be a gap, so what was kept is given up. */
export function joinNewest(window: EventWindow | undefined, page: HistoryPage): EventWindow {
  if (!window) return page
  const inPage = idsOf(page.events)
  const overlaps = window.events.some((event) => inPage.has(event.eventId))
  return overlaps ? appendEvents(window, page.events) : page
}

/** Puts an older page in front. */
export function prependPage(window: EventWindow, page: HistoryPage): EventWindow {
  const known = idsOf(window.events)
  const older = page.events.filter((event) => !known.has(event.eventId))
  return { events: [...older, ...window.events], hasMore: page.hasMore }
}

/** Gives up the oldest events beyond a limit; they can be read again. */
export function trimOldest(window: EventWindow, limit: number): EventWindow {
  return window.events.length <= limit
    ? window
    : { events: window.events.slice(-Math.ceil(limit / 2)), hasMore: true }
}
