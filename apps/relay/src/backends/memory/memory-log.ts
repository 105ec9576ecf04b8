import type { Session, SessionEvent, SessionId } from '@bellhop/core'
import type { Clock } from '../../clock.ts'
import type { EventLog, SessionIndex, StampedDraft } from '../../sessions/event-log.ts'
import { fits } from '../../sessions/search-words.ts'
import { searchableOf } from '../../sessions/searchable-text.ts'
import type { SearchIndex } from '../../sessions/transcript-search.ts'
import { createListeners } from '../listeners.ts'
import { cursorAt, newLogId, positionOf } from '../log-position.ts'
import { foldSession, storedEvent } from '../stored-event.ts'

type Kept = { position: number; storedAtMs: number; event: SessionEvent }

/** A log and its sessions, as long as the process lives. */
export const createMemoryLog = (
  clock: Clock,
): { log: EventLog; sessions: SessionIndex; search: SearchIndex } => {
  const logId = newLogId()
  const listeners = createListeners()
  let kept: Kept[] = []
  let head = 0
  let floor = 0
  const seen = new Map<SessionId, Set<string>>()
  const sessions = new Map<SessionId, Session>()
  /** What the events that were trimmed had made of a session. */
  const bases = new Map<SessionId, Session>()

  const eventsOf = (sessionId: SessionId): SessionEvent[] =>
    kept.filter((one) => one.event.sessionId === sessionId).map((one) => one.event)

  const isNew = (draft: StampedDraft, taken: Set<string>): boolean => {
    const key = `${draft.sessionId} ${draft.dedupeKey}`
    if (seen.get(draft.sessionId)?.has(draft.dedupeKey) || taken.has(key)) return false
    taken.add(key)
    return true
  }

  const log: EventLog = {
    append: async (drafts) => {
      const storedAtMs = clock.nowMs()
      const taken = new Set<string>()
      const fresh = drafts.filter((draft) => isNew(draft, taken))
      const events = fresh.map((draft, at) => storedEvent(draft, cursorAt(logId, head + at + 1)))
      const changed = new Map<SessionId, Session>()
      for (const event of events) {
        const { sessionId } = event
        const next = foldSession(changed.get(sessionId) ?? sessions.get(sessionId), [event])
        if (next) changed.set(sessionId, next)
      }
      // Nothing above has changed anything, so that whatever throws leaves the log as it was. [I1]
      for (const event of events) kept.push({ position: ++head, storedAtMs, event })
      for (const draft of fresh) {
        const keys = seen.get(draft.sessionId) ?? new Set()
        seen.set(draft.sessionId, keys.add(draft.dedupeKey))
      }
      for (const [sessionId, session] of changed) sessions.set(sessionId, session)
      if (events.length > 0) listeners.run()
      return events
    },
    read: async ({ after, sessionIds, limit }) => {
      const position = positionOf(logId, after)
      if (position === undefined || position < floor || position > head) {
        return { events: [], cursor: cursorAt(logId, head), hasMore: false, reset: true }
      }
      const wanted = sessionIds && new Set(sessionIds)
      const found: Kept[] = []
      for (let at = firstAfter(kept, position); at < kept.length && found.length <= limit; at++) {
        const one = kept[at]
        if (one && (!wanted || wanted.has(one.event.sessionId))) found.push(one)
      }
      const hasMore = found.length > limit
      const page = hasMore ? found.slice(0, limit) : found
      const end = hasMore ? (page.at(-1)?.position ?? position) : head
      return {
        events: page.map((one) => one.event),
        cursor: cursorAt(logId, end),
        hasMore,
        reset: false,
      }
    },
    readBack: async ({ sessionId, before, limit }) => {
      const end = before === undefined ? head + 1 : positionOf(logId, before)
      if (end === undefined) return { events: [], hasMore: false }
      const older = kept
        .filter((one) => one.event.sessionId === sessionId && one.position < end)
        .map((one) => one.event)
      return { events: older.slice(-limit), hasMore: older.length > limit }
    },
    head: async () => cursorAt(logId, head),
    onAppend: listeners.add,
    trim: async ({ keepPerSession, beforeMs }) => {
      const newer = new Map<SessionId, number>()
      const gone = new Set<Kept>()
      for (const one of kept.toReversed()) {
        const count = newer.get(one.event.sessionId) ?? 0
        newer.set(one.event.sessionId, count + 1)
        if (count >= keepPerSession || one.storedAtMs < beforeMs) gone.add(one)
      }
      for (const one of gone) {
        floor = Math.max(floor, one.position)
      }
      for (const one of kept) {
        if (!gone.has(one)) continue
        const { sessionId } = one.event
        const base = foldSession(bases.get(sessionId), [one.event])
        if (base) bases.set(sessionId, base)
      }
      kept = kept.filter((one) => !gone.has(one))
      for (const [sessionId, session] of sessions) {
        if (session.status !== 'ended' || eventsOf(sessionId).length > 0) continue
        for (const map of [sessions, bases, seen]) map.delete(sessionId)
      }
      return { removed: gone.size, more: false }
    },
  }

  return {
    log,
    search: {
      find: async ({ query, sessionIds, kinds, before, limit }) => {
        const end = before === undefined ? head + 1 : positionOf(logId, before)
        if (end === undefined) return { found: [], hasMore: false }
        const all = kept.filter(({ position, event }) => {
          const words = searchableOf(event)
          return (
            words !== undefined &&
            position < end &&
            (!sessionIds || sessionIds.includes(event.sessionId)) &&
            (!kinds || kinds.includes(words.kind)) &&
            fits(query, words.text)
          )
        })
        const found = all
          .slice(-limit)
          .reverse()
          .map(({ event: { cursor, sessionId } }) => ({ cursor, sessionId }))
        return { found, hasMore: all.length > limit }
      },
      eventsAt: async (cursors) => {
        const wanted = new Set(cursors)
        return kept.filter(({ event }) => wanted.has(event.cursor)).map(({ event }) => event)
      },
    },
    sessions: {
      list: async () => ({ sessions: [...sessions.values()], cursor: cursorAt(logId, head) }),
      get: async (sessionId) => sessions.get(sessionId),
      rebuild: async () => {
        sessions.clear()
        for (const sessionId of seen.keys()) {
          const session = foldSession(bases.get(sessionId), eventsOf(sessionId))
          if (session) sessions.set(sessionId, session)
        }
      },
    },
  }
}

/** Where the first event after a position stands; the events are in the order of their positions. */
const firstAfter = (kept: readonly Kept[], position: number): number => {
  let low = 0
  let high = kept.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((kept[middle]?.position ?? 0) > position) high = middle
    else low = middle + 1
  }
  return low
}
