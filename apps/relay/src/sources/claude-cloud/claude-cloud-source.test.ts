import { expect, test } from 'vitest'
import { numbered, openCloudWorld } from '../../../../../test/support/cloud-world.ts'
import { failure } from '../../../../../test/support/scripted-cloud.ts'
import { LIMITS } from './cloud-timing.ts'
import { sessionIdOf } from './session-names.ts'

const MINUTE = 60_000

test('the whole list is read page by page, and idle sessions cost no call more [A-17] [A-40]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start } = world
  for (let at = 0; at < 250; at++) cloud.add(`s${at}`, {}, 3)
  start()
  for (let at = 0; at < 6; at++) {
    await time.pass(100_000)
    cloud.tellWatches({ kind: 'token', token: `place ${at}` })
  }
  expect(new Set(memory.drafts.map(({ sessionId }) => sessionId)).size).toBe(250)
  expect(memory.drafts.every(({ type }) => type === 'session.started')).toBe(true)
  expect(cloud.calls.map(({ name }) => name)).toEqual(['list', 'list', 'list', 'watch'])
})

test('a call that is refused as one too many is not made again before its time [A-90]', async () => {
  using world = openCloudWorld()
  const { time, cloud, start } = world
  cloud.add('one')
  cloud.fail('list', () => failure('limited', 90_000), 1)
  start()
  await time.pass(89_000)
  expect(cloud.count('list')).toBe(1)
  await time.pass(2_000)
  expect(cloud.count('list')).toBe(2)
})

test('an hour of thirty sessions, two of them at work, costs fewer than 200 calls [A-40]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start, source } = world
  for (let at = 0; at < 30; at++) cloud.add(`s${at}`, {}, 20)
  start()
  await time.pass(1_000)
  for (let second = 0; second < 3_600; second += 10) {
    for (const suffix of ['s3', 's7']) {
      cloud.emit(suffix, { text: `${suffix} at ${second}` })
      cloud.set(suffix, { worker: 'running', lastEventAtMs: time.nowMs() })
    }
    if (second % 100 === 0) cloud.tellWatches({ kind: 'token', token: `t ${second}` })
    if (second % 600 === 300) cloud.endWatches()
    if (second % 300 === 150) cloud.endStreams('s3')
    await time.pass(10_000)
  }
  expect(memory.texts('s3')).toContain('s3 at 3590')
  expect(memory.texts('s7')).toContain('s7 at 3590')
  expect(cloud.calls.length).toBeLessThan(200)
  const line = source.details?.().find((one) => one.startsWith('Calls'))
  expect(line).toMatch(/^Calls in the last hour: [1-9]\d$/)
})

test('how it works is said as it is at the moment somebody asks', async () => {
  using world = openCloudWorld()
  const { time, cloud, source, start } = world
  expect(source.details?.()).toEqual([])
  for (const suffix of ['one', 'two']) cloud.add(suffix, {}, 1)
  const { stop } = start()
  await time.pass(100)
  const said = () => source.details?.().join('\n')
  expect(said()).toContain('List: watched\nSessions: 2 listed; followed just now: none')
  cloud.set('one', { worker: 'running', lastEventAtMs: time.nowMs() })
  await time.pass(100)
  expect(said()).toContain('followed just now: 1 by stream')
  stop.abort()
  await time.settle()
  expect(source.details?.()).toEqual([])
})

test('a session that begins to work is followed, and let go once it has been quiet for a minute', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start } = world
  cloud.add('one', {}, 2)
  start()
  await time.pass(1_000)
  expect(cloud.openStreams()).toEqual([])
  cloud.set('one', { worker: 'running', lastEventAtMs: time.nowMs() })
  cloud.emit('one', { text: 'one 3' })
  await time.pass(1_000)
  expect(memory.texts('one')).toEqual(numbered('one', 1, 3))
  cloud.set('one', { worker: 'idle' })
  await time.pass(30_000)
  expect(cloud.openStreams()).toEqual(['one'])
  await time.pass(MINUTE)
  expect(cloud.openStreams()).toEqual([])
})

test('a flag that says working counts only while something happens, or for a program that is there [A-22]', async () => {
  using world = openCloudWorld()
  const { time, cloud, start } = world
  const now = time.nowMs()
  cloud.add('stale', { worker: 'running', lastEventAtMs: now - 60 * MINUTE }, 2)
  cloud.add('killed', { worker: 'requires_action', connection: 'disconnected' }, 2)
  start()
  await time.pass(MINUTE)
  expect(cloud.count('events')).toBe(0)
})

test('of many sessions at work so many are streamed, and the rest are polled [I6]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start } = world
  for (let at = 0; at < 40; at++) {
    cloud.add(`s${at}`, { worker: 'running', lastEventAtMs: time.nowMs() - at }, 2)
  }
  start()
  await time.pass(1_000)
  expect(cloud.openStreams()).toHaveLength(LIMITS.liveLines)
  for (let at = 0; at < 40; at++) cloud.emit(`s${at}`, { text: `s${at} 3` })
  await time.pass(40_000)
  for (let at = 0; at < 40; at++) {
    expect(memory.texts(`s${at}`)).toEqual(numbered(`s${at}`, 1, 3))
  }
})

test('without a watch the list is polled, ever less often, and at once when somebody looks [A-41]', async () => {
  using world = openCloudWorld()
  const { time, cloud, start, look } = world
  cloud.add('one', {}, 1)
  cloud.fail('watch', () => failure('absent'))
  start()
  await time.pass(60 * MINUTE)
  const lists = cloud.calls.filter(({ name }) => name === 'list').map(({ atMs }) => atMs)
  const pauses = lists.slice(1).map((ms, at) => Math.round((ms - (lists[at] ?? 0)) / 1_000))
  expect(pauses.slice(0, 7)).toEqual([30, 60, 120, 240, 480, 600, 600])
  const before = cloud.count('list')
  look('one')
  await time.pass(1_000)
  expect(cloud.count('list')).toBe(before + 1)
  await time.pass(61_000)
  expect(cloud.count('list')).toBe(before + 3)
})

test('a watch goes on from its newest place while that is good, else the list is read anew [A-40]', async () => {
  using world = openCloudWorld()
  const { time, cloud, start } = world
  cloud.add('one')
  start()
  await time.pass(100_000)
  cloud.tellWatches({ kind: 'token', token: 'newer' })
  await time.pass(100_000)
  cloud.endWatches()
  await time.pass(5_000)
  expect(cloud.calls.at(-1)).toMatchObject({ name: 'watch', range: { from: 'newer' } })
  expect(cloud.count('list')).toBe(1)
  await time.pass(220_000)
  cloud.tellWatches({ kind: 'row', row: { ...(cloud.rows.get('one') ?? never()) } })
  cloud.endWatches()
  await time.pass(5_000)
  expect(cloud.count('list')).toBe(2)
})
const never = (): never => {
  throw new TypeError('not there')
}

test('a watch that never says anything is dropped, and after two of them the list is polled [A-40]', async () => {
  using world = openCloudWorld()
  const { time, cloud, start, source } = world
  cloud.add('one')
  cloud.isWatchMute = true
  start()
  await time.pass(10 * MINUTE)
  expect(cloud.openWatches()).toBe(0)
  cloud.isWatchMute = false
  expect(source.details?.().join('\n')).toContain('List: asked for every')
  await time.pass(30 * MINUTE)
  expect(cloud.openWatches()).toBe(1)
})

test('a session that is put away or gone is ended, one that only left the list is not [A-47] [A-25]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start } = world
  for (const suffix of ['archived', 'gone', 'there']) cloud.add(suffix, {}, 1)
  start()
  await time.pass(1_000)
  cloud.set('archived', { isArchived: true })
  cloud.remove('gone')
  cloud.tellWatches({ kind: 'removed', suffix: 'gone' })
  cloud.tellWatches({ kind: 'removed', suffix: 'there' })
  await time.pass(1_000)
  expect(memory.ofType('session.ended', 'archived')).toHaveLength(1)
  expect(memory.ofType('session.ended', 'gone')).toHaveLength(1)
  expect(memory.ofType('session.ended', 'there')).toEqual([])
})

test('what was put away before anybody here heard of it is not brought up', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start } = world
  cloud.add('new', {}, 1)
  start()
  await time.pass(1_000)
  cloud.add('old')
  cloud.set('old', { isArchived: true })
  await time.pass(1_000)
  expect(memory.ofType('session.started', 'old')).toEqual([])
})

test('after a restart, what is no longer there is ended and what is no longer asked is withdrawn [A-53]', async () => {
  const kept = new Map<string, string>()
  using first = openCloudWorld(kept)
  first.cloud.add('lost', {}, 1)
  first.cloud.add('asks', { worker: 'requires_action' })
  first.cloud.emit('asks', { prompt: 'open' })
  first.start()
  await first.time.pass(1_000)
  expect(first.memory.ofType('permission.requested', 'asks')).toHaveLength(1)

  using world = openCloudWorld(kept)
  const { time, cloud, memory, start } = world
  cloud.add('asks', { worker: 'requires_action' })
  cloud.emit('asks', { prompt: 'open' })
  cloud.add('answered')
  memory.knowsOpen([
    { sessionId: sessionIdOf('lost'), permissionIds: [] },
    { sessionId: sessionIdOf('asks'), permissionIds: ['per_open', 'per_old'] },
    { sessionId: sessionIdOf('answered'), permissionIds: ['per_other'] },
  ])
  start()
  await time.pass(1_000)
  expect(memory.ofType('session.ended', 'lost')).toHaveLength(1)
  const resolved = (suffix: string) =>
    memory
      .ofType('permission.resolved', suffix)
      .map(({ permissionId, outcome }) => `${permissionId} ${outcome}`)
  expect(resolved('asks')).toEqual(['per_old withdrawn'])
  expect(resolved('answered')).toEqual(['per_other withdrawn'])
})

test('a login that ended is told at once, in words, and heals by itself [A-11] [A-12]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start } = world
  cloud.add('one')
  cloud.fail('list', () => failure('login'))
  start()
  await time.pass(10)
  expect(memory.health.at(-1)).toMatchObject({ state: 'down', text: 'words for login' })
  cloud.heal()
  await time.pass(2 * MINUTE)
  expect(memory.health.at(-1)).toMatchObject({ state: 'ok' })
  expect(memory.ofType('session.started', 'one')).toHaveLength(1)
})

test('refusals at the edge are borne for three minutes before they are spoken of [A-5]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start } = world
  cloud.fail('list', () => failure('edge'))
  start()
  await time.pass(170_000)
  expect(memory.health.map(({ state }) => state)).not.toContain('degraded')
  await time.pass(60_000)
  expect(memory.health.at(-1)).toMatchObject({ state: 'degraded', text: 'words for edge' })
  cloud.heal()
  await time.pass(MINUTE)
  expect(memory.health.at(-1)?.state).toBe('ok')
})

test('a network that is gone is told as such, and the list goes on where it was once it is back', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start } = world
  cloud.add('one', {}, 1)
  start()
  await time.pass(10_000)
  for (const name of ['list', 'watch']) cloud.fail(name, () => failure('unreachable'))
  cloud.endWatches(failure('unreachable'))
  await time.pass(2 * MINUTE)
  expect(memory.health.at(-1)?.state).toBe('down')
  cloud.heal()
  cloud.add('two')
  await time.pass(4 * MINUTE)
  expect(memory.health.at(-1)?.state).toBe('ok')
  expect(memory.ofType('session.started', 'two')).toHaveLength(1)
})

test('what somebody looks at is marked as read once each time it became unread [A-24]', async () => {
  using world = openCloudWorld()
  const { time, cloud, start, look } = world
  cloud.add('one', { isUnread: true }, 1)
  start()
  await time.pass(1_000)
  look('one')
  await time.pass(1_000)
  expect(cloud.count('markRead')).toBe(0)
  await time.pass(10_000)
  cloud.set('one', { title: 'another' })
  await time.pass(10_000)
  expect(cloud.count('markRead')).toBe(1)
  cloud.set('one', { lastEventAtMs: time.nowMs() })
  await time.pass(10_000)
  expect(cloud.count('markRead')).toBe(2)
})

test('a mark that got lost is made again when there is news, one that is refused is not [A-24] [A-91]', async () => {
  using world = openCloudWorld()
  const { time, cloud, start, look } = world
  cloud.add('one', { isUnread: true }, 1)
  cloud.fail('markRead', () => failure('unreachable'))
  start()
  look('one')
  await time.pass(10_000)
  expect(cloud.count('markRead')).toBe(1)
  cloud.fail('markRead', () => failure('absent'))
  for (const title of ['two', 'three', 'four']) {
    cloud.set('one', { title })
    await time.pass(10_000)
  }
  expect(cloud.count('markRead')).toBe(2)
})

test('a session stays live for 45 seconds after nobody looks at it any more', async () => {
  using world = openCloudWorld()
  const { time, cloud, start, look } = world
  cloud.add('one', {}, 1)
  start()
  look('one')
  await time.pass(5 * MINUTE)
  look()
  await time.pass(40_000)
  expect(cloud.openStreams()).toEqual(['one'])
  await time.pass(30_000)
  expect(cloud.openStreams()).toEqual([])
})

test('sessions nobody needs are forgotten down to their place, and go on from it [I6]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, opened, start, look } = world
  for (let at = 0; at < 200; at++) cloud.add(`s${at}`, {}, 5)
  start()
  await time.pass(10 * MINUTE)
  expect(opened()).toBe(200)
  for (let at = 0; at < 200; at++) cloud.set(`s${at}`, { title: `title ${at}` })
  await time.pass(1_000)
  expect(opened()).toBe(200 + 200 - LIMITS.restingReaders)
  look('s7')
  await time.pass(10 * MINUTE)
  cloud.emit('s7', { text: 's7 6' })
  await time.pass(1_000)
  expect(memory.texts('s7')).toEqual(numbered('s7', 1, 6))
})
