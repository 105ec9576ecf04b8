import { expect, test } from 'vitest'
import { numbered, openCloudWorld } from '../../../../../../test/support/cloud-world.ts'
import { failure } from '../../../../../../test/support/scripted-cloud.ts'
import { LIMITS } from '../cloud-timing.ts'
import { sessionIdOf } from '../session-names.ts'

const MINUTE = 60_000

test('a session of 200,000 events opens from its newest end within three calls, and its past can be read [A-26] [A-30]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, source, start, look } = world
  cloud.add('big', {}, 200_000)
  start()
  await time.pass(1_000)
  const before = cloud.calls.length
  look('big')
  await time.pass(1_000)
  expect(cloud.calls.slice(before).map(({ name }) => name)).toEqual(['events', 'stream'])
  const newest = 200_000 - LIMITS.openEvents + 1
  expect(memory.texts('big')).toEqual(numbered('big', newest, 200_000))

  const past = source.pastOf?.(sessionIdOf('big'))
  expect(past).toBe(String(newest))
  const signal = new AbortController().signal
  const read = await source.readPast?.(
    { sessionId: sessionIdOf('big'), past: past ?? '', limit: 100 },
    signal,
  )
  const texts = read?.drafts.map((draft) => 'text' in draft && draft.text)
  expect(texts).toEqual(numbered('big', newest - 100, newest - 1))
  expect(read?.past).toBe(String(newest - 100))
  expect(memory.texts('big')).toHaveLength(LIMITS.openEvents)
  const first = await source.readPast?.(
    { sessionId: sessionIdOf('big'), past: '31', limit: 100 },
    signal,
  )
  expect(first?.drafts).toHaveLength(30)
  expect(first?.past).toBeUndefined()
})

test('the past of a session nobody has read yet can be asked for before it is known where it begins [A-30]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, source, start, look } = world
  cloud.add('long', {}, 400)
  cloud.add('short', {}, 3)
  start()
  await time.pass(1_000)
  const before = (suffix: string) => ({
    sessionId: sessionIdOf(suffix),
    past: source.pastOf?.(sessionIdOf(suffix)) ?? '',
    limit: 100,
  })
  const { signal } = new AbortController()
  const asked = [before('long'), before('short')].map((range) => source.readPast?.(range, signal))
  look('long', 'short')
  await time.pass(5_000)
  const [long, short] = await Promise.all(asked)
  expect(memory.texts('long')).toEqual(numbered('long', 251, 400))
  expect(long?.drafts.map((draft) => 'text' in draft && draft.text)).toEqual(
    numbered('long', 151, 250),
  )
  expect(long?.past).toBe('151')
  expect(short).toEqual({ drafts: [] })
  expect(source.pastOf?.(sessionIdOf('short'))).toBeUndefined()
})

test('after a restart the gap is filled completely and in order before anything newer is told [A-28] [A-26]', async () => {
  const kept = new Map<string, string>()
  using first = openCloudWorld(kept)
  first.cloud.add('one', { worker: 'running', lastEventAtMs: first.time.nowMs() }, 40)
  first.start()
  await first.time.pass(1_000)
  expect(first.memory.texts('one')).toEqual(numbered('one', 1, 40))

  using world = openCloudWorld(kept)
  const { time, cloud, memory, start } = world
  cloud.add('one', { worker: 'running', lastEventAtMs: time.nowMs() }, 1_740)
  start()
  await time.pass(1_000)
  expect(memory.texts('one')).toEqual(numbered('one', 41, 1_740))
  const gap = cloud.calls.filter(({ name }) => name === 'events').map(({ range }) => range)
  expect(gap).toEqual([
    { order: 'asc', from: 40, limit: 500 },
    { order: 'asc', from: 540, limit: 500 },
    { order: 'asc', from: 1_040, limit: 500 },
    { order: 'asc', from: 1_540, limit: 500 },
  ])
})

test('what a stream lost is read from history; what only came late is not, and nothing is told twice [A-28] [A-29]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start, look } = world
  cloud.add('one', {}, 2)
  start()
  look('one')
  await time.pass(1_000)
  const before = cloud.count('events')
  cloud.emit('one', { text: 'one 3' }, 'worker', { isTold: false })
  const fourth = cloud.emit('one', { text: 'one 4' })
  cloud.tell('one', { kind: 'event', event: fourth })
  await time.pass(1_000)
  expect(memory.texts('one')).toEqual(numbered('one', 1, 4))
  expect(cloud.count('events')).toBe(before + 1)

  const fifth = cloud.emit('one', { text: 'one 5' }, 'worker', { isTold: false })
  cloud.emit('one', { text: 'one 6' })
  await time.pass(100)
  cloud.tell('one', { kind: 'event', event: fifth })
  await time.pass(1_000)
  expect(memory.texts('one')).toEqual(numbered('one', 1, 6))
  expect(cloud.count('events')).toBe(before + 1)
})

test('a truncated replay is refilled from history, and signals and deliveries pass at once [A-37] [A-34] [A-48]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start, look } = world
  cloud.add('one', {}, 2)
  start()
  look('one')
  await time.pass(1_000)
  cloud.emit('one', { text: 'one 3' }, 'worker', { isTold: false })
  cloud.tell('one', { kind: 'truncated' })
  cloud.tell('one', { kind: 'ephemeral', payload: { text: 'so f' } })
  await time.pass(10)
  expect(memory.texts('one')).toEqual(numbered('one', 1, 3))
  expect(memory.signals).toEqual([
    { type: 'text.partial', sessionId: sessionIdOf('one'), text: 'so f' },
  ])
})

test('a stream that breaks is opened again after a growing pause, from where it stopped [A-38]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start, look } = world
  cloud.add('one', {}, 2)
  start()
  look('one')
  await time.pass(1_000)
  cloud.fail('stream', () => failure('unreachable'))
  cloud.endStreams('one', failure('unreachable'))
  await time.pass(2 * MINUTE)
  const tries = cloud.calls.filter(({ name }) => name === 'stream').map(({ atMs }) => atMs)
  const pauses = tries.slice(1).map((ms, at) => ms - (tries[at] ?? 0))
  expect(pauses.slice(0, 6)).toEqual([2_000, 2_000, 4_000, 8_000, 16_000, 30_000])
  cloud.emit('one', { text: 'one 3' })
  cloud.heal()
  await time.pass(MINUTE)
  expect(memory.texts('one')).toEqual(numbered('one', 1, 3))
  expect(cloud.openStreams()).toEqual(['one'])
})

test('two streams without a word make history be asked instead, and the stream is tried again later [A-39]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start, look, source } = world
  cloud.add('one', {}, 1)
  start()
  look('one')
  await time.pass(130_000)
  for (let at = 0; at < 3; at++) {
    await time.pass(35_000)
    cloud.endStreams('one')
  }
  await time.pass(15_000)
  const streams = cloud.count('stream')
  cloud.emit('one', { text: 'one 2' })
  await time.pass(5_000)
  expect(memory.texts('one')).toEqual(numbered('one', 1, 2))
  expect(source.details?.().join('\n')).toContain('by polling')
  expect(cloud.count('stream')).toBe(streams)
  await time.pass(11 * MINUTE)
  expect(cloud.openStreams()).toEqual(['one'])
})

test('a place that is too old for the stream is no reason to tell anything twice or to miss it [A-39]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start, look } = world
  cloud.add('one', {}, 2)
  start()
  look('one')
  await time.pass(1_000)
  cloud.fail('stream', () => failure('expired'))
  cloud.endStreams('one', failure('expired'))
  cloud.emit('one', { text: 'one 3' })
  await time.pass(20_000)
  cloud.emit('one', { text: 'one 4' })
  await time.pass(5_000)
  expect(memory.texts('one')).toEqual(numbered('one', 1, 4))
})

test('each road that is shut is left for the next, down to the polling of the older family [A-81] [A-83]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start, look, source } = world
  cloud.add('one', {}, 300)
  for (const name of ['list', 'stream', 'events']) cloud.fail(name, () => failure('absent'))
  start()
  await time.pass(1_000)
  look('one')
  await time.pass(1_000)
  expect(memory.texts('one')).toEqual(numbered('one', 151, 300))
  expect(memory.health.at(-1)?.state).toBe('ok')
  cloud.emit('one', { text: 'one 301' })
  await time.pass(20_000)
  expect(memory.texts('one').at(-1)).toBe('one 301')
  expect(source.details?.()).toContainEqual(expect.stringContaining('socket'))

  cloud.fail('older socket', () => failure('absent'))
  look()
  await time.pass(5 * MINUTE)
  look('one')
  cloud.emit('one', { text: 'one 302' })
  await time.pass(20_000)
  expect(memory.texts('one')).toEqual(numbered('one', 151, 302))
  expect(source.details?.().join('\n')).toContain('polling the older family')

  cloud.heal()
  await time.pass(25 * MINUTE)
  expect(source.details?.().join('\n')).toContain('1 by stream')
  expect(memory.texts('one')).toEqual(numbered('one', 151, 302))
})

test('a list that goes on being ahead of a stream makes history be asked [A-39]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start, look } = world
  cloud.add('one', {}, 1)
  start()
  look('one')
  await time.pass(60_000)
  cloud.emit('one', { text: 'one 2' }, 'worker', { isTold: false })
  cloud.set('one', { lastEventAtMs: time.nowMs() })
  await time.pass(10_000)
  expect(memory.texts('one')).toEqual(numbered('one', 1, 2))
})

test('what cannot be stored ends the run, and nothing after it is stored before it [EV-2]', async () => {
  using world = openCloudWorld()
  const { time, cloud, memory, start, look } = world
  cloud.add('one', {}, 2)
  const { done } = start()
  const ended = done.then(
    () => 'ended',
    (error: unknown) => error,
  )
  await time.pass(1_000)
  const broken = new Error('disk full')
  const { append } = memory.sink
  memory.sink.append = async () => {
    memory.sink.append = append
    throw broken
  }
  look('one')
  await time.pass(1_000)
  expect(await ended).toBe(broken)
  expect(memory.texts('one')).toEqual([])
  expect(JSON.parse(memory.kept.get('session:one') ?? '{}').reader).not.toContain('"last":2')
})
