import { type DBSchema, type IDBPDatabase, openDB } from 'idb'

/** What a notification was tapped for, left for the app to find when it was not running. */
export type PendingNavigation = { readonly address: string; readonly atMs: number }

interface Schema extends DBSchema {
  /** One key to a record: a browser that cannot read one back must not lose the others with it. */
  keys: { key: string; value: CryptoKey }
  /** Small things by name. */
  kept: { key: string; value: unknown }
  /** Transcripts for reading without a network, by session. */
  transcripts: { key: string; value: { events: unknown[]; hasMore: boolean; atMs: number } }
}

export type Database = IDBPDatabase<Schema>

let opening: Promise<Database> | undefined

/** The app's own database; the page and the service worker share it. */
export function database(): Promise<Database> {
  opening ??= openDB<Schema>('bellhop', 1, {
    upgrade(db) {
      db.createObjectStore('keys')
      db.createObjectStore('kept')
      db.createObjectStore('transcripts')
    },
    terminated() {
      opening = undefined
    },
  })
  opening.catch(() => {
    opening = undefined
  })
  return opening
}

/** Reads a small thing; undefined when there is none or nothing can be read at all. */
export async function recall<Value>(name: string): Promise<Value | undefined> {
  try {
    return (await (await database()).get('kept', name)) as Value | undefined
  } catch {
    return undefined
  }
}

/** Keeps a small thing; answers whether it was kept. */
export async function keep(name: string, value: unknown): Promise<boolean> {
  try {
    await (await database()).put('kept', value, name)
    return true
  } catch {
    return false
  }
}

export async function drop(name: string): Promise<void> {
  try {
    await (await database()).delete('kept', name)
  } catch {
    // Nothing kept is what was wanted.
  }
}

/** Erases everything this app keeps on the phone. */
export async function eraseAll(): Promise<void> {
  const db = await database()
  await Promise.all([db.clear('keys'), db.clear('kept'), db.clear('transcripts')])
}
