import {
  type EventDraft,
  RelayError,
  type SessionId,
  type Signal,
  type SourceId,
} from '@bellhop/core'
import { expect, test } from 'vitest'
import { createMemoryBackend } from '../backends/memory/memory-backend.ts'
import { systemClock } from '../clock.ts'
import { silentLogger } from '../logger.ts'
import { createIngest } from './ingest.ts'
import { createRunBoard } from './run-board.ts'
import type { SessionSource, SourceSink } from './session-source.ts'
import { createSignalHub } from './signal-hub.ts'
import { createSourceSupervisor } from './source-supervisor.ts'

const SES_A = 'ses_a' as SessionId
const PAUSES = { firstMs: 4, maxMs: 60, stableMs: 60_000, stopMs: 50 }
const source = (run: SessionSource['run'], sourceId = 'scripted'): SessionSource => ({
  manifest: { sourceId: sourceId as SourceId, title: sourceId },
  run,
  perform: async () => {},
})
const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))

const supervise = (...sources: SessionSource[]) => {
  const backend = createMemoryBackend({ clock: systemClock })
  const { log, sessions, checkpoints } = backend
  const hub = createSignalHub()
  const common = { hub, clock: systemClock, logger: silentLogger, sessions }
  const ingest = createIngest({ ...common, log, machine: 'desk' })
  const supervisor = createSourceSupervisor({
    ...{
      ...common,
      runs: createRunBoard(sessions),
      sources,
      ingest,
      checkpoints,
      pauses: PAUSES,
      random: () => 1,
    },
  })
  return { supervisor, backend, hub }
}
const draft = (type: string, fields: object): EventDraft =>
  ({ type, sessionId: SES_A, at: '2026-03-01T09:00:00Z', dedupeKey: type, ...fields }) as EventDraft

test('[I9] a source that stops with an error is started again, with growing pauses, and what it saved is there', async () => {
  const at: number[] = []
  const saved: (string | undefined)[] = []
  const { supervisor } = supervise(
    source(async (sink) => {
      at.push(performance.now())
      saved.push(await sink.checkpoint('place'))
      await sink.saveCheckpoint('place', `${at.length}`)
      throw new TypeError('torn')
    }),
  )
  supervisor.start()
  await expect.poll(() => at.length).toBeGreaterThan(5)
  await supervisor.stop()
  const [, , , third = 0, fourth = 0] = at
  expect(saved.slice(0, 3)).toEqual([undefined, '1', '2'])
  expect(fourth - third).toBeGreaterThan(PAUSES.firstMs * 2 ** 3 - 2)
  const count = at.length
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(at.length).toBe(count)
})

test('[SI-1] how a source is doing reaches everyone who follows, once per change, and can be asked for', async () => {
  let fail = (_: unknown) => {}
  let tell = (_: string) => {}
  const { supervisor, hub } = supervise(
    source((sink) => {
      sink.health({ state: 'ok', text: '2 sessions' })
      sink.health({ state: 'ok', text: '2 sessions' })
      tell = (text) => sink.health({ state: 'degraded', text })
      return new Promise((_, reject) => {
        fail = reject
      })
    }),
  )
  const heard: Signal[] = []
  using _ = hub.subscribe((signal) => heard.push(signal))
  expect(supervisor.states()).toMatchObject([{ sourceId: 'scripted', title: 'scripted' }])
  supervisor.start()
  tell('hooks are missing')
  expect(supervisor.states()).toMatchObject([{ state: 'degraded', text: 'hooks are missing' }])
  fail(new RelayError('agent_not_found'))
  await expect.poll(() => heard.length).toBeGreaterThanOrEqual(4)
  expect(heard.slice(0, 3)).toMatchObject([
    { type: 'source.health', state: 'ok', text: '2 sessions' },
    { state: 'degraded' },
    { state: 'down', text: 'No coding agent was found on this machine. It is started again.' },
  ])
  await supervisor.stop()
})

test('[SI-1] how a source works is asked for anew each time somebody asks, and bounded [I6]', async () => {
  let lines = ['one line']
  const { supervisor } = supervise({
    ...source((_, signal) => untilAborted(signal)),
    details: () => lines,
  })
  supervisor.start()
  expect(supervisor.states()[0]?.details).toEqual(['one line'])
  lines = Array.from({ length: 60 }, () => 'x'.repeat(1_000))
  const { details = [] } = supervisor.states()[0] ?? {}
  expect([details.length, details[0]?.length]).toEqual([40, 300])
  lines = []
  expect(supervisor.states()[0]).not.toHaveProperty('details')
  await supervisor.stop()
})

test('[I9] a source’s sessions that have not ended, and what they wait for, are told to it alone', async () => {
  const sinks: SourceSink[] = []
  const run: SessionSource['run'] = (sink, signal) => {
    sinks.push(sink)
    return untilAborted(signal)
  }
  const { supervisor } = supervise(source(run), source(run, 'other'))
  supervisor.start()
  const [mine, other] = sinks
  const ask = { kind: 'plan', plan: '# Plan', modes: [] }
  await mine?.append([
    draft('session.started', { sourceId: 'scripted', machine: 'desk' }),
    draft('permission.requested', { permissionId: 'per_1', ask }),
  ])
  expect(await mine?.openSessions()).toEqual([{ sessionId: SES_A, permissionIds: ['per_1'] }])
  expect(await other?.openSessions()).toEqual([])
  await mine?.append([draft('session.ended', { reason: 'exited' })])
  expect(await mine?.openSessions()).toEqual([])
  expect(supervisor.find('other')?.manifest.sourceId).toBe('other')
  expect(supervisor.find('nobody')).toBeUndefined()
  await supervisor.stop()
})

test('[SI-1] what an ended run of a source still signals is not passed on', async () => {
  const sinks: SourceSink[] = []
  const { supervisor, hub } = supervise(
    source(async (sink) => {
      sinks.push(sink)
      throw new TypeError('torn')
    }),
  )
  supervisor.start()
  await expect.poll(() => sinks.length).toBeGreaterThan(1)
  const before = hub.current().filter((signal) => signal.type !== 'source.health')
  sinks[0]?.signal({ type: 'activity', sessionId: SES_A, text: 'from the grave' })
  sinks[0]?.health({ state: 'ok', text: 'from the grave' })
  expect(hub.current().filter((signal) => signal.type !== 'source.health')).toEqual(before)
  expect(supervisor.states()[0]?.text).not.toBe('from the grave')
  await supervisor.stop()
})

test('[I6] stopping does not wait for ever for a source that does not listen', async () => {
  const { supervisor } = supervise(source(() => new Promise(() => {})))
  supervisor.start()
  await supervisor.stop()
})

test('[I9] a source that is done is not started again', async () => {
  let runs = 0
  const { supervisor } = supervise(
    source(async (sink) => {
      runs += 1
      sink.health({ state: 'ok', text: 'Played.' })
    }),
  )
  supervisor.start()
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(runs).toBe(1)
  expect(supervisor.states()).toMatchObject([{ state: 'ok', text: 'Played.' }])
  await supervisor.stop()
})

test('[SI-1] a source that knows since when something is wrong is believed', async () => {
  const sinceMs = Date.parse('2026-03-01T09:00:00.000Z')
  const { supervisor } = supervise(
    source(async (sink, signal) => {
      sink.health({ state: 'degraded', text: 'turned away', sinceMs })
      await untilAborted(signal)
    }),
  )
  supervisor.start()
  await expect
    .poll(() => supervisor.states()[0])
    .toMatchObject({ state: 'degraded', since: '2026-03-01T09:00:00.000Z' })
  await supervisor.stop()
})

test('[HC-4] what was allowed waits for the sources until each has said how it is', async () => {
  let say = () => {}
  const { supervisor } = supervise(
    source(async (sink, signal) => {
      sink.health({ state: 'ok', text: 'here' })
      await untilAborted(signal)
    }, 'one'),
    source((sink, signal) => {
      say = () => sink.health({ state: 'down', text: 'not yet' })
      return untilAborted(signal)
    }, 'two'),
  )
  supervisor.start()
  let isHeard = false
  const heard = supervisor.heard().then(() => {
    isHeard = true
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(isHeard).toBe(false)
  say()
  await heard
  await supervisor.stop()
})

test('[PE-4] a source that starts again is not told of what is held for an agent', async () => {
  const told: (readonly string[])[] = []
  const { supervisor } = supervise(
    source(async (sink, signal) => {
      const about = { sourceId: 'scripted', machine: 'desk' }
      const plan = { kind: 'plan', plan: 'p', modes: [] }
      const held = {
        kind: 'agent',
        deviceId: 'dev_desktop00',
        agentName: 'desktop',
        command: { type: 'prompt', text: 'go' },
      }
      await sink.append([
        draft('session.started', about),
        draft('permission.requested', { dedupeKey: '1', permissionId: 'per_1', ask: plan }),
        draft('permission.requested', { dedupeKey: '2', permissionId: 'per_held-2', ask: held }),
      ])
      for (const { permissionIds } of await sink.openSessions()) told.push(permissionIds)
      await untilAborted(signal)
    }),
  )
  supervisor.start()
  await expect.poll(() => told).toEqual([['per_1']])
  await supervisor.stop()
})
