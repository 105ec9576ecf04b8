import type { DeviceId } from '@bellhop/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createNotifyWorld, type NotifyWorld } from '../support/notify-world.ts'
import { until } from '../support/until.ts'

let world: NotifyWorld
let phone: DeviceId
beforeEach(async () => {
  world = await createNotifyWorld({ started: false })
  phone = await world.pair('phone', { subscribed: false })
})
afterEach(() => world[Symbol.asyncDispose]())

const subscribe = async () => {
  const subscription = world.pushService.subscribe()
  await world.push.subscribe(phone, subscription)
  return subscription
}

describe('a device’s pushes', () => {
  it('[PU-5] are off at first, and brief once they are on', async () => {
    const off = await world.push.state(phone)
    expect(off).toEqual({
      publicKey: expect.stringMatching(/^[\w-]{87}$/),
      subscribed: false,
      level: 'brief',
      last: null,
    })
    await subscribe()
    expect(await world.push.state(phone)).toEqual({ ...off, subscribed: true })
  })

  it('[PU-5] keep their level until another is chosen', async () => {
    const subscription = world.pushService.subscribe()
    await world.push.subscribe(phone, subscription, 'private')
    expect((await world.push.subscribe(phone, subscription)).level).toBe('private')
    expect((await world.push.subscribe(phone, subscription, 'full')).level).toBe('full')
  })

  it('[PU-6] go to no address that is not a push service’s', async () => {
    const subscription = { ...world.pushService.subscribe(), endpoint: 'https://evil.test/push' }
    await expect(world.push.subscribe(phone, subscription)).rejects.toMatchObject({
      code: 'push_endpoint_refused',
      details: { host: 'evil.test' },
    })
    expect((await world.push.state(phone)).subscribed).toBe(false)
  })

  it.each([
    ['a point off the curve', { p256dh: `BA${'A'.repeat(85)}` }],
    ['too few bytes', { p256dh: 'A'.repeat(80) }],
    ['a short secret', { auth: 'A'.repeat(16) }],
    ['text that is no base64url', { p256dh: `${'A'.repeat(84)}=A` }],
  ])('[ER-1] are refused with %s for a key', async (_name, keys) => {
    const given = world.pushService.subscribe()
    const subscription = { ...given, keys: { ...given.keys, ...keys } }
    await expect(world.push.subscribe(phone, subscription)).rejects.toMatchObject({
      code: 'invalid_request',
    })
    expect((await world.push.state(phone)).subscribed).toBe(false)
  })

  it('[PU-9] belong to one device: an address taken along to a new pairing rings once', async () => {
    const subscription = await subscribe()
    const again = await world.pair('phone, paired again', { subscribed: false })
    await world.push.subscribe(again, subscription)
    expect(await world.push.subscribed()).toEqual([again])
  })
})

describe('the test push', () => {
  it('[PU-1] arrives, says so, and is remembered as the last', async () => {
    await world.begin('1')
    await world.ask('1', '1')
    await subscribe()
    expect(await world.push.test(phone)).toEqual({ outcome: 'sent', detail: '201' })
    expect(world.pushService.received[0]?.message).toMatchObject({
      notification: { title: 'Bellhop', tag: 'test', app_badge: '1' },
      app_badge: 1,
    })
    expect((await world.push.state(phone)).last).toEqual({
      at: '2026-11-20T09:41:00.000Z',
      outcome: 'sent',
      detail: '201',
    })
  })

  it('[PU-7] forgets a subscription that is gone, and remembers why', async () => {
    await subscribe()
    world.pushService.answerNext({ status: 410 })
    expect(await world.push.test(phone)).toEqual({ outcome: 'gone', detail: '410' })
    expect(await world.push.state(phone)).toMatchObject({
      subscribed: false,
      last: { outcome: 'gone', detail: '410' },
    })
    await expect(world.push.test(phone)).rejects.toMatchObject({ code: 'push_not_subscribed' })
    await subscribe()
    expect(await world.push.state(phone)).toMatchObject({ subscribed: true, last: null })
  })

  it('[PU-7] tells a refusal from what may pass', async () => {
    await subscribe()
    world.pushService.answerNext({ status: 403, body: 'BadJwtToken' }, { status: 503 })
    expect(await world.push.test(phone)).toEqual({ outcome: 'failed', detail: '403 BadJwtToken' })
    await expect(world.push.test(phone)).rejects.toMatchObject({
      code: 'push_failed',
      details: { detail: '503' },
    })
    expect((await world.push.state(phone)).last).toMatchObject({ outcome: 'failed', detail: '503' })
  })

  it('[PU-7] says when there is nowhere to send it', async () => {
    await expect(world.push.test(phone)).rejects.toMatchObject({ code: 'push_not_subscribed' })
    await subscribe()
    expect(await world.push.subscribe(phone, null)).toMatchObject({ subscribed: false })
    await expect(world.push.test(phone)).rejects.toMatchObject({ code: 'push_not_subscribed' })
  })

  it('[PU-7] takes an answer about an old address for nothing said of the new one', async () => {
    await subscribe()
    world.pushService.answerNext('hang')
    const first = world.push.test(phone).catch((error: unknown) => error)
    await until(() => world.pushService.tries.length === 1)
    const renewed = await subscribe()
    await first
    expect((await world.backend.push.get(phone))?.subscription).toEqual(renewed)
    expect((await world.push.state(phone)).last).toBeNull()
  })
})
