import type { CloudApi, CloudEvent, Page } from '../cloud-api.ts'
import { LIMITS } from '../cloud-timing.ts'
import type { CloudSession } from './cloud-session.ts'
import { pastBefore } from './pasts.ts'

type Reads = Pick<CloudApi, 'events'>

const ascending = (events: readonly CloudEvent[]): CloudEvent[] =>
  events.toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))

/** Numbers have no gaps, so one that is far ahead is none: taken, nothing after it would be read. */
const isFarAhead = (sequence: number | undefined, last: number): boolean =>
  last > 0 && (sequence ?? 0) - last > LIMITS.numbersAhead

const takeAll = async (session: CloudSession, events: readonly CloudEvent[]): Promise<void> => {
  let last = session.position
  for (const event of ascending(events)) {
    if (isFarAhead(event.sequence, last)) continue
    last = event.sequence ?? last
    await session.takeEvent(event)
  }
  await session.settled()
}

/**
 * Brings a session up to now from its history: one that was never read from its newest end, any
 * other from where it stopped, completely and in order.
 */
export const catchUp = async (
  api: Reads,
  session: CloudSession,
  signal: AbortSignal,
): Promise<void> => {
  await session.load()
  await session.inOrder(() =>
    session.position > 0 ? fill(api, session, signal) : openFromEnd(api, session, signal),
  )
}

/** Reads everything after what was read, a page at a time; each is stored before the next. */
export const fill = async (
  api: Reads,
  session: CloudSession,
  signal: AbortSignal,
): Promise<void> => {
  for (let empty = 0; empty < LIMITS.emptyPages; ) {
    const from = session.position
    const page = await api.events(
      session.suffix,
      { order: 'asc', limit: LIMITS.gapPage, ...(from > 0 && { from }) },
      signal,
    )
    await takeAll(session, page.events)
    empty = page.events.length > 0 ? 0 : empty + 1
    // Events that could not be read are passed over: the page’s end is where the next one starts.
    if (page.next !== undefined && page.next > session.position && !isFarAhead(page.next, from))
      session.position = page.next
    if (page.next === undefined || session.position <= from) return
  }
}

const openFromEnd = async (
  api: Reads,
  session: CloudSession,
  signal: AbortSignal,
): Promise<void> => {
  // Read by the older family before: what that told last is where this one goes on.
  const known = session.lastOlderId
  const pages: Page[] = []
  let from: number | undefined
  do {
    const page = await api.events(
      session.suffix,
      {
        order: 'desc',
        limit: known === undefined ? LIMITS.openEvents : LIMITS.gapPage,
        ...(from !== undefined && { from }),
      },
      signal,
    )
    pages.push(page)
    from = page.next
    if (page.events.some(({ eventId }) => eventId === known)) break
  } while (known !== undefined && from !== undefined && pages.length < LIMITS.openPages)
  const events = ascending(pages.flatMap((page) => [...page.events]))
  const told = events.find(({ eventId }) => eventId === known)?.sequence ?? 0
  const [first] = events
  if (first && from !== undefined && told === 0) session.past = pastBefore(first)
  session.position = Math.max(session.position, told)
  await takeAll(
    session,
    events.filter(({ sequence = 0 }) => sequence > told),
  )
}

/**
 * The events of one stream in their order: what comes early is held for a moment, then the gap is
 * read from history.
 */
export const createGapKeeper = (parts: {
  api: Reads
  session: CloudSession
  signal: AbortSignal
  /** Calls back after the moment a late event is given. */
  later(run: () => Promise<void>): void
}) => {
  const { api, session, signal } = parts
  const held = new Map<number, CloudEvent>()
  let isWaiting = false

  const drain = async (mayJump: boolean): Promise<void> => {
    for (const sequence of [...held.keys()].sort((a, b) => a - b)) {
      const event = held.get(sequence)
      if (!mayJump && sequence > session.position + 1) return
      held.delete(sequence)
      if (event && sequence > session.position) await session.takeEvent(event)
    }
  }
  /** Reads what is missing; what history does not have is not waited for. */
  const close = async (): Promise<void> => {
    if (held.size === 0) return
    await fill(api, session, signal)
    await drain(true)
  }

  return {
    take: (event: CloudEvent): Promise<void> =>
      session.inOrder(async () => {
        const { sequence } = event
        if (sequence === undefined) return session.takeEvent(event)
        if (sequence <= session.position || isFarAhead(sequence, session.position)) return
        held.set(sequence, event)
        await drain(false)
        if (held.size >= LIMITS.heldEvents) return close()
        if (held.size === 0 || isWaiting) return
        isWaiting = true
        parts.later(() =>
          session.inOrder(() => {
            isWaiting = false
            return close()
          }),
        )
      }),
    /** Reads everything after what was read, as when the stream says that something is missing. */
    refill: (): Promise<void> =>
      session.inOrder(async () => {
        await fill(api, session, signal)
        await drain(true)
      }),
  }
}
export type GapKeeper = ReturnType<typeof createGapKeeper>
