import type { Cursor, SessionId } from '@bellhop/core'
import type { EventLog } from '../../sessions/event-log.ts'
import { foldSession } from '../stored-event.ts'
import type { Database } from './database.ts'
import { type EventRow, eventOf } from './event-rows.ts'
import type { SearchTable } from './search-table.ts'
import type { SessionTable } from './session-table.ts'

/** How many events go in one transaction, so that nobody waits long for it. [I6] */
const BATCH = 1_000

type Limits = Parameters<EventLog['trim']>[0]

/**
 * Removes one batch of what is over the limits, folding it into its sessions' bases first, and answers
 * the highest place that went. Runs inside a transaction of its caller.
 */
export const createTrim = (
  db: Database,
  parts: { cursorOf: (position: number) => Cursor; table: SessionTable; search: SearchTable },
) => {
  const { cursorOf, table, search } = parts
  const oldest = db.prepare('SELECT * FROM events ORDER BY position LIMIT ?')
  const crowded = db.prepare(
    'SELECT session_id, count(*) AS count FROM events GROUP BY session_id HAVING count(*) > ?',
  )
  const oldestOf = db.prepare('SELECT * FROM events WHERE session_id = ? ORDER BY position LIMIT ?')
  const remove = db.prepare('DELETE FROM events WHERE position = ?')
  const anyOf = db.prepare('SELECT 1 FROM events WHERE session_id = ? LIMIT 1')
  const forgetKeys = db.prepare('DELETE FROM seen WHERE session_id = ?')

  const outdated = (beforeMs: number): EventRow[] => {
    const rows: EventRow[] = []
    for (const row of oldest.iterate(BATCH) as Iterable<EventRow>) {
      // Places are given in the order of time, so the first that is young enough ends it.
      if (row.stored_at >= beforeMs) break
      rows.push(row)
    }
    return rows
  }

  const surplus = (keepPerSession: number): EventRow[] => {
    const rows: EventRow[] = []
    for (const { session_id, count } of crowded.all(keepPerSession)) {
      const room = Math.min(Number(count) - keepPerSession, BATCH - rows.length)
      if (room <= 0) break
      rows.push(...(oldestOf.all(session_id as string, room) as unknown as EventRow[]))
    }
    return rows
  }

  return ({ beforeMs, keepPerSession }: Limits) => {
    const old = outdated(beforeMs)
    const rows = old.length > 0 ? old : surplus(keepPerSession)
    let upTo = 0
    for (const [sessionId, own] of Map.groupBy(rows, (row) => row.session_id as SessionId)) {
      const events = own.map((row) => eventOf(row, cursorOf(row.position)))
      const base = foldSession(table.base(sessionId), events)
      if (base) table.writeBase(base)
      for (const row of own) {
        remove.run(row.position)
        search.remove(row.position)
        upTo = Math.max(upTo, row.position)
      }
      if (base?.status === 'ended' && !anyOf.get(sessionId)) {
        table.remove(sessionId)
        forgetKeys.run(sessionId)
      }
    }
    return { removed: rows.length, more: rows.length > 0, upTo }
  }
}
