import {
  type Cursor,
  check,
  cursorSchema,
  emptyTranscript,
  parseEvent,
  type ResponseOf,
  reduceTranscript,
  type Session,
  type SessionEvent,
  type SessionId,
  type TranscriptRow,
} from '@bellhop/core'
import type { RelayClient } from '@bellhop/core/client'
import { UsageError } from './explain.ts'

/** Events that are asked for at once, and how often at most: a row may be many events. [I6] */
const PAGE = 300
const PAGES_MAX = 60
const PAST = 'past:'

/** A piece of a conversation, and how to ask for the one before it. */
export type Page = {
  session: Session
  rows: readonly TranscriptRow[]
  /** Takes up where these rows begin; absent at the very beginning. */
  older?: string
  /** What the page is true at; the stream goes on from here. */
  cursor: Cursor
}

type Place = { before?: Cursor; past?: string }

const placeOf = (older: string | undefined): Place => {
  if (older === undefined) return {}
  if (older.startsWith(PAST)) return { past: older.slice(PAST.length) }
  const cursor = check(cursorSchema, older)
  if (!cursor.ok) throw new UsageError('--before takes what `read` wrote behind it.')
  return { before: cursor.value }
}

/** Reads the newest rows of a session, or those before a place; what lies before the log too. */
export const readBack = async (
  client: RelayClient,
  sessionId: SessionId,
  range: { last: number; older?: string | undefined },
): Promise<Page> => {
  let place: Place | undefined = placeOf(range.older)
  let events: SessionEvent[] = []
  let first: { session: Session; cursor: Cursor } | undefined
  let rows: readonly TranscriptRow[] = []
  for (let pages = 0; place && rows.length <= range.last && pages < PAGES_MAX; pages++) {
    const page: ResponseOf<'history'> = await client.call('history', {
      sessionId,
      limit: PAGE,
      ...place,
    })
    first ??= page
    events = [...page.events.map(parseEvent).filter((event) => event !== undefined), ...events]
    rows = reduceTranscript(emptyTranscript, events).rows
    const before = events[0]?.cursor
    if (page.hasMore && before) place = { before }
    else place = page.past === undefined ? undefined : { past: page.past }
  }
  if (!first) throw new TypeError('no page was read')
  const shown = rows.slice(-range.last)
  const isCut = shown.length < rows.length
  const start = shown[0]?.cursor
  // What stands before the log has no place of its own, so such a page is shown whole.
  const isPast = start?.endsWith('.0') === true
  const older =
    isCut && start && !isPast ? start : place && (place.before ?? `${PAST}${place.past}`)
  return {
    session: first.session,
    cursor: first.cursor,
    rows: isPast ? rows : shown,
    ...(older !== undefined && { older }),
  }
}
