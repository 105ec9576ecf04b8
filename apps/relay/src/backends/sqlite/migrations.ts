import type { DatabaseSync } from 'node:sqlite'
import type { Cursor } from '@bellhop/core'
import { type EventRow, eventOf } from './event-rows.ts'
import { createSearchTable } from './search-table.ts'

/** One step, as SQL or as what is done with the database. It runs in a transaction of its caller. */
export type Migration = string | ((db: DatabaseSync) => void)

/**
 * The database's shape, one step after the other; the number of steps taken is its `user_version`.
 * A step that has been released is never changed: what comes later is a step of its own.
 */
export const MIGRATIONS: readonly Migration[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE events (
    position   INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    event_id   TEXT NOT NULL,
    type       TEXT NOT NULL,
    at         TEXT NOT NULL,
    stored_at  INTEGER NOT NULL,
    body       TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_session ON events (session_id, position);

  CREATE TABLE seen (
    session_id TEXT NOT NULL,
    dedupe_key TEXT NOT NULL,
    PRIMARY KEY (session_id, dedupe_key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sessions (session_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE bases (session_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE checkpoints (
    source_id TEXT NOT NULL,
    name      TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (source_id, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE commands (
    taken       INTEGER PRIMARY KEY,
    command_id  TEXT NOT NULL UNIQUE,
    type        TEXT NOT NULL,
    session_id  TEXT NOT NULL,
    device_id   TEXT NOT NULL,
    device_name TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    at          TEXT NOT NULL,
    settled_at  TEXT,
    receipt     TEXT
  ) STRICT;
  CREATE INDEX commands_by_settled ON commands (settled_at);

  CREATE TABLE devices (
    added        INTEGER PRIMARY KEY,
    device_id    TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    platform     TEXT NOT NULL,
    thumbprint   TEXT NOT NULL,
    public_key   TEXT NOT NULL,
    scopes       TEXT NOT NULL,
    paired_at    TEXT NOT NULL,
    last_seen_at TEXT,
    revoked_at   TEXT,
    local        INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX devices_by_thumbprint ON devices (thumbprint);

  CREATE TABLE secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE used_keys (key TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX used_keys_by_end ON used_keys (expires_at);

  CREATE TABLE push_subscriptions (
    device_id    TEXT PRIMARY KEY,
    subscription TEXT NOT NULL,
    level        TEXT NOT NULL,
    last         TEXT
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE audit (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    at           TEXT NOT NULL,
    command_id   TEXT NOT NULL,
    command_type TEXT NOT NULL,
    session_id   TEXT,
    device_id    TEXT NOT NULL,
    device_name  TEXT NOT NULL,
    about        TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_command ON audit (command_id);
  CREATE INDEX audit_by_device ON audit (device_id, number);

  CREATE TABLE audit_outcomes (
    number     INTEGER PRIMARY KEY REFERENCES audit (number) ON DELETE CASCADE,
    at         TEXT NOT NULL,
    state      TEXT NOT NULL,
    code       TEXT,
    text       TEXT,
    session_id TEXT
  ) STRICT;

  CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
  BEGIN SELECT RAISE(ABORT, 'what was written down is not changed'); END;
  CREATE TRIGGER audit_outcomes_stay BEFORE UPDATE ON audit_outcomes
  BEGIN SELECT RAISE(ABORT, 'what was written down is not changed'); END;

  INSERT INTO audit (at, command_id, command_type, session_id, device_id, device_name, about)
  SELECT at, command_id, type, session_id, device_id, device_name, '' FROM commands ORDER BY taken;
  INSERT INTO audit_outcomes (number, at, state, code, text)
  SELECT audit.number, commands.settled_at, receipt ->> 'state', receipt ->> 'code', receipt ->> 'text'
  FROM commands JOIN audit USING (command_id) WHERE receipt IS NOT NULL;
  `,
  (db) => {
    // Keeps no text of its own: what was said is read from the events.
    db.exec(
      `CREATE VIRTUAL TABLE search USING fts5 (
         tags, words, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
       )`,
    )
    // Sorts what was appended together in larger steps: less often, so that an append seldom pays for it.
    db.exec("INSERT INTO search (search, rank) VALUES ('automerge', 16)")
    const search = createSearchTable(db)
    for (const row of db.prepare('SELECT * FROM events ORDER BY position').iterate()) {
      const event = row as unknown as EventRow
      search.add(event.position, eventOf(event, NOWHERE))
    }
  },
  `
  ALTER TABLE devices ADD COLUMN agent TEXT;
  ALTER TABLE devices ADD COLUMN token_hash TEXT;
  `,
  `
  ALTER TABLE commands ADD COLUMN agent_depth INTEGER;
  ALTER TABLE audit ADD COLUMN agent_depth INTEGER;
  `,
]

/** The words of an event do not depend on its place. */
const NOWHERE = 'none.0' as Cursor
