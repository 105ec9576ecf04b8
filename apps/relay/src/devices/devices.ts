import {
  type Agent,
  type Device,
  type DeviceId,
  newDeviceId,
  type PublicKey,
  RelayError,
  type Scope,
} from '@bellhop/core'
import { type Clock, isoTime } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { DeviceRecord, DeviceRegistry } from './device-registry.ts'

/** How exactly `lastSeenAt` is kept; every call would be a write otherwise. */
const SEEN_EVERY_MS = 60_000

/** A key about to become a device. */
export type Enrolment = {
  publicKey: PublicKey
  thumbprint: string
  name: string
  platform: string
  scopes: readonly Scope[]
  local: boolean
  agent?: Agent
  tokenHash?: string
}

/**
 * Who is paired, answered from memory so that every call can ask, and kept by the registry. A
 * removed device is still found: it learns why it is refused.
 */
export type Devices = {
  get(deviceId: DeviceId): DeviceRecord | undefined
  byThumbprint(thumbprint: string): DeviceRecord | undefined
  /** The agent whose token hashes to this, removed or not. */
  byTokenHash(hash: string): DeviceRecord | undefined
  /** The paired devices, without this machine's own terminal and without removed ones. */
  list(): readonly DeviceRecord[]
  /** Lets a key in. A key that was in before stays the same device, with what it is granted now. */
  enrol(enrolment: Enrolment): Promise<DeviceRecord>
  /** Lets an agent in; refuses with `name_taken` while one of this name is in. [MC-1] */
  addAgent(agent: Enrolment & { agent: Agent; tokenHash: string }): Promise<DeviceRecord>
  /** Refuses with `device_not_found` what is no agent that is in. */
  setAgent(deviceId: DeviceId, agent: Agent): Promise<DeviceRecord>
  rename(deviceId: DeviceId, name: string): Promise<DeviceRecord>
  /** Removes the device before it resolves, and tells every `onRevoked` listener at once. [AU-8] */
  revoke(deviceId: DeviceId): Promise<void>
  onRevoked(listener: (deviceId: DeviceId) => void): Disposable
  /** Notes that the device called just now. Never throws, never waits. */
  seen(deviceId: DeviceId): void
}

export const createDevices = async (parts: {
  registry: DeviceRegistry
  clock: Clock
  logger: Logger
}): Promise<Devices> => {
  const { registry, clock, logger } = parts
  const byId = new Map<DeviceId, DeviceRecord>()
  const idByThumbprint = new Map<string, DeviceId>()
  const idByTokenHash = new Map<string, DeviceId>()
  const listeners = new Set<(deviceId: DeviceId) => void>()

  const keep = (device: DeviceRecord) => {
    byId.set(device.deviceId, device)
    idByThumbprint.set(device.thumbprint, device.deviceId)
    if (device.tokenHash !== undefined) idByTokenHash.set(device.tokenHash, device.deviceId)
    return device
  }
  for (const device of await registry.list()) keep(device)

  const byThumbprint = (thumbprint: string) => {
    const deviceId = idByThumbprint.get(thumbprint)
    return deviceId && byId.get(deviceId)
  }

  const paired = (deviceId: DeviceId): DeviceRecord => {
    const device = byId.get(deviceId)
    if (!device || device.revokedAt !== null) throw new RelayError('device_not_found')
    return device
  }

  const enrol: Devices['enrol'] = async (enrolment) => {
    const device: DeviceRecord = {
      ...enrolment,
      deviceId: byThumbprint(enrolment.thumbprint)?.deviceId ?? newDeviceId(),
      pairedAt: isoTime(clock.nowMs()),
      lastSeenAt: null,
      revokedAt: null,
    }
    await registry.add(device)
    return keep(device)
  }

  /** Names about to be taken, so that of two at the same moment only one gets in. */
  const entering = new Set<string>()

  return {
    get: (deviceId) => byId.get(deviceId),
    byThumbprint,
    byTokenHash: (hash) => {
      const deviceId = idByTokenHash.get(hash)
      const device = deviceId && byId.get(deviceId)
      return device?.tokenHash === hash ? device : undefined
    },
    list: () => [...byId.values()].filter((device) => !device.local && device.revokedAt === null),

    enrol,

    addAgent: async (enrolment) => {
      const { name } = enrolment
      const isTaken = [...byId.values()].some(
        (device) => device.agent && device.name === name && device.revokedAt === null,
      )
      if (isTaken || entering.has(name)) throw new RelayError('name_taken', { name })
      entering.add(name)
      try {
        return await enrol(enrolment)
      } finally {
        entering.delete(name)
      }
    },

    setAgent: async (deviceId, agent) => {
      if (!paired(deviceId).agent) throw new RelayError('device_not_found')
      await registry.add({ ...paired(deviceId), agent })
      return keep({ ...paired(deviceId), agent })
    },

    rename: async (deviceId, name) => {
      paired(deviceId)
      await registry.rename(deviceId, name)
      return keep({ ...paired(deviceId), name })
    },

    revoke: async (deviceId) => {
      const revokedAt = isoTime(clock.nowMs())
      keep({ ...paired(deviceId), revokedAt })
      for (const listener of listeners) listener(deviceId)
      await registry.revoke(deviceId, revokedAt)
    },

    onRevoked: (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },

    seen: (deviceId) => {
      const device = byId.get(deviceId)
      const nowMs = clock.nowMs()
      if (!device) return
      if (device.lastSeenAt && nowMs - Date.parse(device.lastSeenAt) < SEEN_EVERY_MS) return
      const lastSeenAt = isoTime(nowMs)
      keep({ ...device, lastSeenAt })
      registry.seen(deviceId, lastSeenAt).catch((error: unknown) => {
        logger.warn('could not note when a device was last seen', { deviceId, error })
      })
    },
  }
}

/** A device as lists show it. */
export const toDevice = (
  device: DeviceRecord,
  shown: { current: boolean; push: boolean },
): Device => ({
  deviceId: device.deviceId,
  name: device.name,
  platform: device.platform,
  scopes: [...device.scopes],
  pairedAt: device.pairedAt,
  lastSeenAt: device.lastSeenAt,
  ...(device.agent && { agent: device.agent }),
  ...shown,
})
