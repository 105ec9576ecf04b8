import { expect, test } from 'vitest'
import { malformedRows } from '../../../../../../test/session-api/hostile-payloads.ts'
import type { ApiSession } from '../../../../../../test/session-api/types.ts'
import { until } from '../../../../../../test/support/until.ts'
import { failureOf, startWireRig, type WireRig } from '../../../../../../test/support/wire-rig.ts'
import type { StreamItem } from '../cloud-api.ts'
import { readSuffix } from './session-id.ts'

const suffixOf = ({ id }: { id: string }) => readSuffix(id) ?? ''

const follow = (rig: WireRig, session: ApiSession) => {
  const items: StreamItem[] = []
  const state = { items, error: undefined as unknown, isOver: false }
  const read = async () => {
    for await (const item of rig.wire.older.subscribe(suffixOf(session), rig.signal))
      items.push(item)
  }
  const done = read()
    .catch((error: unknown) => {
      state.error = error
    })
    .finally(() => {
      state.isOver = true
    })
  return Object.assign(state, { done })
}
const namesOf = (items: readonly StreamItem[]) =>
  items.map((item) => (item.kind === 'event' ? item.event.eventId : item.kind))

test('[A-80] the older list is read page by page, with the folder from its own place', async () => {
  await using rig = await startWireRig()
  for (let n = 0; n < 130; n += 1) rig.api.addSession({ title: `S${n}`, cwd: `/work/${n}` })
  rig.api.sessions[0]?.archive()
  const { rows, skipped } = await rig.wire.older.list(rig.signal)
  expect(rows).toHaveLength(130)
  expect(skipped).toBe(0)
  expect(rows.find(({ title }) => title === 'S0')).toMatchObject({
    isArchived: true,
    cwd: '/work/0',
  })
  expect(rig.api.requestsTo(/^\/v1\/sessions\?/)).toHaveLength(2)
})

test('[A-81] older history is paged by id from the oldest on, and back without the event it starts from', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  for (let n = 1; n <= 5; n += 1) session.emit({ type: 'assistant', uuid: `u${n}` })
  const events = (range: { afterId?: string; beforeId?: string; limit: number }) =>
    rig.wire.older.events(suffixOf(session), range, rig.signal)
  const first = await events({ limit: 2 })
  expect(first.events.map(({ eventId }) => eventId)).toEqual(['u1', 'u2'])
  expect(first.hasMore).toBe(true)
  const after = await events({ afterId: 'u2', limit: 100 })
  expect(after.events.map(({ eventId }) => eventId)).toEqual(['u3', 'u4', 'u5'])
  expect(after.hasMore).toBe(false)
  const before = await events({ beforeId: 'u4', limit: 2 })
  expect(before.events.map(({ eventId }) => eventId)).toEqual(['u2', 'u3'])
  expect(first.events[0]?.sequence).toBeUndefined()
})

test('[A-81] [A-19] bare events that make no sense are left out and counted', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  for (const row of malformedRows) session.emitRaw(row)
  session.emit({ type: 'assistant', uuid: 'good' })
  const page = await rig.wire.older.events(suffixOf(session), { limit: 1_000 }, rig.signal)
  expect(page.events.map(({ eventId }) => eventId)).toContain('good')
  expect(page.events.length + page.skipped).toBe(session.log.length)
  expect(page.skipped).toBeGreaterThan(0)
})

test('[A-82] a message goes to the older family as a bare event under the older spelling, and may take its time', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  rig.api.faults.add({ kind: 'slow', ms: 35_000 }, { method: 'POST' })
  const sending = rig.wire.older.send(
    suffixOf(session),
    [{ type: 'user', uuid: 'm1', message: { role: 'user', content: 'hi' } }],
    rig.signal,
  )
  await rig.passUntil(sending)
  expect(rig.api.requestsTo(/events$/, 'POST').map(({ body }) => body)).toEqual([
    {
      events: [
        {
          type: 'user',
          uuid: 'm1',
          session_id: session.rowId,
          message: { role: 'user', content: 'hi' },
        },
      ],
    },
  ])
})

test.for([
  { framing: 'lines', asksInitialize: true },
  { framing: 'objects', asksInitialize: false },
] as const)(
  '[A-83] [A-84] [A-85] a Remote Control session is followed by WebSocket: %o',
  async (habits) => {
    await using rig = await startWireRig()
    Object.assign(rig.api.socket, habits)
    const session = rig.api.addSession({ kind: 'terminal' })
    const line = follow(rig, session)
    await rig.time.settle()
    session.emit({ type: 'assistant', uuid: 'u1' })
    session.emit({ type: 'stream_event', uuid: 's1', event: {} })
    session.emitBytes('{"type":"keep_alive"}\n{"type":"assistant","uuid":"u2"}\nnonsense\n')
    await rig.time.pass(60_000)
    session.emit({ type: 'assistant', uuid: 'u3' })
    await rig.time.settle()
    expect(namesOf(line.items)).toEqual(['open', 'u1', 'ephemeral', 'u2', 'skipped', 'u3'])
    expect(session.sent).toEqual([])
    const asked = rig.api.requestsTo(/subscribe/)[0]
    expect(asked?.path).toBe(
      `/v1/sessions/ws/${session.rowId}/subscribe?organization_uuid=${rig.api.organizationId}`,
    )
    expect(asked?.headers).toMatchObject({ 'anthropic-version': '2023-06-01' })
    session.cutStreams(1000)
    await line.done
    expect(line.error).toBeUndefined()
  },
)

test('[A-85] a hello that another client posted is not answered in its place', async () => {
  await using rig = await startWireRig()
  Object.assign(rig.api.socket, { asksInitialize: false })
  const session = rig.api.addSession({ kind: 'terminal' })
  const line = follow(rig, session)
  await rig.time.settle()
  session.emit(
    { type: 'control_request', uuid: 'c1', request_id: 'r1', request: { subtype: 'initialize' } },
    { source: 'client' },
  )
  await rig.time.settle()
  expect(namesOf(line.items)).toEqual(['open', 'c1'])
  expect(session.sent).toEqual([])
})

test('[A-83] [A-86] a session that is not let in by WebSocket has no such road', async () => {
  await using rig = await startWireRig()
  const line = follow(rig, rig.api.addSession({ kind: 'cloud' }))
  await rig.passUntil(line.done)
  expect(line.error).toMatchObject({ kind: 'absent' })
})

test('a WebSocket is closed as its signal aborts', async () => {
  await using rig = await startWireRig()
  const line = follow(rig, rig.api.addSession())
  await rig.time.settle()
  expect(rig.api.openStreams.socket).toBe(1)
  rig.abort()
  await line.done
  expect(line.error).toMatchObject({ name: 'AbortError' })
  await until(() => rig.api.openStreams.socket === 0)
})

test('[A-86] a session the server no longer knows is gone', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  rig.api.removeSession(session.id)
  const line = follow(rig, session)
  await rig.passUntil(line.done)
  expect(line.error).toMatchObject({ kind: 'gone' })
})

test('[A-86] a login that ended is told from a road that is closed', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  rig.api.rotateToken()
  const line = follow(rig, session)
  await rig.passUntil(line.done)
  expect(line.error).toMatchObject({ kind: 'login' })
})

test('[A-86] 4003 closes the road, 4001 of a session that is still there only ends the line', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  const ended = follow(rig, session)
  await rig.time.settle()
  session.cutStreams(4001)
  await rig.passUntil(ended.done)
  expect(ended.error).toBeUndefined()
  const closed = follow(rig, session)
  await rig.time.settle()
  session.cutStreams(4003)
  await rig.passUntil(closed.done)
  expect(closed.error).toMatchObject({ kind: 'absent' })
})

test('[A-86] a line that is dropped at once for the second time is a road that does not exist', async () => {
  await using rig = await startWireRig()
  Object.assign(rig.api.socket, { asksInitialize: false })
  const session = rig.api.addSession()
  const drop = async () => {
    const line = follow(rig, session)
    await rig.time.settle()
    session.cutStreams(1006)
    await rig.passUntil(line.done)
    return line.error
  }
  expect(await drop()).toBeUndefined()
  expect(await drop()).toMatchObject({ kind: 'absent' })
})

test('nobody at the other end of a WebSocket is unreachable', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  rig.api.faults.add({ kind: 'refuse' })
  const line = follow(rig, session)
  await rig.passUntil(line.done)
  expect(line.error).toMatchObject({ kind: 'unreachable' })
})

test('[A-25] [A-80] the older family renames and puts away, and putting it away twice is no fault', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession({ title: 'Shop' })
  const suffix = suffixOf(session)
  await rig.wire.older.rename(suffix, 'Shelf', rig.signal)
  expect(session.row.title).toBe('Shelf')
  for (let times = 0; times < 2; times += 1) await rig.wire.older.archive(suffix, rig.signal)
  expect(session.row.status).toBe('archived')
})

test('[A-80] an older family that is not there is absent', async () => {
  await using rig = await startWireRig()
  rig.api.families.v1 = false
  expect(await failureOf(rig.wire.older.list(rig.signal))).toMatchObject({ kind: 'absent' })
})

test('[I6] frames that nobody takes are held up to what they hold together, then the line ends', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession({ kind: 'terminal' })
  const line = rig.wire.older.subscribe(suffixOf(session), rig.signal)[Symbol.asyncIterator]()
  expect((await line.next()).value).toEqual({ kind: 'open' })
  for (let at = 0; at < 40; at += 1)
    session.emit({ type: 'user', uuid: `u${at}`, words: 'x'.repeat(1_000_000) })
  await until(() => rig.api.openStreams.socket === 0, { timeoutMs: 8_000 })
  let taken = 0
  while (!(await line.next()).done) taken += 1
  expect(taken).toBeLessThan(33)
})
