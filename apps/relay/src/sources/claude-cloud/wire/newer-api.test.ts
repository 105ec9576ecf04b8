import { expect, test } from 'vitest'
import { malformedRows } from '../../../../../../test/session-api/hostile-payloads.ts'
import { failureOf, startWireRig } from '../../../../../../test/support/wire-rig.ts'
import type { StreamItem, WatchItem } from '../cloud-api.ts'
import type { CloudFailure } from '../cloud-failure.ts'
import { readSuffix } from './session-id.ts'

const suffixOf = ({ id }: { id: string }) => readSuffix(id) ?? ''
const message = (uuid: string, text = 'hello') => ({
  type: 'user',
  uuid,
  parent_tool_use_id: null,
  message: { role: 'user', content: text },
})

test('[A-17] the list comes page by page with a place to watch from, and archived ones only when asked for', async () => {
  await using rig = await startWireRig()
  const sessions = [1, 2, 3].map((n) => rig.api.addSession({ title: `Session ${n}` }))
  sessions[0]?.archive()
  const first = await rig.wire.newer.list({ limit: 1 }, rig.signal)
  expect(first.rows).toHaveLength(1)
  expect(first.resumeToken).toEqual(expect.any(String))
  const cursor = first.nextCursor ?? ''
  const second = await rig.wire.newer.list({ limit: 1, cursor }, rig.signal)
  expect(second.nextCursor).toBeUndefined()
  const all = await rig.wire.newer.list({ limit: 100, archived: true }, rig.signal)
  expect(all.rows.map(({ isArchived }) => isArchived).sort()).toEqual([false, false, true])
})

test('[A-2] [A-3] every call says which version, beta, platform and organisation, and who is calling', async () => {
  await using rig = await startWireRig()
  await rig.wire.newer.list({ limit: 5 }, rig.signal)
  expect(rig.api.requests[0]?.headers).toMatchObject({
    authorization: `Bearer ${rig.api.accessToken}`,
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'ccr-byoc-2025-07-29',
    'anthropic-client-platform': 'web_claude_ai',
    'x-organization-uuid': rig.api.organizationId,
    'user-agent': expect.stringMatching(/^Bellhop\/\d/),
  })
})

test.for(['response_shape', 'session', 'none'] as const)(
  '[A-23] one row is read however it is wrapped: %s',
  async (wrapping) => {
    await using rig = await startWireRig()
    rig.api.wrapping = wrapping
    const session = rig.api.addSession({ title: 'Wrapped', cwd: '/home/ada/shop' })
    expect(await rig.wire.newer.row(suffixOf(session), rig.signal)).toMatchObject({
      suffix: suffixOf(session),
      title: 'Wrapped',
      cwd: '/home/ada/shop',
    })
  },
)

test('[A-26] [A-27] history comes from either end with the place it goes on from', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  for (let n = 1; n <= 5; n += 1) session.emit({ type: 'assistant', uuid: `u${n}` })
  const suffix = suffixOf(session)
  const newest = await rig.wire.newer.events(suffix, { order: 'desc', limit: 2 }, rig.signal)
  expect(newest.events.map(({ sequence }) => sequence)).toEqual([5, 4])
  expect(newest.next).toBe(4)
  const before = await rig.wire.newer.events(
    suffix,
    { order: 'desc', from: 4, limit: 9 },
    rig.signal,
  )
  expect(before.events.map(({ sequence }) => sequence)).toEqual([3, 2, 1])
  expect(before.next).toBeUndefined()
  const after = await rig.wire.newer.events(suffix, { order: 'asc', from: 3, limit: 9 }, rig.signal)
  expect(after.events.map(({ eventId }) => eventId)).toEqual(['u4', 'u5'])
})

test('[A-19] [A-27] rows of history that make no sense are left out and counted, one by one', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  session.emit({ type: 'assistant', uuid: 'u1' })
  for (const row of malformedRows) session.emitRaw(row)
  session.emit({ type: 'assistant', uuid: 'u2' }, { envelope: { sequence_num: 99 } })
  const page = await rig.wire.newer.events(
    suffixOf(session),
    { order: 'asc', limit: 500 },
    rig.signal,
  )
  expect(page.events.map(({ eventId }) => eventId)).toEqual(expect.arrayContaining(['u1', 'u2']))
  expect(page.events.length + page.skipped).toBe(session.log.length)
  expect(page.skipped).toBeGreaterThan(0)
  expect(rig.wire.skips.counts().get('event')).toBe(page.skipped)
})

test('[A-32] [A-33] [A-34] [A-36] [A-48] a stream goes on from where the reader is and tells each kind of thing', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  session.emit({ type: 'assistant', uuid: 'u1' })
  session.emit({ type: 'assistant', uuid: 'u2' })
  const items: StreamItem[] = []
  const reading = (async () => {
    for await (const item of rig.wire.newer.stream(suffixOf(session), 1, rig.signal))
      items.push(item)
  })()
  await rig.time.settle()
  session.emit({ type: 'assistant', uuid: 'u3' })
  session.ephemeral({ type: 'system', subtype: 'status' })
  session.delivery('u2', 'received')
  session.emitBytes('event: never_heard_of\ndata: {}\n\n')
  session.emitBytes('event: catch_up_truncated\n\n')
  session.emitBytes('data: {"unnamed": true}\n\n')
  session.emitBytes('event: client_event\nid: 9\ndata: {broken\n\n')
  await rig.time.settle()
  expect(items.map((item) => (item.kind === 'event' ? item.event.eventId : item.kind))).toEqual([
    'open',
    'session',
    'u2',
    'u3',
    'ephemeral',
    'delivery',
    'skipped',
    'truncated',
    'skipped',
  ])
  expect(items.find(({ kind }) => kind === 'delivery')).toEqual({
    kind: 'delivery',
    delivery: { eventId: 'u2', status: 'received' },
  })
  const asked = rig.api.requestsTo(/stream/)[0]
  expect(asked?.path).toContain('from_sequence_num=1')
  expect(asked?.headers['last-event-id']).toBe('1')
  expect(asked?.headers.accept).toBe('text/event-stream')
  session.cutStreams()
  await reading
  expect([...rig.wire.skips.counts()]).toEqual([
    ['frame', 1],
    ['event', 1],
  ])
})

test('[A-38] a stream without a byte for 35 s ends by itself, and keepalives keep one that has nothing to say', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  let ended = 0
  const follow = async () => {
    for await (const _ of rig.wire.newer.stream(suffixOf(session), 0, rig.signal));
    ended += 1
  }
  const kept = follow()
  await rig.time.pass(10 * 60_000)
  expect(ended).toBe(0)
  rig.api.faults.add({ kind: 'silent' }, { path: /stream/ })
  const silent = follow()
  await rig.time.pass(34_900)
  expect(ended).toBe(0)
  await rig.time.pass(200)
  await silent
  expect(ended).toBe(1)
  session.cutStreams()
  await kept
})

test('[A-38] whoever takes the events of a stream may take longer than that, and misses none', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  const taken: unknown[] = []
  const follow = async () => {
    for await (const item of rig.wire.newer.stream(suffixOf(session), 0, rig.signal)) {
      if (item.kind !== 'event') continue
      await rig.time.wait(100_000, rig.signal)
      taken.push(item.event.sequence)
    }
  }
  const following = follow()
  await rig.time.settle()
  session.emit({ type: 'assistant', uuid: 'u1' })
  await rig.time.pass(50_000)
  session.emit({ type: 'assistant', uuid: 'u2' })
  await rig.time.pass(200_000)
  expect(taken).toEqual([1, 2])
  session.cutStreams()
  await following
})

test('a stream rejects as its signal aborts', async () => {
  await using rig = await startWireRig()
  const control = new AbortController()
  const stream = rig.wire.newer.stream(suffixOf(rig.api.addSession()), 0, control.signal)
  const reading = (async () => {
    for await (const _ of stream);
  })()
  await rig.time.settle()
  control.abort(new DOMException('over', 'AbortError'))
  await expect(reading).rejects.toThrow('over')
  await rig.time.settle()
  expect(rig.api.openStreams.events).toBe(0)
})

test('[A-40] the watch tells rows, what is gone, and the place to go on from', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession({ title: 'One' })
  const { resumeToken = '' } = await rig.wire.newer.list({ limit: 9 }, rig.signal)
  const items: WatchItem[] = []
  const watching = (async () => {
    for await (const item of rig.wire.newer.watch(resumeToken, rig.signal)) items.push(item)
  })().catch(() => {})
  await rig.time.settle()
  session.set({ title: 'Two' })
  rig.api.removeSession(session.id)
  await rig.time.settle()
  expect(items).toEqual([
    { kind: 'open' },
    { kind: 'row', row: expect.objectContaining({ title: 'One' }) },
    { kind: 'token', token: expect.any(String) },
    { kind: 'row', row: expect.objectContaining({ title: 'Two' }) },
    { kind: 'removed', suffix: suffixOf(session) },
  ])
  rig.abort()
  await watching
})

test('[A-41] a watch that is not open to this account is absent', async () => {
  await using rig = await startWireRig()
  rig.api.families.watch = false
  const failure = await failureOf<CloudFailure>(
    rig.wire.newer.watch('token', rig.signal)[Symbol.asyncIterator]().next(),
  )
  expect(failure).toMatchObject({ kind: 'absent', code: 'not_supported' })
})

test('[A-42] [A-43] a write whose answer is lost is made again with the same uuid, and stored once', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  rig.api.faults.add({ kind: 'lost_answer' }, { method: 'POST', times: 1 })
  const sending = rig.wire.newer.send(suffixOf(session), [message('m1'), message('m2')], rig.signal)
  expect(await rig.passUntil(sending)).toEqual([
    { eventId: 'm1', sequence: 1, isDuplicate: true },
    { eventId: 'm2', sequence: 2, isDuplicate: true },
  ])
  expect(session.events).toHaveLength(2)
  expect(rig.api.requestsTo(/events$/, 'POST')).toHaveLength(2)
  expect(rig.api.requestsTo(/events$/, 'POST')[0]?.body).toMatchObject({
    session_id: session.id,
    events: [{ event_type: 'user', payload: { uuid: 'm1' } }, { event_type: 'user' }],
  })
})

test('[A-43] an answer that cannot be read is met like one that was lost', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  rig.api.faults.add({ kind: 'broken_answer' }, { method: 'POST', times: 1 })
  const sending = rig.wire.newer.send(suffixOf(session), [message('m1')], rig.signal)
  expect(await rig.passUntil(sending)).toMatchObject([{ isDuplicate: true }])
  expect(session.events).toHaveLength(1)
})

test('[A-43] a payload without a uuid of its own is our own mistake, and is not sent', async () => {
  await using rig = await startWireRig()
  const suffix = suffixOf(rig.api.addSession())
  await expect(rig.wire.newer.send(suffix, [{ type: 'user' }], rig.signal)).rejects.toThrow(
    TypeError,
  )
  expect(rig.api.requests).toEqual([])
})

test('[A-47] a write to an archived session is a conflict, and one to a session that is gone says so', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  session.archive()
  const send = (suffix: string) => rig.wire.newer.send(suffix, [message('m1')], rig.signal)
  expect(await failureOf(send(suffixOf(session)))).toMatchObject({
    kind: 'conflict',
    code: 'session_ended',
  })
  expect(await failureOf(send('01nowhere'))).toMatchObject({
    kind: 'gone',
    code: 'session_not_found',
  })
})

test('[A-24] [A-25] a session is renamed, read and put away, and putting it away twice is no fault', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession({ row: { unread: true } })
  const suffix = suffixOf(session)
  await rig.wire.newer.rename(suffix, 'New name', rig.signal)
  await rig.wire.newer.markRead(suffix, rig.signal)
  await rig.wire.newer.archive(suffix, rig.signal)
  await rig.wire.newer.archive(suffix, rig.signal)
  expect(session.row).toMatchObject({ title: 'New name', unread: false, status: 'archived' })
})

test('[A-87] places to start in are read, by the organisation’s own way where the short one is closed', async () => {
  await using rig = await startWireRig()
  expect(await rig.wire.newer.environments(rig.signal)).toMatchObject([
    { environmentId: 'env_01cloud', kind: 'cloud', name: 'Default', isActive: true },
    { kind: 'bridge', machine: 'desk', folder: '/home/ada/shop-api', isActive: true },
  ])
  rig.api.faults.add(
    { kind: 'answer', status: 404, text: 'endpoint not enabled' },
    { path: /providers$/ },
  )
  expect(await failureOf(rig.wire.newer.environments(rig.signal))).toMatchObject({
    kind: 'refused',
  })
  expect(rig.api.requests.at(-1)?.path).toBe(
    `/v1/environment_providers/private/organizations/${rig.api.organizationId}/environments?limit=1000`,
  )
})

test('[A-88] a session is started once, though the answer to its start is lost', async () => {
  await using rig = await startWireRig()
  rig.api.faults.add({ kind: 'lost_answer' }, { method: 'POST', times: 1 })
  const creating = rig.wire.newer.create(
    {
      title: 'Fix the till',
      environmentId: 'env_01cloud',
      firstMessage: { uuid: 'first-1', text: 'Fix the till' },
      repository: 'ada/shop-api',
      branch: 'main',
      model: 'opus',
    },
    rig.signal,
  )
  const suffix = await rig.passUntil(creating)
  expect(rig.api.sessions).toHaveLength(1)
  expect(rig.api.session(`cse_${suffix}`).events[0]?.payload).toMatchObject({ uuid: 'first-1' })
  expect(rig.api.session(`cse_${suffix}`).row.config).toEqual({
    model: 'opus',
    sources: [{ type: 'git_repository', url: 'https://github.com/ada/shop-api', revision: 'main' }],
  })
})
