import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCloudSource } from '../../../apps/relay/src/sources/claude-cloud/open-cloud-source.ts'
import { faultAnswers } from '../../session-api/error-answers.ts'
import { startSessionApi } from '../../session-api/session-api.ts'
import { idSuffix } from '../../session-api/session-ids.ts'
import type { AddSessionOptions, ApiSession } from '../../session-api/types.ts'
import { createMemorySink } from '../../support/memory-sink.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

/** The whole source on the test server, on a machine of that name, with a sink that only keeps what it is told. */
const startOn = async (hostname: string) => {
  const undo = new AsyncDisposableStack()
  const time = createVirtualTime()
  const folder = undo.use(tempFolder())
  const api = undo.use(await startSessionApi({ time }))
  await api.writeLogin(join(folder.path, '.claude'), { expiresAt: time.nowMs() + 8 * 3_600_000 })
  const memory = createMemorySink()
  const stop = new AbortController()
  undo.defer(() => stop.abort())
  const source = openCloudSource({
    url: api.url,
    env: {},
    home: folder.path,
    timing: time,
    hostname,
  })
  const begin = () => void source.run(memory.sink, stop.signal).catch(() => {})
  const startOf = ({ id }: ApiSession) => memory.ofType('session.started', idSuffix(id))[0]
  /** Adds a session, and how long it took to be told, and on which machine it is said to run. */
  const shown = async (options: AddSessionOptions) => {
    const addedMs = time.nowMs()
    const session = api.addSession(options)
    while (!startOf(session) && time.nowMs() - addedMs < 5_000) await time.pass(10)
    const { machine } = startOf(session) ?? {}
    return { tookMs: time.nowMs() - addedMs, machine }
  }
  return {
    api,
    time,
    begin,
    startOf,
    shown,
    asked: () => api.requestsTo(/environment_providers/).length,
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  }
}

test('a session on another machine is there at once, by the name of its machine; one that may run here a moment later [A-87] [EV-7]', async () => {
  await using world = await startOn('laptop.local')
  const { time, api, begin, startOf, shown, asked } = world
  const before = [
    api.addSession({ kind: 'server' }),
    api.addSession({ kind: 'server', row: { connection_status: 'disconnected' } }),
    api.addSession({ kind: 'cloud' }),
  ]
  begin()
  await time.pass(300)
  expect(before.map((session) => startOf(session)?.machine)).toEqual(['desk', 'desk', 'Cloud'])
  await time.pass(10_000)
  const elsewhere = await shown({ kind: 'server' })
  const cloud = await shown({ kind: 'cloud' })
  const terminal = await shown({ kind: 'terminal' })
  expect([elsewhere.machine, cloud.machine, terminal.machine]).toEqual([
    'desk',
    'Cloud',
    'Remote Control',
  ])
  expect(elsewhere.tookMs).toBeLessThan(100)
  expect(cloud.tookMs).toBeLessThan(100)
  expect(terminal.tookMs).toBeGreaterThanOrEqual(500)
  expect(terminal.tookMs).toBeLessThan(600)
  expect(asked()).toBe(1)
})

test('a session on this machine waits a moment for whoever follows it here [EV-7]', async () => {
  await using world = await startOn('Desk.home')
  const { time, begin, shown } = world
  begin()
  await time.pass(10_000)
  const here = await shown({ kind: 'server' })
  expect(here.tookMs).toBeGreaterThanOrEqual(500)
  expect(here.machine).toBe('desk')
})

test('a name that is late holds nothing up for long [A-91]', async () => {
  await using world = await startOn('laptop')
  const { time, api, begin, shown } = world
  begin()
  await time.pass(10_000)
  api.faults.add({ kind: 'slow', ms: 8_000 }, { path: /environment_providers/ })
  const first = await shown({ kind: 'server' })
  expect(first).toMatchObject({ machine: 'Remote Control' })
  expect(first.tookMs).toBeLessThan(600)
  await time.pass(10_000)
  expect((await shown({ kind: 'server' })).machine).toBe('desk')
})

test('a name that is not to be had is not asked for again and again [A-91]', async () => {
  await using world = await startOn('laptop')
  const { time, api, begin, shown, asked } = world
  begin()
  await time.pass(10_000)
  const broken = api.faults.add(faultAnswers.notFound404, { path: /environment_providers/ })
  for (let count = 0; count < 4; count += 1) await shown({ kind: 'server' })
  // One call and its other spelling.
  expect(asked()).toBe(2)
  broken[Symbol.dispose]()
  await time.pass(61_000)
  expect((await shown({ kind: 'server' })).machine).toBe('desk')
  expect(asked()).toBe(3)
})
