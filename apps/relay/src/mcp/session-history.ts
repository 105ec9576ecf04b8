import {
  type Cursor,
  parseEvent,
  type ResponseOf,
  type Session,
  type SessionEvent,
  type SessionId,
} from '@bellhop/core'
import type { RelayLink } from './relay-link.ts'
import { ToolRefused } from './tool-refused.ts'

const PAGE_EVENTS = 500
const RECENT_EVENTS = 50
/** As far back as a cursor is looked for. [I6] */
const PAGES_MAX = 20

export const readEvents = ({ events }: Pick<ResponseOf<'history'>, 'events'>): SessionEvent[] =>
  events.map(parseEvent).filter((event) => event !== undefined)

/** The session as it stands now. */
export const sessionNow = async (
  link: RelayLink,
  sessionId: SessionId,
  signal?: AbortSignal,
): Promise<Session> => (await link.call('history', { sessionId, limit: 1 }, signal)).session

/** The session as it stands now, and the last that happened in it. */
export const recentEvents = async (
  link: RelayLink,
  sessionId: SessionId,
  signal?: AbortSignal,
): Promise<{ session: Session; events: SessionEvent[] }> => {
  const page = await link.call('history', { sessionId, limit: RECENT_EVENTS }, signal)
  return { session: page.session, events: readEvents(page) }
}

/** Everything that happened after one of the session’s events, oldest first. [MC-4] */
export const eventsAfter = async (
  link: RelayLink,
  sessionId: SessionId,
  after: Cursor,
  signal?: AbortSignal,
): Promise<{ session: Session; events: SessionEvent[] }> => {
  let newest: Session | undefined
  let events: SessionEvent[] = []
  let before: Cursor | undefined
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page = await link.call(
      'history',
      { sessionId, limit: PAGE_EVENTS, ...(before !== undefined && { before }) },
      signal,
    )
    newest ??= page.session
    const read = readEvents(page)
    const at = read.findIndex(({ cursor }) => cursor === after)
    events = [...read.slice(at + 1), ...events]
    if (at >= 0) return { session: newest, events }
    before = read[0]?.cursor
    if (!page.hasMore || before === undefined) break
  }
  throw new ToolRefused(
    'cursor_unknown',
    'No event of this session stands at that cursor any more. Read the session again.',
  )
}
