import {
  type Cursor,
  parseEvent,
  type RequestOf,
  type ResponseOf,
  type Session,
  type SessionEvent,
  type SessionId,
  withoutHeld,
} from '@bellhop/core'
import type { RelayLink } from './relay-link.ts'
import { ToolRefused } from './tool-refused.ts'

const PAGE_EVENTS = 500
const RECENT_EVENTS = 50
/** As far back as something is looked for. [I6] */
const PAGES_MAX = 20

/** A session as it stands now, and the last that happened in it, oldest first. */
export type ReadBack = { session: Session; events: SessionEvent[] }

export const readEvents = ({ events }: Pick<ResponseOf<'history'>, 'events'>): SessionEvent[] =>
  events.map(parseEvent).filter((event) => event !== undefined)

/**
 * A page of a session, of what it was joined to where it was: that has its words, and takes what is
 * sent to it.
 */
export const historyOf = async (
  link: RelayLink,
  request: RequestOf<'history'>,
  signal?: AbortSignal,
): Promise<ResponseOf<'history'>> => {
  const { past: _, ...recent } = request
  // Where its past is read depends on which of the two it is.
  const first = request.past === undefined ? request : { ...recent, limit: 1 }
  const page = await link.call('history', first, signal)
  const { joinedTo } = page.session
  if (joinedTo === undefined && first === request) return apart(page)
  const there = { ...request, sessionId: joinedTo ?? request.sessionId }
  return apart(await link.call('history', there, signal))
}

/** What agents wait to be allowed is a person’s to see, and blocks nobody. [HC-3] */
const apart = <Page extends { session: Session }>(page: Page): Page => ({
  ...page,
  session: withoutHeld(page.session),
})

/** All sessions as agents are shown them. */
export const sessionsNow = async (link: RelayLink, signal?: AbortSignal): Promise<Session[]> =>
  (await link.call('sessions', null, signal)).sessions.map(withoutHeld)

/** The session as it stands now. */
export const sessionNow = async (
  link: RelayLink,
  sessionId: SessionId,
  signal?: AbortSignal,
): Promise<Session> => (await historyOf(link, { sessionId, limit: 1 }, signal)).session

export const recentEvents = async (
  link: RelayLink,
  sessionId: SessionId,
  signal?: AbortSignal,
): Promise<ReadBack> => {
  const page = await historyOf(link, { sessionId, limit: RECENT_EVENTS }, signal)
  return { session: page.session, events: readEvents(page) }
}

/** Reads back until it is enough, or there is no more. */
export const readBack = async (
  link: RelayLink,
  sessionId: SessionId,
  isEnough: (events: readonly SessionEvent[]) => boolean,
  signal?: AbortSignal,
): Promise<ReadBack> => {
  let newest: Session | undefined
  let events: SessionEvent[] = []
  for (let pages = 1; ; pages += 1) {
    const before = events[0]?.cursor
    const page = await historyOf(
      link,
      { sessionId, limit: PAGE_EVENTS, ...(before !== undefined && { before }) },
      signal,
    )
    newest ??= page.session
    const read = readEvents(page)
    events = [...read, ...events]
    const isOver = !page.hasMore || read.length === 0 || pages === PAGES_MAX
    if (isOver || isEnough(events)) return { session: newest, events }
  }
}

export const cursorUnknown = () =>
  new ToolRefused(
    'cursor_unknown',
    'No event of this session stands at that cursor (any more). Read the session again.',
  )

/** Where an event stands among others. Refuses with `cursor_unknown`. */
export const placeOf = (events: readonly SessionEvent[], cursor: Cursor): number => {
  const at = events.findIndex((event) => event.cursor === cursor)
  if (at >= 0) return at
  throw cursorUnknown()
}

/** Everything that happened after one of the session’s events, oldest first. [MC-4] */
export const eventsAfter = async (
  link: RelayLink,
  sessionId: SessionId,
  after: Cursor,
  signal?: AbortSignal,
): Promise<ReadBack> => {
  const isThere = (events: readonly SessionEvent[]) => events.some(({ cursor }) => cursor === after)
  const { session, events } = await readBack(link, sessionId, isThere, signal)
  return { session, events: events.slice(placeOf(events, after) + 1) }
}
