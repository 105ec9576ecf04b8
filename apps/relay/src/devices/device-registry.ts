import type { Agent, DeviceId, PublicKey, Scope } from '@bellhop/core'

/** A paired device as the relay keeps it. */
export type DeviceRecord = {
  deviceId: DeviceId
  name: string
  platform: string
  /** RFC 7638 thumbprint of its key. */
  thumbprint: string
  publicKey: PublicKey
  scopes: readonly Scope[]
  pairedAt: string
  lastSeenAt: string | null
  /** When it was removed; null while it is welcome. A removed device is kept, so that it learns why. */
  revokedAt: string | null
  /** True for the terminal on the relay’s own machine, which lists leave out. */
  local: boolean
  /** Absent on a person’s own device. */
  agent?: Agent
  /** What an agent’s token hashes to. */
  tokenHash?: string
}

/** Who may act. */
export interface DeviceRegistry {
  /** Keeps the device; a record with the same `deviceId` is replaced whole (a key that pairs again). */
  add(device: DeviceRecord): Promise<void>
  get(deviceId: DeviceId): Promise<DeviceRecord | undefined>
  byThumbprint(thumbprint: string): Promise<DeviceRecord | undefined>
  list(): Promise<readonly DeviceRecord[]>
  rename(deviceId: DeviceId, name: string): Promise<void>
  seen(deviceId: DeviceId, at: string): Promise<void>
  revoke(deviceId: DeviceId, at: string): Promise<void>
}

/** Small things the relay must keep to stay itself: its keys. Values are opaque to the backend. */
export interface RelaySecrets {
  get(name: string): Promise<string | undefined>
  /** Stores the value if there is none yet, and answers the one that counts. */
  setOnce(name: string, value: string): Promise<string>
}

/** Remembers what was used, for a time. */
export interface ReplayGuard {
  /** True the first time the key is seen within its life, false ever after. [AU-4] */
  firstUse(key: string, expiresAtMs: number): Promise<boolean>
}
