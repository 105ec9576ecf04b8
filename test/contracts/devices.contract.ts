import type { DeviceId, PublicKey, PushSubscriptionRecord } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { DeviceRecord } from '../../apps/relay/src/devices/device-registry.ts'
import type { OpenFresh } from './backend.contract.ts'

const AT = '2026-03-01T09:00:00.000Z'
const publicKey: PublicKey = { kty: 'EC', crv: 'P-256', x: 'x'.repeat(43), y: 'y'.repeat(43) }
const device = (id: string, fields: Partial<DeviceRecord> = {}): DeviceRecord => ({
  deviceId: `dev_${id}` as DeviceId,
  name: 'Phone',
  platform: 'iPhone, Safari',
  thumbprint: `thumb ${id}`,
  publicKey,
  scopes: ['watch', 'answer'],
  pairedAt: AT,
  lastSeenAt: null,
  revokedAt: null,
  local: false,
  ...fields,
})
const subscription = (path: string): PushSubscriptionRecord => ({
  endpoint: `https://push.example.com/${path}`,
  keys: { p256dh: 'p'.repeat(87), auth: 'a'.repeat(22) },
})
const PHONE = 'dev_phone678' as DeviceId

/** What an engine promises about devices, secrets, used keys and push subscriptions. */
export const devicesContract = (open: OpenFresh): void => {
  test('[AU-6] a device is found by its id and its key as it was added', async () => {
    await using one = await open()
    const { devices } = one.backend
    await devices.add(device('12345678'))
    await devices.add(device('abcdefgh', { local: true, scopes: ['watch', 'admin'] }))
    expect(await devices.get('dev_12345678' as DeviceId)).toEqual(device('12345678'))
    expect(await devices.byThumbprint('thumb abcdefgh')).toMatchObject({ local: true })
    expect(await devices.byThumbprint('nobody')).toBeUndefined()
    expect((await devices.list()).map((each) => each.deviceId)).toEqual([
      'dev_12345678',
      'dev_abcdefgh',
    ])
  })

  test('[MC-1] an agent is kept as an agent, with the hash of its token', async () => {
    await using one = await open()
    const { devices } = one.backend
    const agent = device('12345678', { agent: { asksFirst: true }, tokenHash: 'h'.repeat(43) })
    await devices.add(agent)
    expect(await devices.list()).toEqual([agent])
    await devices.add({ ...agent, agent: { asksFirst: false } })
    expect(await devices.get(agent.deviceId)).toMatchObject({ agent: { asksFirst: false } })
  })

  test('[AU-8] a removed device is kept with the moment it was removed, until it is added again', async () => {
    await using one = await open()
    const { devices } = one.backend
    const id = 'dev_12345678' as DeviceId
    await devices.add(device('12345678'))
    await devices.rename(id, 'Ada’s phone')
    await devices.seen(id, AT)
    await devices.revoke(id, AT)
    await devices.revoke(id, '2027-01-01T00:00:00Z')
    expect(await devices.get(id)).toMatchObject({
      name: 'Ada’s phone',
      lastSeenAt: AT,
      revokedAt: AT,
    })
    await devices.add(device('12345678', { name: 'Back' }))
    expect(await devices.list()).toEqual([device('12345678', { name: 'Back' })])
  })

  test('[I5] of several values for a secret the first one counts for everyone', async () => {
    await using one = await open()
    const { secrets } = one.backend
    expect(await secrets.get('key')).toBeUndefined()
    expect(await secrets.setOnce('key', 'first')).toBe('first')
    expect(await secrets.setOnce('key', 'second')).toBe('first')
    expect(await secrets.get('key')).toBe('first')
  })

  test('[AU-4] a used key is known until its life is over', async () => {
    await using one = await open()
    const { replay } = one.backend
    const endMs = one.clock.ms + 60_000
    const uses = await Promise.all([1, 2, 3].map(() => replay.firstUse('k', endMs)))
    expect(uses.filter(Boolean)).toHaveLength(1)
    one.clock.ms += 59_999
    expect(await replay.firstUse('k', endMs)).toBe(false)
    expect(await replay.firstUse('other', endMs)).toBe(true)
    one.clock.ms += 1
    expect(await replay.firstUse('k', one.clock.ms + 1)).toBe(true)
  })

  test('[PU-7] a device has one push subscription, whose last word goes with its address', async () => {
    await using one = await open()
    const { push } = one.backend
    expect(await push.get(PHONE)).toBeUndefined()
    await push.set(PHONE, subscription('1'), 'brief')
    const last = { at: AT, outcome: 'sent', detail: '201' } as const
    await push.setLast(PHONE, last)
    await push.set(PHONE, subscription('1'), 'full')
    expect(await push.get(PHONE)).toEqual({
      deviceId: PHONE,
      subscription: subscription('1'),
      level: 'full',
      last,
    })
    await push.setLevel(PHONE, 'private')
    await push.set('dev_other678' as DeviceId, subscription('2'), 'brief')
    expect(await push.list()).toHaveLength(2)
    expect((await push.get(PHONE))?.level).toBe('private')
    await push.set(PHONE, subscription('3'), 'brief')
    expect((await push.get(PHONE))?.last).toBeNull()
    await push.remove(PHONE)
    expect(await push.get(PHONE)).toBeUndefined()
    await push.setLast(PHONE, last)
    expect(await push.list()).toHaveLength(1)
  })
}
