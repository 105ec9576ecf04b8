import type { DeviceId } from '@bellhop/core'
import type { PushSubscriptions, StoredSubscription } from '../../notify/push-subscriptions.ts'

/** Push subscriptions as long as the process lives. */
export const createMemoryPush = (): PushSubscriptions => {
  const stored = new Map<DeviceId, StoredSubscription>()
  const change = (deviceId: DeviceId, fields: Partial<StoredSubscription>): void => {
    const one = stored.get(deviceId)
    if (one) stored.set(deviceId, { ...one, ...fields })
  }
  return {
    get: async (deviceId) => stored.get(deviceId),
    list: async () => [...stored.values()],
    set: async (deviceId, subscription, level) => {
      const known = stored.get(deviceId)
      const last = known?.subscription.endpoint === subscription.endpoint ? known.last : null
      stored.set(deviceId, { deviceId, subscription, level, last })
    },
    setLevel: async (deviceId, level) => change(deviceId, { level }),
    setLast: async (deviceId, last) => change(deviceId, { last }),
    remove: async (deviceId) => void stored.delete(deviceId),
  }
}
