import { type Cursor, check, type Session, type SessionId, sessionSchema } from '@bellhop/core'
import { foldSession } from '../stored-event.ts'
import type { Database } from './database.ts'
import { type EventRow, eventOf } from './event-rows.ts'

/** The sessions as rows, and the same in memory; rows that cannot be read are folded anew. [I4] */
export interface SessionTable {
  get(sessionId: SessionId): Session | undefined
  list(): readonly Session[]
  /** Writes rows, inside the transaction of whoever changes them. */
  write(sessions: ReadonlyMap<SessionId, Session>): void
  /** Takes over in memory what has been written for good. */
  keep(sessions: ReadonlyMap<SessionId, Session>): void
  /** Forgets a session's row and what its trimmed events had made of it. */
  remove(sessionId: SessionId): void
  /** What the events that were trimmed had made of a session. */
  base(sessionId: SessionId): Session | undefined
  writeBase(session: Session): void
  /** Throws every session away, folds it anew and writes it. */
  rebuild(): void
  /** Reads memory from the rows again. */
  reload(): void
}

export const createSessionTable = (
  db: Database,
  cursorOf: (position: number) => Cursor,
): SessionTable => {
  const readAll = db.prepare('SELECT session_id, body FROM sessions')
  const writeOne = db.prepare('INSERT OR REPLACE INTO sessions (session_id, body) VALUES (?, ?)')
  const removeOne = db.prepare('DELETE FROM sessions WHERE session_id = ?')
  const removeAll = db.prepare('DELETE FROM sessions')
  const readBase = db.prepare('SELECT body FROM bases WHERE session_id = ?')
  const writeBase = db.prepare('INSERT OR REPLACE INTO bases (session_id, body) VALUES (?, ?)')
  const removeBase = db.prepare('DELETE FROM bases WHERE session_id = ?')
  const events = db.prepare('SELECT * FROM events WHERE session_id = ? ORDER BY position')
  const ids = db.prepare('SELECT session_id FROM events UNION SELECT session_id FROM bases')
  const sessions = new Map<SessionId, Session>()

  const base = (sessionId: SessionId) => readSession(readBase.get(sessionId)?.body)

  function* eventsOf(sessionId: SessionId) {
    for (const row of events.iterate(sessionId) as Iterable<EventRow>) {
      yield eventOf(row, cursorOf(row.position))
    }
  }

  const foldAnew = (sessionId: SessionId): void => {
    const session = foldSession(base(sessionId), eventsOf(sessionId))
    if (!session) return
    writeOne.run(sessionId, JSON.stringify(session))
    sessions.set(sessionId, session)
  }

  const table: SessionTable = {
    get: (sessionId) => sessions.get(sessionId),
    list: () => [...sessions.values()],
    write: (changed) => {
      for (const [sessionId, session] of changed) writeOne.run(sessionId, JSON.stringify(session))
    },
    keep: (changed) => {
      for (const [sessionId, session] of changed) sessions.set(sessionId, session)
    },
    remove: (sessionId) => {
      removeOne.run(sessionId)
      removeBase.run(sessionId)
    },
    base,
    writeBase: (session) => void writeBase.run(session.sessionId, JSON.stringify(session)),
    rebuild: () => {
      removeAll.run()
      sessions.clear()
      for (const row of ids.all()) foldAnew(row.session_id as SessionId)
    },
    reload: () => {
      sessions.clear()
      for (const row of readAll.all()) {
        const sessionId = row.session_id as SessionId
        const session = readSession(row.body)
        if (session) sessions.set(sessionId, session)
        else foldAnew(sessionId)
      }
    },
  }
  table.reload()
  return table
}

const readSession = (body: unknown): Session | undefined => {
  if (typeof body !== 'string') return undefined
  try {
    const read = check(sessionSchema, JSON.parse(body))
    return read.ok ? read.value : undefined
  } catch {
    return undefined
  }
}
