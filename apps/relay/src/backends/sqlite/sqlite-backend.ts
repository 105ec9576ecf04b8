import type { Clock } from '../../clock.ts'
import type { SourceCheckpoints } from '../../sessions/event-log.ts'
import type { Backend } from '../backend.ts'
import { type Database, openDatabase } from './database.ts'
import { createSqliteAudit } from './sqlite-audit.ts'
import {
  createSqliteDevices,
  createSqliteReplayGuard,
  createSqliteSecrets,
} from './sqlite-devices.ts'
import { createSqliteLedger } from './sqlite-ledger.ts'
import { createSqliteLog, RECENT, type RecentLimits } from './sqlite-log.ts'
import { createSqlitePush } from './sqlite-push.ts'

/**
 * Opens the database at `path`, which holds everything a relay remembers; makes it when there is
 * none. Throws `data_folder_unusable`, `database_newer`, `database_broken` or
 * `relay_already_running`, and has then changed nothing.
 */
export const openSqliteBackend = async (parts: {
  path: string
  clock: Clock
  /** How much of the newest is answered from memory. */
  recent?: RecentLimits
}): Promise<Backend> => {
  const db = openDatabase(parts.path)
  try {
    const { log, sessions, search, ...places } = createSqliteLog(
      db,
      parts.clock,
      parts.recent ?? RECENT,
    )
    const { audit, write } = createSqliteAudit(db)
    return {
      log,
      sessions,
      search,
      checkpoints: createSqliteCheckpoints(db),
      ledger: createSqliteLedger(db, write),
      audit,
      devices: createSqliteDevices(db),
      secrets: createSqliteSecrets(db),
      replay: createSqliteReplayGuard(db, parts.clock),
      push: createSqlitePush(db),
      [Symbol.asyncDispose]: async () => {
        try {
          places[Symbol.dispose]()
        } finally {
          db[Symbol.dispose]()
        }
      },
    }
  } catch (error) {
    db[Symbol.dispose]()
    throw error
  }
}

const createSqliteCheckpoints = (db: Database): SourceCheckpoints => {
  const get = db.prepare('SELECT value FROM checkpoints WHERE source_id = ? AND name = ?')
  const set = db.prepare(
    'INSERT OR REPLACE INTO checkpoints (source_id, name, value) VALUES (?, ?, ?)',
  )
  return {
    get: async (sourceId, key) => get.get(sourceId, key)?.value as string | undefined,
    set: async (sourceId, key, value) => void set.run(sourceId, key, value),
  }
}
