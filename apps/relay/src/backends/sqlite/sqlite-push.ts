import { check, type DeviceId, pushSubscriptionSchema } from '@bellhop/core'
import type { PushSubscriptions, StoredSubscription } from '../../notify/push-subscriptions.ts'
import type { Database } from './database.ts'

type Row = { device_id: string; subscription: string; level: string; last: string | null }

/** Push subscriptions in a database. */
export const createSqlitePush = (db: Database): PushSubscriptions => {
  const get = db.prepare('SELECT * FROM push_subscriptions WHERE device_id = ?')
  const list = db.prepare('SELECT * FROM push_subscriptions ORDER BY device_id')
  const set = db.prepare(
    `INSERT INTO push_subscriptions (device_id, subscription, level) VALUES (?, ?, ?)
     ON CONFLICT (device_id) DO UPDATE SET
       last = CASE WHEN subscription ->> 'endpoint' = excluded.subscription ->> 'endpoint' THEN last END,
       subscription = excluded.subscription, level = excluded.level`,
  )
  const setLevel = db.prepare('UPDATE push_subscriptions SET level = ? WHERE device_id = ?')
  const setLast = db.prepare('UPDATE push_subscriptions SET last = ? WHERE device_id = ?')
  const remove = db.prepare('DELETE FROM push_subscriptions WHERE device_id = ?')
  return {
    get: async (deviceId) => subscriptionOf(get.get(deviceId)),
    list: async () =>
      list
        .all()
        .map(subscriptionOf)
        .filter((one) => one !== undefined),
    set: async (deviceId, subscription, level) =>
      void set.run(deviceId, JSON.stringify(subscription), level),
    setLevel: async (deviceId, level) => void setLevel.run(level, deviceId),
    setLast: async (deviceId, last) => void setLast.run(last && JSON.stringify(last), deviceId),
    remove: async (deviceId) => void remove.run(deviceId),
  }
}

/** A subscription that cannot be read is none: the device subscribes again when it next comes. */
const subscriptionOf = (value: unknown): StoredSubscription | undefined => {
  const row = value as Row | undefined
  if (!row) return undefined
  try {
    const subscription = check(pushSubscriptionSchema, JSON.parse(row.subscription))
    if (!subscription.ok) return undefined
    return {
      deviceId: row.device_id as DeviceId,
      subscription: subscription.value,
      level: row.level as StoredSubscription['level'],
      last: JSON.parse(row.last ?? 'null') as StoredSubscription['last'],
    }
  } catch {
    return undefined
  }
}
