import {
  type Agent,
  agentSchema,
  check,
  type DeviceId,
  type PublicKey,
  publicKeySchema,
  type Scope,
  scopesSchema,
} from '@bellhop/core'
import type { Clock } from '../../clock.ts'
import type {
  DeviceRecord,
  DeviceRegistry,
  RelaySecrets,
  ReplayGuard,
} from '../../devices/device-registry.ts'
import type { Database } from './database.ts'

type Row = {
  device_id: string
  name: string
  platform: string
  thumbprint: string
  public_key: string
  scopes: string
  paired_at: string
  last_seen_at: string | null
  revoked_at: string | null
  local: number
  agent: string | null
  token_hash: string | null
}

/** Devices in a database. */
export const createSqliteDevices = (db: Database): DeviceRegistry => {
  const columns =
    'device_id, name, platform, thumbprint, public_key, scopes, paired_at, last_seen_at, revoked_at, local, agent, token_hash'
  const add = db.prepare(
    `INSERT INTO devices (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (device_id) DO UPDATE SET name = excluded.name, platform = excluded.platform,
       thumbprint = excluded.thumbprint, public_key = excluded.public_key, scopes = excluded.scopes,
       paired_at = excluded.paired_at, last_seen_at = excluded.last_seen_at,
       revoked_at = excluded.revoked_at, local = excluded.local, agent = excluded.agent,
       token_hash = excluded.token_hash`,
  )
  const get = db.prepare('SELECT * FROM devices WHERE device_id = ?')
  const byThumbprint = db.prepare(
    'SELECT * FROM devices WHERE thumbprint = ? ORDER BY added DESC LIMIT 1',
  )
  const list = db.prepare('SELECT * FROM devices ORDER BY added')
  const rename = db.prepare('UPDATE devices SET name = ? WHERE device_id = ?')
  const seen = db.prepare('UPDATE devices SET last_seen_at = ? WHERE device_id = ?')
  const revoke = db.prepare(
    'UPDATE devices SET revoked_at = ? WHERE device_id = ? AND revoked_at IS NULL',
  )
  return {
    add: async (device) =>
      db.synced(
        () =>
          void add.run(
            device.deviceId,
            device.name,
            device.platform,
            device.thumbprint,
            JSON.stringify(device.publicKey),
            JSON.stringify(device.scopes),
            device.pairedAt,
            device.lastSeenAt,
            device.revokedAt,
            device.local ? 1 : 0,
            device.agent ? JSON.stringify(device.agent) : null,
            device.tokenHash ?? null,
          ),
      ),
    get: async (deviceId) => deviceOf(get.get(deviceId)),
    byThumbprint: async (thumbprint) => deviceOf(byThumbprint.get(thumbprint)),
    list: async () =>
      list
        .all()
        .map(deviceOf)
        .filter((device) => device !== undefined),
    rename: async (deviceId, name) => void rename.run(name, deviceId),
    seen: async (deviceId, at) => void seen.run(at, deviceId),
    revoke: async (deviceId, at) => db.synced(() => void revoke.run(at, deviceId)),
  }
}

/** A device whose key cannot be read is nobody: it has to pair again. */
const deviceOf = (value: unknown): DeviceRecord | undefined => {
  const row = value as Row | undefined
  const publicKey = row && read<PublicKey>(publicKeySchema, row.public_key)
  const scopes = row && read<Scope[]>(scopesSchema, row.scopes)
  const agent = row?.agent ? read<Agent>(agentSchema, row.agent) : null
  // An agent that cannot be read as one must not come back as somebody’s hand.
  if (!publicKey || !scopes || agent === undefined) return undefined
  return {
    deviceId: row.device_id as DeviceId,
    name: row.name,
    platform: row.platform,
    thumbprint: row.thumbprint,
    publicKey,
    scopes,
    pairedAt: row.paired_at,
    lastSeenAt: row.last_seen_at,
    revokedAt: row.revoked_at,
    local: row.local === 1,
    ...(agent && { agent }),
    ...(row.token_hash !== null && { tokenHash: row.token_hash }),
  }
}

const read = <Value>(schema: Parameters<typeof check>[0], text: string): Value | undefined => {
  try {
    const found = check(schema, JSON.parse(text))
    return found.ok ? (found.value as Value) : undefined
  } catch {
    return undefined
  }
}

export const createSqliteSecrets = (db: Database): RelaySecrets => {
  const get = db.prepare('SELECT value FROM secrets WHERE name = ?')
  const add = db.prepare('INSERT OR IGNORE INTO secrets (name, value) VALUES (?, ?)')
  const kept = (name: string) => get.get(name)?.value as string | undefined
  return {
    get: async (name) => kept(name),
    setOnce: async (name, value) => {
      db.synced(() => add.run(name, value))
      return kept(name) ?? value
    },
  }
}

/** Used keys in a database. A key lives minutes, so no call waits for the disk. */
export const createSqliteReplayGuard = (db: Database, clock: Clock): ReplayGuard => {
  const sweep = db.prepare('DELETE FROM used_keys WHERE expires_at <= ?')
  const use = db.prepare('INSERT OR IGNORE INTO used_keys (key, expires_at) VALUES (?, ?)')
  return {
    firstUse: async (key, expiresAtMs) => {
      sweep.run(Math.floor(clock.nowMs()))
      return use.run(key, Math.floor(expiresAtMs)).changes > 0
    },
  }
}
