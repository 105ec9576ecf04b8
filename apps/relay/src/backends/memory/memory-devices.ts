import type { DeviceId } from '@bellhop/core'
import type { Clock } from '../../clock.ts'
import type {
  DeviceRecord,
  DeviceRegistry,
  RelaySecrets,
  ReplayGuard,
} from '../../devices/device-registry.ts'

/** Devices as long as the process lives. */
export const createMemoryDevices = (): DeviceRegistry => {
  const devices = new Map<DeviceId, DeviceRecord>()
  const change = (deviceId: DeviceId, fields: Partial<DeviceRecord>): void => {
    const device = devices.get(deviceId)
    if (device) devices.set(deviceId, { ...device, ...fields })
  }
  return {
    add: async (device) => void devices.set(device.deviceId, device),
    get: async (deviceId) => devices.get(deviceId),
    byThumbprint: async (thumbprint) =>
      [...devices.values()].findLast((device) => device.thumbprint === thumbprint),
    list: async () => [...devices.values()],
    rename: async (deviceId, name) => change(deviceId, { name }),
    seen: async (deviceId, at) => change(deviceId, { lastSeenAt: at }),
    revoke: async (deviceId, at) => {
      const revokedAt = devices.get(deviceId)?.revokedAt ?? at
      change(deviceId, { revokedAt })
    },
  }
}

export const createMemorySecrets = (): RelaySecrets => {
  const values = new Map<string, string>()
  return {
    get: async (name) => values.get(name),
    setOnce: async (name, value) => {
      const kept = values.get(name) ?? value
      values.set(name, kept)
      return kept
    },
  }
}

/** Remembers used keys until they expire; the oldest are swept as new ones come. [I6] */
export const createMemoryReplayGuard = (clock: Clock): ReplayGuard => {
  const used = new Map<string, number>()
  let sweepAtMs = 0
  return {
    firstUse: async (key, expiresAtMs) => {
      const nowMs = clock.nowMs()
      if (nowMs >= sweepAtMs) {
        for (const [one, endMs] of used) if (endMs <= nowMs) used.delete(one)
        sweepAtMs = nowMs + SWEEP_EVERY_MS
      }
      const endMs = used.get(key)
      if (endMs !== undefined && endMs > nowMs) return false
      used.set(key, expiresAtMs)
      return true
    },
  }
}

const SWEEP_EVERY_MS = 10_000
