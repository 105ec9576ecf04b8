import type { DeviceId } from '@bellhop/core'
import { afterEach, describe, expect, it } from 'vitest'
import { topicOf } from '../../apps/relay/src/notify/push-sender.ts'
import { createNotifyWorld, type NotifyWorld } from '../support/notify-world.ts'
import { until } from '../support/until.ts'

let world: NotifyWorld
afterEach(() => world[Symbol.asyncDispose]())
const open = async (options: Parameters<typeof createNotifyWorld>[0] = {}) => {
  world = await createNotifyWorld(options)
  return world
}
const titles = () => world.pushService.received.map(({ message }) => message.notification.title)
const bodies = () => world.pushService.received.map(({ message }) => message.notification.body)
const MINUTE_MS = 60_000
const lastIs = (deviceId: DeviceId, outcome: string) =>
  until(async () => (await world.push.state(deviceId)).last?.outcome === outcome, { what: outcome })

describe('what rings', () => {
  it('[PU-3] a permission, on every phone that may answer, with what a lock screen may say', async () => {
    const { pair, begin, ask, arrived } = await open()
    const phone = await pair('phone')
    const tablet = await pair('tablet', { level: 'full' })
    await begin('1')
    await ask('1', '1')
    const [push] = await arrived(phone, 1)
    expect(push).toMatchObject({
      message: {
        notification: {
          title: 'shop-api needs you',
          body: 'Run a command?',
          navigate: 'https://desk.shop.dev/#/s/ses_1/per_1',
          tag: 'per_1',
          app_badge: '1',
        },
        app_badge: 1,
      },
      urgency: 'high',
      ttlS: 24 * 60 * 60,
      topic: await topicOf('per_1'),
    })
    const [other] = await arrived(tablet, 1)
    expect(other?.message.notification.body).toBe('pnpm test')
    expect(world.pushService.faults).toEqual([])
    await lastIs(phone, 'sent')
  })

  it('[PU-3] a turn that finished and one that failed', async () => {
    const { pair, begin, finish, append, arrived } = await open()
    const phone = await pair('phone')
    await begin('1', { title: 'Find the flaky test' })
    await begin('2')
    await finish('1')
    const [push] = await arrived(phone, 1)
    expect(push).toMatchObject({
      message: { notification: { title: 'shop-api finished', body: 'Find the flaky test' } },
      urgency: 'normal',
    })
    await append('2', 'turn.ended', { outcome: 'failed', error: 'The API was overloaded.' })
    await arrived(phone, 2)
    expect(bodies()).toEqual(['Find the flaky test', 'The API was overloaded.'])
  })

  it('[PU-3] nothing else', async () => {
    const { pair, begin, append, ask, arrived } = await open()
    const phone = await pair('phone')
    await begin('1')
    await append('1', 'turn.started')
    await append('1', 'message.agent', { messageId: 'm', text: 'Done.' })
    await append('1', 'turn.ended', { outcome: 'finished', subagent: { agentId: 'a' } })
    await append('1', 'turn.ended', { outcome: 'interrupted' })
    await append('1', 'session.ended', { reason: 'exited' })
    await begin('2')
    await ask('2', '2')
    const pushes = await arrived(phone, 1)
    expect(pushes.map(({ message }) => message.notification.tag)).toEqual(['per_2'])
  })

  it('[PU-9] the number on the icon is the sessions that wait', async () => {
    const { pair, begin, ask, finish, arrived } = await open()
    const phone = await pair('phone')
    for (const session of ['1', '2', '3']) await begin(session)
    await ask('1', '1a')
    await ask('1', '1b')
    await ask('2', '2a')
    await arrived(phone, 3)
    await finish('3')
    const pushes = await arrived(phone, 4)
    expect(pushes.at(-1)?.message.app_badge).toBe(2)
  })

  it('[PU-9] an ask is kept by the push service no longer than it can be answered', async () => {
    const { pair, begin, ask, arrived } = await open()
    const phone = await pair('phone')
    await begin('1')
    await ask('1', '1', { expiresAt: '2026-11-20T09:51:00.000Z' })
    expect((await arrived(phone, 1))[0]?.ttlS).toBe(600)
  })
})

describe('who is rung', () => {
  it('[PU-10] for an ask those who may answer, for an end those who may watch, never the removed', async () => {
    const { pair, begin, ask, finish, arrived, devices } = await open()
    const phone = await pair('phone')
    const watcher = await pair('watcher', { scopes: ['watch'] })
    const answerer = await pair('answerer', { scopes: ['answer'] })
    const removed = await pair('removed')
    await devices.revoke(removed)
    await begin('1')
    await ask('1', '1')
    await arrived(phone, 1)
    await arrived(answerer, 1)
    await begin('2')
    await finish('2')
    await arrived(phone, 2)
    await arrived(watcher, 1)
    expect(await arrived(watcher, 0)).toHaveLength(1)
    expect(await arrived(answerer, 0)).toHaveLength(1)
    expect(await arrived(removed, 0)).toHaveLength(0)
  })

  it('[PU-10] [HC-2] for what an agent wants those who could do it themselves', async () => {
    const { pair, begin, append, arrived } = await open()
    const levels = ['private', 'brief', 'full'] as const
    const [hidden, brief, full] = await Promise.all(
      levels.map((level) => pair(level, { level, scopes: ['watch', 'drive'] })),
    )
    const answerer = await pair('answerer', { scopes: ['watch', 'answer'] })
    await begin('1')
    const ask = {
      kind: 'agent',
      deviceId: 'dev_desktop00',
      agentName: 'desktop',
      command: { type: 'prompt', text: 'Deploy it' },
    }
    await append('1', 'permission.requested', { permissionId: 'per_held-1', ask })
    const said = async (device: typeof answerer) => {
      const [push] = await arrived(device, 1)
      const { title, body } = push?.message.notification ?? {}
      return [title, body]
    }
    expect(await said(hidden as typeof answerer)).toEqual(['Bellhop', 'A session needs you.'])
    expect(await said(brief as typeof answerer)).toEqual([
      expect.stringContaining('needs you'),
      'desktop wants to send a message',
    ])
    expect(await said(full as typeof answerer)).toEqual([
      expect.stringContaining('desktop wants to send a message'),
      'Deploy it',
    ])
    expect(await arrived(answerer, 0)).toHaveLength(0)
  })

  it('[PU-10] a device removed while its push waited is not rung', async () => {
    const { pair, begin, ask, devices, time, pushService, rings } = await open()
    const phone = await pair('phone')
    await begin('1')
    pushService.answerNext({ status: 503 })
    await ask('1', '1')
    await until(() => time.pauses().includes(5_000), { what: 'the pause' })
    await devices.revoke(phone)
    time.advance(5_000)
    // The round is over for want of anyone to ring; the reminder is what still waits.
    await until(() => time.pauses().includes(5 * MINUTE_MS), { what: 'the reminder' })
    expect(pushService.tries).toHaveLength(1)
    await until(async () => (await rings()).join() === 'per_1')
  })
})

describe('the grace', () => {
  it('[PU-9] passes before anything rings', async () => {
    const { pair, begin, ask, time, arrived, pushService } = await open({ graceMs: 10_000 })
    const phone = await pair('phone')
    await begin('1')
    await ask('1', '1')
    await until(() => time.pauses()[0] === 10_000, { what: 'the grace' })
    time.advance(9_999)
    expect(pushService.tries).toEqual([])
    time.advance(1)
    await arrived(phone, 1)
  })

  it('[PU-4] is long enough to answer at the terminal', async () => {
    const { pair, begin, ask, resolve, time, logged, rings, pushService } = await open({
      graceMs: 10_000,
    })
    await pair('phone')
    await begin('1')
    await ask('1', '1')
    await until(async () => (await rings()).length === 1)
    await resolve('1', '1')
    await logged('not rung', 'permission')
    await until(async () => (await rings()).length === 0)
    time.advance(MINUTE_MS)
    expect(pushService.tries).toEqual([])
  })

  it('[PU-4] lets the next turn take back the end of the one before', async () => {
    const { pair, begin, finish, append, time, logged, pushService } = await open({
      graceMs: 10_000,
    })
    await pair('phone')
    await begin('1')
    await finish('1')
    await until(() => time.pauses()[0] === 10_000)
    await append('1', 'turn.started')
    await logged('not rung', 'finished')
    time.advance(MINUTE_MS)
    expect(pushService.tries).toEqual([])
  })

  it('[PU-9] begins anew with a later end of the same session, which rings alone', async () => {
    const { pair, begin, finish, append, time, arrived } = await open({ graceMs: 10_000 })
    const phone = await pair('phone')
    await begin('1')
    await finish('1')
    await until(() => time.pauses()[0] === 10_000)
    time.advance(6_000)
    await append('1', 'message.note', { text: 'compacted', tone: 'plain' })
    await append('1', 'turn.ended', { outcome: 'finished' })
    await until(() => time.pauses()[0] === 10_000, { what: 'the second grace' })
    time.advance(10_000)
    await arrived(phone, 1)
    await until(async () => (await world.rings()).length === 0)
    expect(titles()).toEqual(['shop-api finished'])
  })
})

describe('presence', () => {
  const asked = async () => {
    await open({ graceMs: 10_000 })
    const phone = await world.pair('phone')
    const sessionId = await world.begin('1')
    await world.ask('1', '1')
    await until(() => world.time.pauses()[0] === 10_000)
    const { cursor } = (await world.backend.sessions.get(sessionId)) ?? {}
    if (cursor === undefined) throw new TypeError('no session')
    return { phone, sessionId, cursor }
  }

  it('[PU-4] holds back the push to the device that shows it, and to no other', async () => {
    const { phone, sessionId, cursor } = await asked()
    const tablet = await world.pair('tablet')
    world.presence.report(phone, { visible: true, sessionId, shown: cursor })
    world.time.advance(10_000)
    await world.arrived(tablet, 1)
    await world.logged('held back, being looked at')
    expect(await world.arrived(phone, 0)).toHaveLength(0)
  })

  it('[PU-4] does not hold back once the device was put away', async () => {
    const { phone, sessionId, cursor } = await asked()
    world.presence.report(phone, { visible: true, sessionId, shown: cursor })
    world.presence.report(phone, { visible: false, sessionId, shown: cursor })
    world.time.advance(10_000)
    await world.arrived(phone, 1)
  })

  it('[PU-4] does not hold back by what was on the screen before', async () => {
    await open({ graceMs: 10_000 })
    const phone = await world.pair('phone')
    const sessionId = await world.begin('1')
    const before = await world.backend.log.head()
    world.presence.report(phone, { visible: true, sessionId, shown: before })
    await world.ask('1', '1')
    await until(() => world.time.pauses()[0] === 10_000)
    world.time.advance(10_000)
    await world.arrived(phone, 1)
  })

  it('[PU-9] does not keep the reminder from whoever looked and did not answer', async () => {
    const { phone, sessionId, cursor } = await asked()
    world.presence.report(phone, { visible: true, sessionId, shown: cursor })
    world.time.advance(10_000)
    await world.logged('held back, being looked at')
    await until(() => world.time.pauses()[0] === 5 * MINUTE_MS)
    world.time.advance(5 * MINUTE_MS)
    await world.arrived(phone, 1)
  })
})

describe('the reminder', () => {
  it('[PU-9] sounds once more after five minutes, and then never again', async () => {
    const { pair, begin, ask, arrived, time, rings } = await open()
    const phone = await pair('phone')
    await begin('1')
    await ask('1', '1')
    await arrived(phone, 1)
    await until(() => time.pauses()[0] === 5 * MINUTE_MS, { what: 'the reminder' })
    time.advance(5 * MINUTE_MS)
    const pushes = await arrived(phone, 2)
    expect(pushes.map(({ message }) => message.notification.renotify)).toEqual([false, true])
    expect(pushes[1]?.topic).toBe(pushes[0]?.topic)
    await until(async () => (await rings()).length === 0)
    expect(time.pauses()).toEqual([])
  })

  it('[PU-4] does not come once somebody answered, nor for the end of a turn', async () => {
    const { pair, begin, ask, resolve, finish, arrived, time, rings } = await open()
    const phone = await pair('phone')
    await begin('1')
    await ask('1', '1')
    await arrived(phone, 1)
    await begin('2')
    await finish('2')
    await arrived(phone, 2)
    await resolve('1', '1')
    await until(async () => (await rings()).length === 0)
    await until(() => time.pauses().length === 0)
  })
})

describe('a push service in trouble', () => {
  it('[PU-7] is tried again no sooner than it asked, and only there', async () => {
    const { pair, begin, ask, arrived, time, pushService } = await open()
    const phone = await pair('phone')
    await begin('1')
    pushService.answerNext({ status: 429, retryAfter: '120' })
    await ask('1', '1')
    await until(() => time.pauses()[0] === 120_000, { what: 'the pause asked for' })
    await lastIs(phone, 'failed')
    time.advance(119_999)
    expect(pushService.tries).toHaveLength(1)
    time.advance(1)
    await arrived(phone, 1)
    await lastIs(phone, 'sent')
  })

  it('[PU-7] forgets the device that is gone and rings the others', async () => {
    const { pair, begin, ask, arrived, pushService, push } = await open()
    const gone = await pair('gone')
    pushService.answerNext({ status: 410 })
    await push.test(gone)
    const phone = await pair('phone')
    await begin('1')
    await ask('1', '1')
    await arrived(phone, 1)
    expect(await push.subscribed()).toEqual([phone])
  })

  it('[PU-4] answered elsewhere, what waits to be tried again is dropped', async () => {
    const { pair, begin, ask, resolve, rings, time, pushService } = await open()
    await pair('phone')
    await begin('1')
    pushService.answerNext({ status: 503 })
    await ask('1', '1')
    await until(() => time.pauses().includes(5_000))
    await resolve('1', '1')
    await until(async () => (await rings()).length === 0)
    await until(() => time.pauses().length === 0)
    expect(pushService.tries).toHaveLength(1)
  })

  it('[PU-7] is given up when what it was about is too old', async () => {
    const { pair, begin, finish, rings, time, pushService } = await open()
    await pair('phone')
    await begin('1')
    pushService.answerNext({ status: 503, retryAfter: String(5 * 60 * 60) })
    await finish('1')
    await until(async () => pushService.tries.length === 1 && (await rings()).length === 0)
    expect(time.pauses()).toEqual([])
  })

  it('[PU-7] makes wait what comes after, and then brings it in its order', async () => {
    const { pair, begin, ask, arrived, time, pushService } = await open()
    const phone = await pair('phone')
    await begin('1')
    pushService.answerNext({ status: 503 })
    await ask('1', '1')
    await until(() => time.pauses().includes(5_000))
    await ask('1', '2')
    await until(async () => (await world.rings()).length === 2)
    time.advance(5_000)
    const pushes = await arrived(phone, 2)
    expect(pushes.map(({ message }) => message.notification.tag)).toEqual(['per_1', 'per_2'])
  })
})
