import { openAttentions, PHONE_SCOPES } from '@bellhop/core'
import { afterEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../apps/relay/src/logger.ts'
import { createRingAttempt } from '../../apps/relay/src/notify/ring-attempt.ts'
import type { Ring } from '../../apps/relay/src/notify/rings.ts'
import { createNotifyWorld, type NotifyWorld } from '../support/notify-world.ts'
import { shellAsk } from '../support/scripted-source.ts'
import { until } from '../support/until.ts'

let world: NotifyWorld
afterEach(() => world[Symbol.asyncDispose]())
const open = async (options: Parameters<typeof createNotifyWorld>[0] = {}) => {
  world = await createNotifyWorld(options)
  return world
}
const MINUTE_MS = 60_000

describe('one try', () => {
  it('[PU-4] asks again whether it is needed, and sends nothing when it is not', async () => {
    const { pair, begin, ask, resolve, backend, devices, push, presence, pushService, time } =
      await open({ started: false })
    const phone = await pair('phone')
    await begin('1')
    await ask('1', '1')
    const session = (await backend.sessions.list()).sessions[0]
    const [attention] = session ? openAttentions(session) : []
    if (!session || !attention) throw new TypeError('nothing asks')
    const attempt = createRingAttempt({
      sessions: backend.sessions,
      devices,
      push,
      presence,
      clock: time.clock,
      logger: silentLogger,
      publicUrl: () => 'https://desk.shop.dev',
      signal: new AbortController().signal,
    })
    const ring: Ring = {
      attention,
      cursor: session.cursor,
      sinceMs: 0,
      round: 'first',
      dueAtMs: 0,
      deadlineMs: Number.MAX_SAFE_INTEGER,
      left: [phone],
    }
    expect(await attempt(ring, phone)).toBe('done')
    expect(await attempt({ ...ring, deadlineMs: time.clock.nowMs() }, phone)).toBe('done')
    expect(pushService.received).toHaveLength(1)
    await resolve('1', '1')
    expect(await attempt(ring, phone)).toBe('over')
    expect(pushService.received).toHaveLength(1)
  })
})

describe('history', () => {
  it('[PU-3] being read in rings nobody for what ended long ago', async () => {
    const { pair, begin, finish, ask, resolve, arrived, rings, time } = await open({
      graceMs: 10_000,
    })
    const phone = await pair('phone')
    await begin('1')
    for (const day of ['18', '19']) await finish('1', { at: `2026-11-${day}T12:00:00.000Z` })
    await begin('2')
    await ask('2', 'old', { at: '2026-11-19T12:00:00.000Z' })
    await resolve('2', 'old')
    await ask('2', 'new')
    await until(async () => (await rings()).join() === 'per_new')
    await until(() => time.pauses()[0] === 10_000)
    time.advance(10_000)
    const pushes = await arrived(phone, 1)
    expect(pushes.map(({ message }) => message.notification.tag)).toEqual(['per_new'])
  })

  it('[PU-8] an old ask that is still open rings, once, when it is first seen', async () => {
    const { pair, begin, ask, start, arrived, rings, time } = await open({ started: false })
    const phone = await pair('phone')
    await begin('1')
    await ask('1', '1', { at: '2026-11-20T02:00:00.000Z' })
    start()
    await arrived(phone, 1)
    await until(() => time.pauses()[0] === 5 * MINUTE_MS)
    await until(async () => (await rings()).join() === 'per_1')
  })
})

describe('a restart', () => {
  it('[PU-8] goes on where it stopped: nothing twice, nothing lost', async () => {
    const { pair, begin, ask, finish, arrived, stop, start, time } = await open()
    const phone = await pair('phone')
    await begin('1')
    await begin('2')
    await ask('1', '1')
    await finish('2')
    await arrived(phone, 2)
    await until(() => time.pauses()[0] === 5 * MINUTE_MS)
    await stop()
    await ask('1', '2')
    start()
    const pushes = await arrived(phone, 3)
    expect(pushes.map(({ message }) => message.notification.tag)).toEqual([
      'per_1',
      'ses_2',
      'per_2',
    ])
    time.advance(5 * MINUTE_MS)
    await arrived(phone, 5)
  })

  it('[PU-8] does not ring for a turn that ended long before it was up again', async () => {
    const { pair, begin, finish, arrived, stop, start, time } = await open()
    const phone = await pair('phone')
    await begin('1')
    await begin('2')
    await stop()
    await finish('1')
    time.advance(20 * MINUTE_MS)
    await finish('2', { at: new Date(time.clock.nowMs() - MINUTE_MS).toISOString() })
    start()
    await arrived(phone, 1)
    expect(world.pushService.received[0]?.message.notification.tag).toBe('ses_2')
    await until(async () => (await world.rings()).length === 0)
  })

  it('[PU-8] a crash before a push was taken is made good', async () => {
    const { pair, begin, ask, arrived, start, crash, time, pushService } = await open()
    const phone = await pair('phone')
    await begin('1')
    pushService.answerNext({ status: 503 })
    await ask('1', '1')
    await until(() => time.pauses().includes(5_000))
    crash()
    start()
    await arrived(phone, 1)
  })

  it('[PU-8] a crash in the middle of the grace is made good', async () => {
    const { pair, begin, ask, arrived, rings, start, crash, time } = await open({ graceMs: 10_000 })
    const phone = await pair('phone')
    await begin('1')
    await ask('1', '1')
    await until(async () => (await rings()).length === 1)
    crash()
    time.advance(MINUTE_MS)
    start()
    await until(() => time.pauses().includes(10_000), { what: 'the grace after the start' })
    time.advance(10_000)
    await arrived(phone, 1)
  })

  it('[PU-8] what was answered while it was down does not ring', async () => {
    const { pair, begin, ask, resolve, rings, start, stop, time, pushService } = await open({
      graceMs: 10_000,
    })
    await pair('phone')
    await begin('1')
    await ask('1', '1')
    await until(async () => (await rings()).length === 1)
    await stop()
    await resolve('1', '1')
    start()
    await until(async () => (await rings()).length === 0)
    time.advance(MINUTE_MS)
    expect(pushService.tries).toEqual([])
  })

  it('[PU-8] on another log, what is open there rings', async () => {
    const { pair, begin, ask, arrived, start, stop, backend } = await open()
    const phone = await pair('phone')
    await stop()
    await backend.checkpoints.set(
      '@notify',
      'state',
      JSON.stringify({ version: 1, cursor: 'otherlog.7', rings: [] }),
    )
    await begin('1')
    await ask('1', '1')
    start()
    await arrived(phone, 1)
  })

  it('[PU-8] does not send again what arrives while it stops', async () => {
    const { pair, begin, ask, arrived, start, stop, time, pushService } = await open()
    const phone = await pair('phone')
    await begin('1')
    const answered = Promise.withResolvers<void>()
    pushService.answerNext({ status: 201, after: answered.promise })
    await ask('1', '1')
    await arrived(phone, 1)
    const stopped = stop()
    await until(() => time.pauses()[0] === 1_000)
    answered.resolve()
    await stopped
    await ask('1', '2')
    start()
    const pushes = await arrived(phone, 2)
    expect(pushes.map(({ message }) => message.notification.tag)).toEqual(['per_1', 'per_2'])
  })

  it('[PU-8] ends what is on its way for too long and brings it after the start', async () => {
    const { pair, begin, ask, arrived, start, stop, time, pushService, push } = await open()
    const phone = await pair('phone')
    await begin('1')
    pushService.answerNext('hang')
    await ask('1', '1')
    await until(() => pushService.tries.length === 1)
    const stopped = stop()
    await until(() => time.pauses()[0] === 1_000)
    time.advance(1_000)
    await stopped
    expect(world.log.at(-1)).toMatchObject({ what: 'rang', outcome: 'later' })
    // Broken off by the relay itself, which says nothing of the push service.
    expect((await push.state(phone)).last).toBeNull()
    start()
    await arrived(phone, 1)
  })
})

describe('a phone that answers while its push is on the way', () => {
  it('[PU-9] is still rung for the next end of the same session', async () => {
    const { pair, begin, finish, append, arrived, pushService } = await open()
    const phone = await pair('phone', { scopes: [...PHONE_SCOPES] })
    await begin('1')
    pushService.answerNext('hang')
    await finish('1')
    await until(() => pushService.tries.length === 1)
    await append('1', 'turn.started')
    await append('1', 'permission.requested', { permissionId: 'per_9', ask: shellAsk('ls') })
    await world.resolve('1', '9')
    await append('1', 'turn.ended', { outcome: 'finished' })
    const pushes = await arrived(phone, 1)
    expect(pushes[0]?.message.notification.tag).toBe('ses_1')
  })
})
