import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { createVirtualTime } from '../support/virtual-time.ts'
import { faultAnswers } from './error-answers.ts'
import { hostileText, malformedRows, strangePayloads } from './hostile-payloads.ts'
import { randomFaults } from './random-faults.ts'
import { startSessionApi } from './session-api.ts'
import type { Fields, SessionApi, SessionApiOptions } from './types.ts'

type Asking = { headers?: Record<string, string>; body?: unknown; token?: string }

const start = async (options?: SessionApiOptions) => {
  const api = await startSessionApi(options)
  const headers = (asking: Asking = {}) => ({
    authorization: `Bearer ${asking.token ?? api.accessToken}`,
    'anthropic-version': '2023-06-01',
    'anthropic-client-platform': 'web_claude_ai',
    ...asking.headers,
  })
  const ask = async (method: string, path: string, asking: Asking = {}) => {
    const response = await fetch(api.url + path, {
      method,
      headers: headers(asking),
      ...(asking.body !== undefined && { body: JSON.stringify(asking.body) }),
    })
    const text = await response.text()
    const body = (text.startsWith('{') ? JSON.parse(text) : {}) as Fields
    return { status: response.status, headers: response.headers, text, body }
  }
  const closing = new AbortController()
  /** Opens a stream and collects its text. */
  const listen = async (path: string, asking: Asking = {}) => {
    const response = await fetch(api.url + path, {
      headers: headers(asking),
      signal: closing.signal,
    })
    const heard = { text: '', ended: false, status: response.status }
    const read = async () => {
      for await (const chunk of response.body ?? []) heard.text += Buffer.from(chunk).toString()
    }
    read()
      .catch(() => {})
      .finally(() => {
        heard.ended = true
      })
    return heard
  }
  return {
    api,
    ask,
    listen,
    [Symbol.asyncDispose]: async () => {
      closing.abort()
      await api[Symbol.asyncDispose]()
    },
  }
}

const words = (text: string): Fields => ({
  type: 'user',
  uuid: randomUUID(),
  message: { role: 'user', content: text },
})
const fill = (api: SessionApi, count: number) => {
  const session = api.addSession()
  for (let at = 1; at <= count; at += 1) session.emit(words(`word ${at}`))
  return session
}
const numbers = (body: Fields) =>
  (body.data as { sequence_num: string }[]).map((row) => Number(row.sequence_num))

test('turns requests away as the API does: version, login missing, bad, expired', async () => {
  await using it = await start()
  const list = '/v1/code/sessions'
  const noVersion = await fetch(it.api.url + list)
  expect(noVersion.status).toBe(400)
  const missing = await it.ask('GET', list, { headers: { authorization: '' } })
  expect(missing.text).toContain('Authentication failed')
  const bad = await it.ask('GET', list, { token: 'sk-ant-oat01-other' })
  expect(bad.text).toContain('OAuth access token is invalid.')
  const old = it.api.accessToken
  it.api.rotateToken()
  const expired = await it.ask('GET', list, { token: old })
  expect(expired.text).toContain('OAuth access token has expired')
  expect(expired.status).toBe(401)
  expect(expired.headers.get('request-id')).toMatch(/^req_/)
  expect((await it.ask('GET', list)).status).toBe(200)
})

test('lists newest first, page by page, filtered', async () => {
  const time = createVirtualTime()
  await using it = await start({ time })
  for (const title of ['a', 'b', 'c', 'd', 'e']) {
    it.api.addSession({ title })
    await time.pass(1_000)
  }
  it.api.sessions[0]?.archive()
  const titles = (body: Fields) => (body.data as { title: string }[]).map(({ title }) => title)
  const first = await it.ask('GET', '/v1/code/sessions?limit=2&statuses=active')
  expect(titles(first.body)).toEqual(['e', 'd'])
  const cursor = encodeURIComponent(String(first.body.next_cursor))
  const second = await it.ask('GET', `/v1/code/sessions?limit=2&statuses=active&cursor=${cursor}`)
  expect(titles(second.body)).toEqual(['c', 'b'])
  expect(second.body.next_cursor).toBeUndefined()
  expect(first.body.resume_token).toEqual(expect.any(String))
})

test('pages through the history from either end, with exclusive cursors', async () => {
  await using it = await start()
  const { id, rowId } = fill(it.api, 7)
  const page = async (query: string) =>
    (await it.ask('GET', `/v1/code/sessions/${id}/events?${query}`)).body
  const newest = await page('limit=3')
  expect(numbers(newest)).toEqual([7, 6, 5])
  expect(newest).toMatchObject({ next_cursor: '5', resume_cursor: '5' })
  expect(numbers(await page('limit=3&cursor=5'))).toEqual([4, 3, 2])
  const last = await page('limit=3&cursor=2')
  expect(numbers(last)).toEqual([1])
  expect(last.next_cursor).toBeUndefined()
  expect(numbers(await page('limit=3&sort_order=asc&cursor=4'))).toEqual([5, 6, 7])
  expect((await it.ask('GET', `/v1/code/sessions/${rowId}/events?limit=501`)).status).toBe(400)
})

test('a write is stored once for its uuid, stamped with the platform of its header', async () => {
  await using it = await start()
  const session = it.api.addSession()
  const path = `/v1/code/sessions/${session.id}/events`
  const body = { events: [{ payload: { ...words('hi'), client_platform: 'ios' } }] }
  const first = await it.ask('POST', path, { body })
  expect(first.body.results).toMatchObject([{ sequence_num: '1', duplicate: false }])
  const again = await it.ask('POST', path, { body })
  expect(again.body.results).toMatchObject([{ sequence_num: '1', duplicate: true }])
  expect(session.events[0]?.payload.client_platform).toBe('web_claude_ai')
  expect((await it.ask('POST', path)).status).toBe(400)
  session.archive()
  expect((await it.ask('POST', path, { body })).status).toBe(409)
})

test('archives and brings back once each, renames, marks as read', async () => {
  await using it = await start()
  const session = it.api.addSession({ row: { unread: true } })
  const one = `/v1/code/sessions/${session.rowId}`
  const statuses: number[] = []
  for (const step of ['archive', 'archive', 'unarchive', 'unarchive'])
    statuses.push((await it.ask('POST', `${one}/${step}`, { body: {} })).status)
  expect(statuses).toEqual([200, 409, 200, 409])
  await it.ask('PUT', one, { body: { title: 'Till' } })
  await it.ask('POST', `${one}/mark_read`, { body: {} })
  const { body } = await it.ask('GET', one)
  expect(body.response_shape).toMatchObject({ id: session.id, title: 'Till', unread: false })
})

test('the same first message makes one session', async () => {
  await using it = await start()
  const body = {
    title: 'New',
    environment_id: 'env_01cloud',
    config: {},
    events: [{ payload: words('begin') }],
  }
  const first = await it.ask('POST', '/v1/code/sessions', { body })
  const again = await it.ask('POST', '/v1/code/sessions', { body })
  expect(again.body).toMatchObject({ deduplicated: true, session: first.body.session as Fields })
  expect(it.api.sessions).toHaveLength(1)
  const bare = await it.ask('POST', '/v1/code/sessions', { body: { title: 'x' } })
  expect(bare.status).toBe(400)
})

test('a stream tells receipts, signals and the row’s changes beside the events', async () => {
  await using it = await start()
  const session = fill(it.api, 2)
  const stream = await it.listen(`/v1/code/sessions/${session.id}/events/stream`, {
    headers: { 'last-event-id': '1' },
  })
  await until(() => stream.text.includes('word 2'))
  expect(stream.text).not.toContain('word 1')
  session.ephemeral({ type: 'stream_event', event: {} })
  session.delivery(session.events[0]?.event_id ?? '', 'received')
  session.set({ connection_status: 'disconnected' })
  await until(() => stream.text.includes('"disconnected"'))
  expect(stream.text).toContain('event: ephemeral_event')
  expect(stream.text).toContain('DELIVERY_STATUS_RECEIVED')
  expect(stream.text).toMatch(/^: keepalive/)
})

test('the watch needs its header and a fresh token, and tells what changes', async () => {
  const time = createVirtualTime()
  await using it = await start({ time })
  const session = it.api.addSession({ title: 'first' })
  const { body } = await it.ask('GET', '/v1/code/sessions')
  const path = `/v1/code/sessions/watch?resume_token=${encodeURIComponent(String(body.resume_token))}`
  const wrong = await it.ask('GET', path, { headers: { 'anthropic-client-platform': 'x' } })
  expect([wrong.status, wrong.text]).toEqual([404, 'endpoint not enabled'])
  expect((await it.ask('GET', '/v1/code/sessions/watch')).status).toBe(400)
  const watch = await it.listen(path)
  session.set({ title: 'second' })
  it.api.addSession({ title: 'third' })
  it.api.removeSession(session.id)
  await time.pass(120_000)
  await until(() => (watch.text.match(/event: sync/g) ?? []).length === 2)
  expect(watch.text.match(/event: (added|changed|removed)/g)).toEqual([
    'event: added',
    'event: changed',
    'event: added',
    'event: removed',
  ])
  await time.pass(240_000)
  const late = await it.listen(path)
  await time.pass(60_000)
  expect(late).toMatchObject({ status: 200, text: '' })
})

test('the older family: flat rows and events, pages by id, and its own statuses', async () => {
  await using it = await start()
  const session = fill(it.api, 5)
  const path = `/v1/sessions/${session.rowId}`
  const row = await it.ask('GET', path)
  expect(row.body).toMatchObject({ id: session.rowId, session_status: 'idle' })
  const first = await it.ask('GET', `${path}/events?limit=2`)
  expect(first.body).toMatchObject({ has_more: true, last_id: session.events[1]?.event_id })
  expect((first.body.data as Fields[])[0]).toMatchObject({ type: 'user' })
  const rest = await it.ask('GET', `${path}/events?after_id=${first.body.last_id}`)
  expect(rest.body.data).toHaveLength(3)
  const back = await it.ask('GET', `${path}/events?limit=2&before_id=${first.body.last_id}`)
  expect(back.body.last_id).toBe(first.body.last_id)
  expect((await it.ask('GET', `${path}/events?limit=1001`)).status).toBe(400)
  expect((await it.ask('GET', `${path}/events?after_id=nobody`)).status).toBe(400)
  await it.ask('POST', `${path}/events`, { body: { events: [words('flat')] } })
  expect(session.sent[0]).toMatchObject({ family: 'v1', sequence: 6 })
  await it.ask('PATCH', path, { body: { session_status: 'archived' } })
  expect((await it.ask('PATCH', path, { body: { title: 'x' } })).status).toBe(409)
})

test('says who the login is and where its sessions can run', async () => {
  await using it = await start()
  const { organizationId } = it.api
  const profile = await it.ask('GET', '/api/oauth/profile')
  expect(profile.body.organization).toMatchObject({ uuid: organizationId })
  const roles = await it.ask('GET', '/api/oauth/claude_cli/roles')
  expect(roles.body).toMatchObject({ organization_uuid: organizationId })
  const headers = { 'x-organization-uuid': organizationId }
  const environments = await it.ask('GET', '/v1/environment_providers', { headers })
  expect(environments.body.environments).toHaveLength(2)
})

test('writes a login as Claude Code keeps it', async () => {
  using folder = tempFolder()
  await using it = await start()
  await it.api.writeLogin(folder.path)
  const read = async (name: string) =>
    JSON.parse(await readFile(join(folder.path, name), 'utf8')) as Record<string, Fields>
  const { claudeAiOauth } = await read('.credentials.json')
  expect(claudeAiOauth).toMatchObject({ accessToken: it.api.accessToken })
  expect(it.api.accessToken).toMatch(/^sk-ant-oat01-/)
  expect(it.api.refreshToken).toMatch(/^sk-ant-ort01-/)
  const { oauthAccount } = await read('.claude.json')
  expect(oauthAccount).toMatchObject({ organizationUuid: it.api.organizationId })
})

test('a fault strikes as often as it is told to, and where', async () => {
  await using it = await start()
  const session = it.api.addSession()
  const list = '/v1/code/sessions'
  it.api.faults.add(faultAnswers.rateLimited429(7), { path: /sessions\?/, times: 1 })
  expect((await it.ask('GET', list)).status).toBe(200)
  const limited = await it.ask('GET', `${list}?limit=5`)
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
  expect((await it.ask('GET', `${list}?limit=5`)).status).toBe(200)

  it.api.faults.add(faultAnswers.edge403, { times: 1 })
  const edge = await it.ask('GET', list)
  expect(edge.headers.get('request-id')).toBeNull()
  expect(edge.text).toContain('<html')

  it.api.faults.add({ kind: 'lost_answer' }, { method: 'POST', times: 1 })
  const body = { events: [{ payload: words('lost') }] }
  const path = `${list}/${session.id}/events`
  await expect(it.ask('POST', path, { body })).rejects.toThrow()
  const again = await it.ask('POST', path, { body })
  expect(again.body.results).toMatchObject([{ duplicate: true }])

  const refused = it.api.faults.add({ kind: 'refuse' })
  await expect(it.ask('GET', list)).rejects.toThrow()
  refused[Symbol.dispose]()
  expect((await it.ask('GET', list)).status).toBe(200)
  expect(it.api.faults.struck).toMatchObject({ answer: 2, lost_answer: 1, refuse: 1 })
})

test.for<[Parameters<SessionApi['faults']['add']>[0], RegExp]>([
  [{ kind: 'cut', afterFrames: 2, midFrame: true }, /word 1[\s\S]*event: client_event\nid: 2\nda/],
  [{ kind: 'gap', events: 2 }, /catch_up_truncated[\s\S]*id: 3/],
  [{ kind: 'reorder' }, /id: 2\n[\s\S]*id: 1\n/],
  [{ kind: 'duplicate' }, /id: 1\n[\s\S]*id: 1\n[\s\S]*id: 2\n/],
  [{ kind: 'strange' }, /moon_phase/],
  [{ kind: 'broken_json' }, /data: \{"event_id":\n/],
  [{ kind: 'number_sequence' }, /"sequence_num":1,/],
])('a stream can be made to misbehave: %j', async ([fault, shape]) => {
  await using it = await start()
  const session = fill(it.api, 4)
  it.api.faults.add(fault)
  const stream = await it.listen(`/v1/code/sessions/${session.id}/events/stream`)
  await until(() => shape.test(stream.text))
  if (fault.kind === 'cut') await until(() => stream.ended)
})

test('a silent stream says nothing, not even that it lives', async () => {
  const time = createVirtualTime()
  await using it = await start({ time })
  const session = fill(it.api, 4)
  it.api.faults.add({ kind: 'silent' })
  const stream = await it.listen(`/v1/code/sessions/${session.id}/events/stream`)
  await time.pass(60_000)
  expect(stream.text).toBe('')
})

test('malformed rows are handed out as they are, under numbers of their own', async () => {
  await using it = await start()
  const session = fill(it.api, 1)
  for (const row of malformedRows) session.emitRaw(row)
  session.emit(words('after'), { envelope: { sequence_num: malformedRows.length + 2 } })
  const { body } = await it.ask('GET', `/v1/code/sessions/${session.id}/events?sort_order=asc`)
  expect((body.data as unknown[]).slice(1, -1)).toEqual(malformedRows)
})

test('what is strange or hostile goes out unchanged', async () => {
  await using it = await start()
  const session = it.api.addSession()
  for (const payload of strangePayloads) session.emit({ ...payload })
  session.emit(words(hostileText))
  const { body } = await it.ask('GET', `/v1/code/sessions/${session.id}/events?sort_order=asc`)
  const payloads = (body.data as { payload: Fields }[]).map(({ payload }) => payload)
  expect(payloads.slice(0, -1)).toEqual(strangePayloads)
  expect(payloads.at(-1)?.message).toMatchObject({ content: hostileText })
})

test('one session comes wrapped in one way or another', async () => {
  await using it = await start()
  const { id } = it.api.addSession()
  it.api.wrapping = 'none'
  expect((await it.ask('GET', `/v1/code/sessions/${id}`)).body).toMatchObject({ id })
  it.api.wrapping = 'session'
  expect((await it.ask('GET', `/v1/code/sessions/${id}`)).body).toMatchObject({ session: { id } })
})

test('deliveries can be kept silent, rows be stale, families be missing', async () => {
  await using it = await start()
  const session = fill(it.api, 1)
  const silence = it.api.faults.add({ kind: 'no_deliveries' })
  session.delivery(session.events[0]?.event_id ?? '', 'received')
  expect(session.events[0]?.received_at).toBeUndefined()
  silence[Symbol.dispose]()
  it.api.faults.add({ kind: 'stale_row', fields: { worker_status: 'running' } })
  const { body } = await it.ask('GET', '/v1/code/sessions')
  expect(body.data).toMatchObject([{ worker_status: 'running' }])
  it.api.families.code = false
  expect((await it.ask('GET', '/v1/code/sessions')).status).toBe(404)
  expect((await it.ask('GET', '/v1/sessions')).status).toBe(200)
})

test('random faults are the same for the same seed', () => {
  const draw = (seed: number) => {
    const pick = randomFaults(seed, 0.5)
    return Array.from({ length: 40 }, (_, at) =>
      pick(at % 2 ? 'stream' : 'request', { method: 'GET', path: '/' }),
    )
  }
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
  expect(draw(7).filter((fault) => fault !== undefined).length).toBeGreaterThan(10)
})
