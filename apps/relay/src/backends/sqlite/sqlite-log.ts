import type { Cursor, KnownEvent, Session, SessionId } from '@bellhop/core'
import type { Clock } from '../../clock.ts'
import type { EventLog, LogPage, SessionIndex, StampedDraft } from '../../sessions/event-log.ts'
import type { SearchIndex } from '../../sessions/transcript-search.ts'
import { createListeners } from '../listeners.ts'
import { cursorAt, newLogId, positionOf } from '../log-position.ts'
import { foldSession, storedEvent } from '../stored-event.ts'
import type { Database } from './database.ts'
import { bodyOf, type EventRow, eventOf } from './event-rows.ts'
import { createRecentEvents } from './recent-events.ts'
import { createSearchTable } from './search-table.ts'
import { createSessionTable } from './session-table.ts'
import { createTrim } from './trim.ts'

/** How much of the newest is kept at hand. [I6] */
export type RecentLimits = { events: number; chars: number }
export const RECENT: RecentLimits = { events: 512, chars: 1_000_000 }
/** Places set aside at a time. */
const AHEAD = 10_000
/** A page read from disk ends here even when more was asked for, so that it never fills the memory. */
const PAGE_CHARS = 1_000_000

/** The log and its sessions in a database that this process has for itself. */
export const createSqliteLog = (
  db: Database,
  clock: Clock,
  limits: RecentLimits,
): { log: EventLog; sessions: SessionIndex; search: SearchIndex } & Disposable => {
  const meta = metaTable(db)
  const logId = meta.setOnce('log_id', newLogId())
  let floor = Number(meta.get('floor') ?? 0)
  // Places up to here may have been told to readers. After a power cut the events that stood there
  // may be gone, and others must not take their places. [ST-1]
  let ceiling = Number(meta.get('ceiling') ?? 0)
  let head = ceiling

  const cursorOf = (position: number): Cursor => cursorAt(logId, position)
  const listeners = createListeners()
  const recent = createRecentEvents(limits)
  const table = createSessionTable(db, cursorOf)
  const words = createSearchTable(db)
  const trim = createTrim(db, { cursorOf, table, search: words })

  const see = db.prepare('INSERT OR IGNORE INTO seen (session_id, dedupe_key) VALUES (?, ?)')
  const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)')
  const from = 'SELECT * FROM events WHERE'
  const readAll = db.prepare(`${from} position > ? ORDER BY position LIMIT ?`)
  const readSome = db.prepare(
    `${from} position > ? AND session_id IN (SELECT value FROM json_each(?)) ORDER BY position LIMIT ?`,
  )
  const readThese = db.prepare(
    `${from} position IN (SELECT value FROM json_each(?)) ORDER BY position`,
  )
  const readOlder = db.prepare(
    `${from} session_id = ? AND position < ? ORDER BY position DESC LIMIT ?`,
  )

  const store = (drafts: readonly StampedDraft[]) => {
    const events: { event: KnownEvent; body: string }[] = []
    const changed = new Map<SessionId, Session>()
    const storedAtMs = clock.nowMs()
    for (const draft of drafts) {
      const { sessionId } = draft
      if (see.run(sessionId, draft.dedupeKey).changes === 0) continue
      const position = head + events.length + 1
      const event = storedEvent(draft, cursorOf(position))
      const body = bodyOf(event)
      insert.run(position, sessionId, event.eventId, event.type, event.at, storedAtMs, body)
      words.add(position, event)
      events.push({ event, body })
      const next = foldSession(changed.get(sessionId) ?? table.get(sessionId), [event])
      if (next) changed.set(sessionId, next)
    }
    table.write(changed)
    return { events, changed }
  }

  const setAside = (upTo: number): void => {
    db.synced(() => meta.set('ceiling', String(upTo)))
    ceiling = upTo
  }

  /** Reads rows until there are enough of them or they are too large to hold. */
  const readRows = (rows: Iterable<unknown>, limit: number, position: number): LogPage => {
    const events = []
    let end = position
    let chars = 0
    for (const row of rows as Iterable<EventRow>) {
      if (events.length === limit || (chars > PAGE_CHARS && events.length > 0)) {
        return { events, cursor: cursorOf(end), hasMore: true, reset: false }
      }
      events.push(eventOf(row, cursorOf(row.position)))
      chars += row.body.length
      end = row.position
    }
    return { events, cursor: cursorOf(head), hasMore: false, reset: false }
  }

  const log: EventLog = {
    append: async (drafts) => {
      if (head + drafts.length > ceiling) setAside(head + drafts.length + AHEAD)
      const { events, changed } = db.transaction(() => store(drafts))
      // Only now that all of it is durable does anything in memory follow. [I1]
      table.keep(changed)
      for (const { event, body } of events) {
        head += 1
        recent.push(head, event, body.length)
      }
      if (events.length > 0) listeners.run()
      return events.map(({ event }) => event)
    },
    read: async ({ after, sessionIds, limit }) => {
      const position = positionOf(logId, after)
      if (position === undefined || position < floor || position > head) {
        return { events: [], cursor: cursorOf(head), hasMore: false, reset: true }
      }
      if (position === head) {
        return { events: [], cursor: after, hasMore: false, reset: false }
      }
      const near = recent.after(position, limit, sessionIds && new Set(sessionIds))
      if (!near) {
        const rows = sessionIds
          ? readSome.iterate(position, JSON.stringify(sessionIds), limit + 1)
          : readAll.iterate(position, limit + 1)
        return readRows(rows, limit, position)
      }
      const end = near.hasMore ? (near.found.at(-1)?.position ?? position) : head
      const events = near.found.map((one) => one.event)
      return { events, cursor: cursorOf(end), hasMore: near.hasMore, reset: false }
    },
    readBack: async ({ sessionId, before, limit }) => {
      const end = before === undefined ? head + 1 : positionOf(logId, before)
      if (end === undefined) return { events: [], hasMore: false }
      const page = readRows(readOlder.iterate(sessionId, end, limit + 1), limit, end)
      return { events: page.events.toReversed(), hasMore: page.hasMore }
    },
    head: async () => cursorOf(head),
    onAppend: listeners.add,
    trim: async (range) => {
      const { removed, more, upTo } = db.transaction(() => {
        const done = trim(range)
        meta.set('floor', String(Math.max(floor, done.upTo)))
        return done
      })
      floor = Math.max(floor, upTo)
      table.reload()
      return { removed, more }
    },
  }

  return {
    log,
    sessions: {
      list: async () => ({ sessions: table.list(), cursor: cursorOf(head) }),
      get: async (sessionId) => table.get(sessionId),
      rebuild: async () => {
        try {
          db.transaction(() => table.rebuild())
        } finally {
          table.reload()
        }
      },
    },
    search: {
      find: async ({ query, sessionIds, kinds, before, limit }) => {
        const end = before === undefined ? head + 1 : positionOf(logId, before)
        if (end === undefined) return { found: [], hasMore: false }
        const places = words.find({ query, sessionIds, kinds, before: end, limit: limit + 1 })
        const found = places
          .slice(0, limit)
          .map((one) => ({ cursor: cursorOf(one.position), sessionId: one.session_id }))
        return { found, hasMore: places.length > limit }
      },
      eventsAt: async (cursors) => {
        const positions = cursors.map((cursor) => positionOf(logId, cursor) ?? 0)
        const rows = readThese.all(JSON.stringify(positions)) as unknown as EventRow[]
        return rows.map((row) => eventOf(row, cursorOf(row.position)))
      },
    },
    /** Gives back the places that were set aside and not used. */
    [Symbol.dispose]: () => {
      if (ceiling !== head) setAside(head)
    },
  }
}

const metaTable = (db: Database) => {
  const get = db.prepare('SELECT value FROM meta WHERE name = ?')
  const set = db.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)')
  const add = db.prepare('INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)')
  const read = (name: string) => get.get(name)?.value as string | undefined
  return {
    get: read,
    set: (name: string, value: string) => void set.run(name, value),
    setOnce: (name: string, value: string): string => {
      add.run(name, value)
      return read(name) ?? value
    },
  }
}
