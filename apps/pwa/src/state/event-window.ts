import type { SessionEvent } from '@bellhop/core'

/** The part of a session's events that is on this phone: without gaps, oldest first. */
export type EventWindow = {
  readonly events: readonly SessionEvent[]
  /** Whether the relay has older ones. */
  readonly hasMore: boolean
  /** Where the session's source has older ones than the relay, once the relay's have all been read. */
  readonly past?: string
}

export type HistoryPage = {
  readonly events: readonly SessionEvent[]
  readonly hasMore: boolean
  readonly past?: string
}

const idsOf = (events: readonly SessionEvent[]) => new Set(events.map((event) => event.eventId))

/** Whether the relay's log has it: what is read at the source has the place before all places. */
const isStored = ({ cursor }: SessionEvent) => !cursor.endsWith('.0')

/** Whether there is anything older, wherever it is. */
export const goesOn = ({ hasMore, past }: HistoryPage): boolean => hasMore || past !== undefined

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
  return { ...page, events: [...older, ...window.events] }
}

/**
 * The newest events, at most so many; what is given up can be read again. What was read at the source goes first: no
 * place of its own leads back into its middle.
 */
export function newestOf(window: EventWindow, count: number): EventWindow {
  const stored = window.events.filter(isStored)
  const events = stored.slice(-count)
  const isWhole = events.length === window.events.length
  return { events, hasMore: isWhole ? goesOn(window) : true }
}

/** Gives up the oldest events beyond a limit; they can be read again. */
export function trimOldest(window: EventWindow, limit: number): EventWindow {
  return window.events.length <= limit ? window : newestOf(window, Math.ceil(limit / 2))
}
