import type { Cursor, SessionEvent, SessionId, SourceId } from '@bellhop/core'
import { RelayError } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createMemoryBackend } from '../backends/memory/memory-backend.ts'
import { systemClock } from '../clock.ts'
import { silentLogger } from '../logger.ts'
import type { EventLog, StampedDraft } from './event-log.ts'
import { createIngest } from './ingest.ts'
import { createSignalHub } from './signal-hub.ts'

const SRC = 'scripted' as SourceId
const SES_A = 'ses_a' as SessionId
const AT = '2026-03-01T09:00:00.000Z'

const start = (session = 'a') => ({
  type: 'session.started',
  sessionId: `ses_${session}`,
  at: AT,
  dedupeKey: 'start',
  sourceId: SRC,
  machine: 'desk',
})
const say = (text: string, session = 'a') => ({
  type: 'message.agent',
  sessionId: `ses_${session}`,
  at: AT,
  dedupeKey: `say ${text}`,
  messageId: text,
  text,
})

const setup = async (
  append?: (log: EventLog, drafts: readonly StampedDraft[]) => ReturnType<EventLog['append']>,
) => {
  const backend = createMemoryBackend({ clock: systemClock })
  const first = await backend.log.head()
  const rounds: number[] = []
  const log: EventLog = {
    ...backend.log,
    append: (drafts) => {
      rounds.push(drafts.length)
      return append ? append(backend.log, drafts) : backend.log.append(drafts)
    },
  }
  const hub = createSignalHub()
  const { sessions } = backend
  const parts = { log, sessions, hub, clock: systemClock, logger: silentLogger, machine: 'desk' }
  const all = async (after: Cursor = first): Promise<readonly SessionEvent[]> =>
    (await backend.log.read({ after, limit: 100_000 })).events
  return { ingest: createIngest(parts), backend, hub, rounds, all }
}
const texts = (events: readonly SessionEvent[]) =>
  events.map((event) => (event.type === 'message.agent' ? event.text : event.type))

test('[I1] an append is durable when it answers, in the order it came, each event with an id of its own', async () => {
  const { ingest, all, backend } = await setup()
  await ingest.append(SRC, [start(), say('1'), say('2')])
  const events = await all()
  expect(texts(events)).toEqual(['session.started', '1', '2'])
  expect(new Set(events.map((event) => event.eventId)).size).toBe(3)
  expect(await backend.sessions.get(SES_A)).toMatchObject({ lastLine: '2' })
})

test('[I2] what a source appends without waiting keeps its order, and shares transactions', async () => {
  const { ingest, all, rounds } = await setup()
  await ingest.append(SRC, [start()])
  const many = Array.from({ length: 700 }, (_, at) => `${at}`)
  const big = ingest.append(
    SRC,
    many.slice(0, 500).map((text) => say(text)),
  )
  await Promise.all([big, ...many.slice(500).map((text) => ingest.append(SRC, [say(text)]))])
  expect(texts(await all()).slice(1)).toEqual(many)
  expect(Math.max(...rounds)).toBeLessThanOrEqual(200)
  expect(rounds.length).toBeLessThan(10)
})

test('[I6] a source that reads in its whole history does not hold up another one', async () => {
  const { ingest, all } = await setup()
  await ingest.append(SRC, [start()])
  const history = ingest.append(
    SRC,
    Array.from({ length: 5_000 }, (_, at) => say(`old ${at}`)),
  )
  await ingest.append('other' as SourceId, [start('b'), say('now', 'b')])
  const stored = (await all()).length
  expect(stored).toBeLessThan(1_000)
  await history
  expect(await all()).toHaveLength(5_003)
})

test('[EV-5] [I8] a malformed draft becomes a note that keeps it, and what comes after it is stored', async () => {
  const { ingest, all } = await setup()
  const bad = { ...say('bad'), text: 7 }
  const unheard = { ...say('new'), type: 'context.compacted' }
  await ingest.append(SRC, [start(), bad, unheard, null, 'torn', say('good')])
  const events = await all()
  expect(events.map((event) => event.type)).toEqual([
    'session.started',
    'source.note',
    'source.note',
    'source.note',
    'source.note',
    'message.agent',
  ])
  expect(events[1]).toMatchObject({ sessionId: SES_A, at: AT, raw: JSON.stringify(bad) })
  expect(events[2]).toMatchObject({
    text: 'Something new that this version does not know: context.compacted. Shown as it came.',
    raw: JSON.stringify(unheard),
  })
  expect(events[4]).toMatchObject({ sessionId: SES_A, raw: '"torn"' })
})

test('[EV-2] [EV-5] the same malformed draft again adds nothing', async () => {
  const { ingest, all } = await setup()
  const bad = { ...say('bad'), at: 'yesterday' }
  await ingest.append(SRC, [start(), bad])
  await ingest.append(SRC, [bad, say('good')])
  expect(texts(await all())).toEqual(['session.started', 'source.note', 'good'])
})

test('[EV-6] what is kept of an endless malformed draft is bounded', async () => {
  const { ingest, all } = await setup()
  await ingest.append(SRC, [start(), { ...say('x'), text: 'x'.repeat(500_000) }])
  const [, note] = await all()
  expect(note?.type).toBe('source.note')
  expect(JSON.stringify(note).length).toBeLessThan(25_000)
})

test('[EV-3] a session nobody began has a beginning all the same, and learns the rest when it is told', async () => {
  const { ingest, all, backend } = await setup()
  await ingest.append(SRC, [say('first')])
  expect(texts(await all())).toEqual(['session.started', 'first'])
  expect(await backend.sessions.get(SES_A)).toMatchObject({
    sourceId: SRC,
    machine: 'desk',
    lastLine: 'first',
  })
  await ingest.append(SRC, [{ ...start(), title: 'Refunds' }, say('second')])
  expect(await backend.sessions.get(SES_A)).toMatchObject({ title: 'Refunds', lastLine: 'second' })
})

test('[I5] when drafts cannot be stored their append rejects, and so does all this source has waiting, but no other', async () => {
  const full = new RelayError('data_folder_unusable')
  let broken = true
  const { ingest, all } = await setup((log, drafts) =>
    broken && drafts.some((draft) => draft.dedupeKey === 'say bad')
      ? Promise.reject(full)
      : log.append(drafts),
  )
  await ingest.append(SRC, [start(), start('b')])
  const after = Array.from({ length: 500 }, (_, at) => say(`after ${at}`))
  const outcomes = await Promise.allSettled([
    ingest.append(SRC, [say('bad')]),
    ingest.append(SRC, after),
    ingest.append(SRC, [say('last')]),
    ingest.append('other' as SourceId, [say('other', 'b')]),
  ])
  expect(outcomes.map((one) => one.status)).toEqual([
    'rejected',
    'rejected',
    'rejected',
    'fulfilled',
  ])
  expect(outcomes[0]).toMatchObject({ reason: full })
  broken = false
  await ingest.append(SRC, [say('bad'), say('good')])
  expect(texts(await all()).slice(2)).toEqual(['other', 'bad', 'good'])
})

test('[I6] a source that never waits is refused beyond a limit', async () => {
  const { ingest } = await setup()
  const drafts = Array.from({ length: 60_000 }, () => null)
  void ingest.append(SRC, drafts).catch(() => {})
  await expect(ingest.append(SRC, drafts)).rejects.toMatchObject({ code: 'rate_limited' })
  await ingest.append('other' as SourceId, [start('b')])
})

test('[SI-2] partial text is taken back when the whole of it is stored', async () => {
  const { ingest, hub } = await setup()
  hub.publish({ type: 'text.partial', sessionId: SES_A, text: 'hel' })
  await ingest.append(SRC, [start(), say('hello')])
  expect(hub.current()).toEqual([])
})
