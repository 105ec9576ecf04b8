import {
  type Cursor,
  RelayError,
  readAgentWords,
  type SearchAnswer,
  type SearchHit,
  type SearchKind,
  type SearchRequest,
  type Session,
  type SessionEvent,
  type SessionId,
} from '@bellhop/core'
import type { SessionIndex } from './event-log.ts'
import { readQuery, type SearchQuery, snippetOf } from './search-words.ts'
import { searchableOf } from './searchable-text.ts'

/** The events of the log by their words. It says what the log says: filled and trimmed with it. [I4] */
export interface SearchIndex {
  /** At most `limit` events that fit all of a query, the newest first. */
  find(range: {
    query: SearchQuery
    sessionIds?: readonly SessionId[]
    kinds?: readonly SearchKind[]
    before?: Cursor
    limit: number
  }): Promise<{
    found: readonly { cursor: Cursor; sessionId: SessionId }[]
    hasMore: boolean
  }>
  /** The events at these places that are still there. */
  eventsAt(cursors: readonly Cursor[]): Promise<readonly SessionEvent[]>
}

/** Finds words in all transcripts. */
export interface TranscriptSearch {
  /** Throws `session_not_found` for a session that is not known. */
  search(request: SearchRequest): Promise<SearchAnswer>
}

/** Events looked at for one answer: enough to count what a person cares to count. [I6] */
const LOOKED_AT = 2_000
const HITS_OF_EACH = 3
const MOST_JOINS = 5
const CODE: ReadonlySet<SearchKind> = new Set(['command', 'change', 'read', 'tool', 'output'])

type Group = { sessionId: SessionId; places: number; cursors: Cursor[] }

export const createTranscriptSearch = (parts: {
  index: SearchIndex
  sessions: Pick<SessionIndex, 'list'>
  /** Events looked at for one answer. */
  lookedAt?: number
}): TranscriptSearch => {
  const { index, lookedAt = LOOKED_AT } = parts
  return {
    search: async ({ words, sessionId, kinds, before, limit }) => {
      const { sessions } = await parts.sessions.list()
      const known = new Map(sessions.map((session) => [session.sessionId, session]))
      if (sessionId !== undefined && !known.has(sessionId)) {
        throw new RelayError('session_not_found', { sessionId })
      }
      const shown = sessionId === undefined ? undefined : shownFor(known, sessionId)
      const sessionIds = shown && [...known.keys()].filter((one) => shownFor(known, one) === shown)
      const searched = shown ? 1 : sessions.filter((one) => one.joinedTo === undefined).length
      const query = readQuery(words)
      if (query.length === 0) return { sessions: [], searched }
      const { found, hasMore } = await index.find({
        query,
        ...(sessionIds && { sessionIds }),
        ...(kinds && { kinds }),
        ...(before && { before }),
        limit: lookedAt,
      })
      const each = shown ? limit : HITS_OF_EACH
      const { groups, next } = inGroups(found, {
        limit,
        each,
        shownFor: (one) => shownFor(known, one),
      })
      const events = await index.eventsAt(groups.flatMap(({ cursors }) => cursors))
      const byCursor = new Map(events.map((event) => [event.cursor, event]))
      const end = next ?? (hasMore ? found.at(-1)?.cursor : undefined)
      return {
        sessions: groups.map(({ sessionId: id, places, cursors }) => ({
          sessionId: id,
          places,
          hits: cursors.flatMap((cursor) => hitOf(byCursor.get(cursor), query) ?? []),
        })),
        searched,
        ...(end !== undefined && { next: end }),
      }
    },
  }
}

/** Sorts what was found by the session it is shown under, until there are enough hits to show. [SE-4] */
const inGroups = (
  found: readonly { cursor: Cursor; sessionId: SessionId }[],
  bounds: { limit: number; each: number; shownFor: (sessionId: SessionId) => SessionId },
): { groups: readonly Group[]; next?: Cursor } => {
  const groups = new Map<SessionId, Group>()
  let hits = 0
  let last: Cursor | undefined
  for (const { cursor, sessionId } of found) {
    const shown = bounds.shownFor(sessionId)
    const group = groups.get(shown) ?? { sessionId: shown, places: 0, cursors: [] }
    if (group.cursors.length < bounds.each) {
      if (hits === bounds.limit)
        return { groups: [...groups.values()], ...(last && { next: last }) }
      group.cursors.push(cursor)
      hits += 1
    } else if (bounds.each === bounds.limit) {
      return { groups: [...groups.values()], ...(last && { next: last }) }
    }
    group.places += 1
    groups.set(shown, group)
    last = cursor
  }
  return { groups: [...groups.values()] }
}

const hitOf = (event: SessionEvent | undefined, query: SearchQuery): SearchHit | undefined => {
  const words = event && searchableOf(event)
  if (!words) return undefined
  const { sessionId, eventId, cursor, at } = event
  const agent = event.type === 'message.person' ? readAgentWords(event.text) : undefined
  return {
    sessionId,
    eventId,
    cursor,
    at,
    kind: words.kind,
    ...('deviceName' in event && event.deviceName && { deviceName: event.deviceName }),
    ...(agent && { agentName: agent.agentName }),
    ...snippetOf(query, words.text, { isCode: CODE.has(words.kind) }),
  }
}

/** The session one is shown under, as far as it is known. [EV-7] */
const shownFor = (known: ReadonlyMap<SessionId, Session>, sessionId: SessionId): SessionId => {
  let at = sessionId
  for (let joins = 0; joins < MOST_JOINS; joins++) {
    const into = known.get(at)?.joinedTo
    if (into === undefined || !known.has(into)) break
    at = into
  }
  return at
}
