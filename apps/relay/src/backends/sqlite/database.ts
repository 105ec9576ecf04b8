import { chmodSync, closeSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { RelayError } from '@bellhop/core'
import { ensurePrivateFolder } from '../../private-folder.ts'
import { MIGRATIONS, type Migration } from './migrations.ts'

/** A connection with what every caller of it needs. */
export interface Database extends Disposable {
  prepare(sql: string): StatementSync
  /** Runs at once and as one: all of it is durable when it returns, or none of it has happened. */
  transaction<Result>(run: () => Result): Result
  /**
   * Runs and has the disk take it before it returns. What is not run so survives the end of this
   * process all the same, but after a power cut the newest of it may not have happened.
   */
  synced<Result>(run: () => Result): Result
}

/** How long to wait for a relay that is just stopping to let go of the file. */
const BUSY_TIMEOUT_MS = 2_000

/**
 * Opens the database file for this process alone, brings it to the newest shape, and makes it and
 * its folder if there are none. Throws `data_folder_unusable`, `database_newer`, `database_broken`
 * or `relay_already_running`; in each case nothing has been changed.
 */
export const openDatabase = (
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Database => {
  makeFile(path)
  try {
    refuseNewer(path, migrations.length)
    const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, defensive: true })
    try {
      // One relay, one file: a second one is refused by the lock and needs no file of its own. [I2]
      db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL')
      // 16 MB are written in order before they are sorted in: rarely enough to hold up few.
      db.exec('PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000')
      db.exec('PRAGMA journal_size_limit = 33554432')
      migrate(db, migrations)
    } catch (error) {
      db.close()
      throw error
    }
    return wrap(db)
  } catch (error) {
    throw refusalOf(error, path)
  }
}

const makeFile = (path: string): void => {
  try {
    ensurePrivateFolder(dirname(path))
    closeSync(openSync(path, 'a', 0o600))
    chmodSync(path, 0o600)
  } catch (error) {
    throw new RelayError('data_folder_unusable', { folder: dirname(path) }, error)
  }
}

/** Looks at the version through a connection that cannot write, so that a refusal leaves no trace. */
const refuseNewer = (path: string, newest: number): void => {
  if (statSync(path).size === 0) return
  const db = new DatabaseSync(placeToRead(path), { readOnly: true, timeout: BUSY_TIMEOUT_MS })
  try {
    const version = versionOf(db)
    if (version > newest) throw new RelayError('database_newer', { path, version, newest })
  } finally {
    db.close()
  }
}

/**
 * Even a reader makes a `-wal` and a `-shm` file and cannot take them away again. Where nothing waits
 * in a `-wal`, the file says all there is, and can be read as one that stays as it is.
 */
const placeToRead = (path: string): string | URL => {
  if (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size) return path
  const place = pathToFileURL(path)
  place.searchParams.set('immutable', '1')
  return place
}

const versionOf = (db: DatabaseSync): number =>
  Number(db.prepare('PRAGMA user_version').get()?.user_version)

const migrate = (db: DatabaseSync, migrations: readonly Migration[]): void => {
  // Taken even when there is nothing to do: it is what makes the file this process's own.
  db.exec('BEGIN EXCLUSIVE; COMMIT')
  for (const [at, step] of migrations.entries()) {
    if (at < versionOf(db)) continue
    db.exec('BEGIN IMMEDIATE')
    if (typeof step === 'string') db.exec(step)
    else step(db)
    db.exec(`PRAGMA user_version = ${at + 1}; COMMIT`)
  }
}

const wrap = (db: DatabaseSync): Database => ({
  prepare: (sql) => {
    try {
      return db.prepare(sql)
    } catch (error) {
      throw refusalOf(error, 'statement')
    }
  },
  transaction: (run) => {
    try {
      db.exec('BEGIN IMMEDIATE')
      const result = run()
      db.exec('COMMIT')
      return result
    } catch (error) {
      // A full disk has already rolled it back.
      if (db.isTransaction) db.exec('ROLLBACK')
      throw refusalOf(error, 'transaction')
    }
  },
  synced: (run) => {
    db.exec('PRAGMA synchronous = FULL')
    try {
      return run()
    } finally {
      db.exec('PRAGMA synchronous = NORMAL')
    }
  },
  [Symbol.dispose]: () => {
    if (db.isOpen) db.close()
  },
})

/** Result codes of SQLite that a person can do something about. */
const REFUSALS = {
  1: 'database_broken', // a table or column is not there
  5: 'relay_already_running', // BUSY
  8: 'data_folder_unusable', // READONLY
  10: 'data_folder_unusable', // IOERR
  11: 'database_broken', // CORRUPT
  13: 'data_folder_unusable', // FULL
  14: 'data_folder_unusable', // CANTOPEN
  26: 'database_broken', // NOTADB
} as const

const refusalOf = (error: unknown, path: string): unknown => {
  const number = (error as { errcode?: unknown } | null)?.errcode
  if (typeof number !== 'number') return error
  const code = REFUSALS[(number & 0xff) as keyof typeof REFUSALS]
  return code ? new RelayError(code, { path, reason: (error as Error).message }, error) : error
}
