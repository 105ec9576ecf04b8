import type { DeviceId, PushLevel, PushState, PushSubscriptionRecord } from '@bellhop/core'

export type StoredSubscription = {
  deviceId: DeviceId
  subscription: PushSubscriptionRecord
  level: PushLevel
  last: PushState['last']
}

/** Where pushes go, one subscription per device. */
export interface PushSubscriptions {
  get(deviceId: DeviceId): Promise<StoredSubscription | undefined>
  list(): Promise<readonly StoredSubscription[]>
  /** Replaces the device’s subscription; keeps `last` when the endpoint stays. */
  set(deviceId: DeviceId, subscription: PushSubscriptionRecord, level: PushLevel): Promise<void>
  setLevel(deviceId: DeviceId, level: PushLevel): Promise<void>
  setLast(deviceId: DeviceId, last: PushState['last']): Promise<void>
  remove(deviceId: DeviceId): Promise<void>
}
