/**
 * The database's shape, one step after the other; the number of steps taken is its `user_version`.
 * A step that has been released is never changed: what comes later is a step of its own.
 */
export const MIGRATIONS: readonly string[] = [
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
]
