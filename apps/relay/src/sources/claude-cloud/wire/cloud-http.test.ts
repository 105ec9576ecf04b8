import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { faultAnswers } from '../../../../../../test/session-api/error-answers.ts'
import { tempFolder } from '../../../../../../test/support/temp-folder.ts'
import { createVirtualTime } from '../../../../../../test/support/virtual-time.ts'
import { failureOf, startWireRig } from '../../../../../../test/support/wire-rig.ts'
import type { CloudFailure } from '../cloud-failure.ts'
import { createCloudWire } from '../cloud-wire.ts'

const listOf = (rig: Awaited<ReturnType<typeof startWireRig>>) =>
  rig.wire.newer.list({ limit: 5 }, rig.signal)

test('[A-12] a good login that is refused now and then is not called dead', async () => {
  await using rig = await startWireRig()
  rig.api.faults.add(faultAnswers.invalid401, { times: 4 })
  expect(await rig.passUntil(listOf(rig))).toMatchObject({ rows: [] })
  expect(rig.api.requests.map(({ status }) => status)).toEqual([401, 401, 401, 401, 200])
})

test('[A-12] [A-11] a login that stays refused for ten seconds has ended, and is then tried once a minute', async () => {
  await using rig = await startWireRig()
  const fault = rig.api.faults.add(faultAnswers.invalid401)
  const startMs = rig.time.nowMs()
  const failure = await failureOf<CloudFailure>(rig.passUntil(listOf(rig)))
  expect(failure).toMatchObject({ kind: 'login', code: 'agent_login_needed' })
  expect(failure.words).toContain('claude auth login')
  expect(rig.time.nowMs() - startMs).toBeLessThan(15_000)
  const calls = rig.api.requests.length
  for (let n = 0; n < 30; n += 1) await failureOf(listOf(rig))
  expect(rig.api.requests).toHaveLength(calls)
  await rig.time.pass(61_000)
  await failureOf(listOf(rig))
  expect(rig.api.requests).toHaveLength(calls + 1)
  fault[Symbol.dispose]()
  await rig.time.pass(61_000)
  expect(await listOf(rig)).toMatchObject({ rows: [] })
})

test('[A-10] a token that is replaced under a call is read anew, and the call goes on with it at once', async () => {
  await using rig = await startWireRig()
  await listOf(rig)
  rig.api.faults.add({ kind: 'slow', ms: 1_000 }, { times: 1 })
  const listing = listOf(rig)
  await rig.time.pass(500)
  rig.api.rotateToken()
  await rig.api.writeLogin(rig.configDir)
  await rig.time.pass(500)
  await rig.time.settle()
  expect(rig.api.requests.map(({ status }) => status)).toEqual([200, 401, 200])
  expect(await listing).toMatchObject({ rows: [] })
})

test('[A-10] a login that ended heals at once when another one is stored', async () => {
  await using rig = await startWireRig()
  rig.api.rotateToken()
  await failureOf(rig.passUntil(listOf(rig)))
  await rig.api.writeLogin(rig.configDir)
  expect(await listOf(rig)).toMatchObject({ rows: [] })
})

test('[A-11] a login that is over by the clock here is tried once, and believed when the other side takes it', async () => {
  await using rig = await startWireRig({ login: { expiresAt: 1_000 } })
  expect(await listOf(rig)).toMatchObject({ rows: [] })
  await Promise.all([listOf(rig), listOf(rig)])
  rig.api.rotateToken()
  expect(await failureOf(rig.passUntil(listOf(rig)))).toMatchObject({ kind: 'login' })
})

test('[A-9] without the scope nothing is called, and the words say what to do', async () => {
  await using rig = await startWireRig({ login: { scopes: ['user:inference'] } })
  const failure = await failureOf<CloudFailure>(listOf(rig))
  expect(failure).toMatchObject({ kind: 'login' })
  expect(failure.words).toMatch(/does not cover cloud sessions.*claude auth login/)
  expect(rig.api.requests).toEqual([])
})

test('[A-8] a bare token of the environment is tried, and what is likely wrong with it is said when it is refused', async () => {
  await using rig = await startWireRig()
  using folder = tempFolder()
  const wireWith = (bare: string) =>
    createCloudWire({
      env: { CLAUDE_CODE_OAUTH_TOKEN: bare },
      home: folder.path,
      platform: 'linux',
      timing: rig.time,
      url: rig.api.url,
    })
  const list = (bare: string) => wireWith(bare).newer.list({ limit: 5 }, rig.signal)
  expect(await rig.passUntil(list(rig.api.accessToken))).toMatchObject({ rows: [] })
  for (const fault of [faultAnswers.scope403, faultAnswers.invalid401]) {
    using _ = rig.api.faults.add(fault)
    const failure = await failureOf<CloudFailure>(rig.passUntil(list(rig.api.accessToken)))
    expect(failure.kind).toBe('login')
    expect(failure.words).toMatch(/CLAUDE_CODE_OAUTH_TOKEN.*setup-token.*claude auth login/)
  }
})

test('[A-5] a refusal at the edge is no end of the login', async () => {
  await using rig = await startWireRig()
  rig.api.faults.add(faultAnswers.edge403, { times: 1 })
  expect(await failureOf(listOf(rig))).toMatchObject({ kind: 'edge', code: 'source_unreachable' })
  expect(await listOf(rig)).toMatchObject({ rows: [] })
})

test('[A-90] [I6] after a 429 everything waits for as long as it was told to', async () => {
  await using rig = await startWireRig()
  rig.api.faults.add(faultAnswers.rateLimited429(20), { times: 1 })
  expect(await failureOf(listOf(rig))).toMatchObject({
    kind: 'limited',
    code: 'rate_limited',
    retryAfterMs: 20_000,
  })
  const waiting = Promise.all([listOf(rig), listOf(rig)])
  await rig.time.pass(19_900)
  expect(rig.api.requests).toHaveLength(1)
  await rig.time.pass(200)
  await waiting
  expect(rig.api.requests).toHaveLength(3)
})

test('[A-90] a wait that is too long to sit out is refused at once, with how long it takes', async () => {
  await using rig = await startWireRig()
  rig.api.faults.add(faultAnswers.rateLimited429(600), { times: 1 })
  await failureOf(listOf(rig))
  expect(await failureOf(listOf(rig))).toMatchObject({ kind: 'limited', retryAfterMs: 600_000 })
  expect(rig.api.requests).toHaveLength(1)
})

test('[I6] only so many calls are under way at once', async () => {
  await using rig = await startWireRig()
  rig.api.faults.add({ kind: 'slow', ms: 1_000 })
  const all = Promise.all(Array.from({ length: 20 }, () => listOf(rig)))
  await rig.time.pass(500)
  expect(rig.api.requests).toHaveLength(4)
  await rig.passUntil(all)
  expect(rig.api.requests).toHaveLength(20)
})

test('[A-91] a server that does not answer in time is given up on, and said to be so', async () => {
  await using rig = await startWireRig()
  rig.api.faults.add({ kind: 'slow', ms: 300_000 })
  const failure = await failureOf<CloudFailure>(rig.passUntil(listOf(rig)))
  expect(failure).toMatchObject({ kind: 'unreachable', maybeDone: true })
  expect(failure.words).toContain('did not answer in time')
})

test('a call rejects as its signal aborts', async () => {
  await using rig = await startWireRig()
  rig.api.faults.add({ kind: 'slow', ms: 10_000 })
  const listing = listOf(rig)
  await rig.time.settle()
  rig.abort()
  await expect(listing).rejects.toThrow('aborted')
})

test('a sign-in page of a network in place of the answer is unreachable, not data', async () => {
  await using rig = await startWireRig()
  rig.api.faults.add({
    kind: 'answer',
    status: 200,
    text: '<html>Welcome to the hotel</html>',
    headers: { 'content-type': 'text/html' },
  })
  expect(await failureOf(listOf(rig))).toMatchObject({ kind: 'unreachable' })
  const stream = rig.wire.newer.stream('01x', 0, rig.signal)[Symbol.asyncIterator]()
  expect(await failureOf(stream.next())).toMatchObject({ kind: 'unreachable' })
})

test('[I12] a redirect is refused, so that the login never goes to another place', async () => {
  const elsewhere: string[] = []
  const other = createServer((request, response) => {
    elsewhere.push(request.url ?? '')
    response.end('{}')
  })
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  await using rig = await startWireRig()
  const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/taken`
  rig.api.faults.add({ kind: 'answer', status: 307, text: '', headers: { location } })
  const failure = await failureOf<CloudFailure>(listOf(rig))
  expect(failure).toMatchObject({ kind: 'unreachable' })
  expect(failure.words).toContain('sends the relay elsewhere')
  expect(elsewhere).toEqual([])
})

test('nobody at the other end is unreachable, and says what to look at', async () => {
  await using rig = await startWireRig()
  rig.api.faults.add({ kind: 'refuse' })
  expect(await failureOf(listOf(rig))).toMatchObject({
    kind: 'unreachable',
    words: expect.stringMatching(/cannot reach 127\.0\.0\.1.*check the network/),
  })
})

test('the clock of the other side is known from its answers', async () => {
  await using rig = await startWireRig()
  const date = new Date(rig.time.nowMs() + 9 * 60_000).toUTCString()
  rig.api.faults.add({
    kind: 'answer',
    status: 401,
    body: { request_id: 'req_1' },
    headers: { date },
  })
  const failure = await failureOf<CloudFailure>(rig.passUntil(listOf(rig)))
  expect(failure.words).toMatch(/^The relay’s clock is off by 9 minutes/)
  expect(rig.wire.clockOffMs()).toBeGreaterThan(8 * 60_000)
})

test('[I12] no failure shows the token, whatever went wrong', async () => {
  await using rig = await startWireRig()
  const token = rig.api.accessToken
  const faults = [
    faultAnswers.edge403,
    faultAnswers.scope403,
    faultAnswers.rateLimited429(1),
    faultAnswers.serverError(500),
    { kind: 'refuse' } as const,
    {
      kind: 'answer',
      status: 400,
      body: { error: { message: `bad ${token}` }, request_id: 'req_1' },
    } as const,
  ]
  for (const fault of faults) {
    const planned = rig.api.faults.add(fault)
    const failure = await failureOf<CloudFailure>(rig.passUntil(listOf(rig)))
    planned[Symbol.dispose]()
    await rig.time.pass(61_000)
    const shown = `${inspect(failure, { depth: 9, showHidden: true })}${failure.stack}${JSON.stringify(failure)}`
    expect(shown).not.toContain(token.slice(14))
  }
})

test('[A-13] the organisation is asked for where no file names it, once for a login', async () => {
  await using rig = await startWireRig({ login: { claudeJson: null } })
  await listOf(rig)
  await listOf(rig)
  expect(rig.api.requests.map(({ path }) => path.split('?')[0])).toEqual([
    '/api/oauth/profile',
    '/v1/code/sessions',
    '/v1/code/sessions',
  ])
  expect(rig.api.requests[2]?.headers['x-organization-uuid']).toBe(rig.api.organizationId)
})

test('[A-13] a login that may not ask for its profile asks for its roles', async () => {
  await using rig = await startWireRig({ login: { claudeJson: null } })
  rig.api.faults.add(faultAnswers.scope403, { path: /profile/ })
  await listOf(rig)
  expect(rig.api.requests[1]?.path).toBe('/api/oauth/claude_cli/roles')
  expect(rig.api.requests[2]?.headers['x-organization-uuid']).toBe(rig.api.organizationId)
})

test('[A-13] where no way tells the organisation, calls go without it, and it is asked for again later', async () => {
  await using rig = await startWireRig({ login: { claudeJson: null } })
  const fault = rig.api.faults.add(faultAnswers.serverError(), { path: /oauth/ })
  await listOf(rig)
  expect(rig.api.requests.at(-1)?.headers).not.toHaveProperty('x-organization-uuid')
  fault[Symbol.dispose]()
  await listOf(rig)
  expect(rig.api.requestsTo(/oauth/)).toHaveLength(1)
  await rig.time.pass(61_000)
  await listOf(rig)
  expect(rig.api.requests.at(-1)?.headers['x-organization-uuid']).toBe(rig.api.organizationId)
})

test('[A-1] [I12] the login goes to the API alone, or to this machine itself', () => {
  const folder = tempFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const at = (url: string) => () =>
    createCloudWire({
      env: {},
      home: join(folder.path, 'nobody'),
      timing: createVirtualTime(),
      url,
    })
  for (const url of ['http://127.0.0.1:8081', 'http://localhost:8081', 'http://[::1]:8081/', ''])
    expect(at(url)).not.toThrow()
  for (const url of [
    'https://127.0.0.1:8081',
    'http://127.0.0.1.example.com',
    'http://10.0.0.1',
    'http://me@127.0.0.1:8081',
    'http://:pw@127.0.0.1:8081',
    'ftp://127.0.0.1',
    'nonsense',
  ])
    expect(at(url)).toThrow(expect.objectContaining({ code: 'config_invalid' }))
})

test('[I12] a token the other side repeats is covered: in an answer, a stream, a socket and a refusal', async () => {
  await using rig = await startWireRig()
  const { accessToken } = rig.api
  const session = rig.api.addSession({ title: `Bearer ${accessToken}` })
  const suffix = session.id.slice('cse_'.length)
  session.emit({ type: 'user', uuid: 'u', echo: { [accessToken]: accessToken } })
  const told: unknown[] = [await listOf(rig)]
  told.push(
    await rig.wire.newer.events(suffix, { order: 'asc', limit: 5 }, rig.signal),
    await rig.wire.older.events(suffix, { limit: 5 }, rig.signal),
  )
  for await (const item of rig.wire.newer.stream(suffix, 0, rig.signal)) {
    told.push(item)
    if (item.kind === 'event') break
  }
  for await (const item of rig.wire.older.subscribe(suffix, rig.signal)) {
    told.push(item)
    if (item.kind === 'event') break
    session.emit({ type: 'user', uuid: 'v', echo: accessToken })
  }
  const error = { type: 'invalid_request', message: `Not with ${accessToken}` }
  const body = { type: 'error', error }
  rig.api.faults.add({ kind: 'answer', status: 400, body }, { times: 1 })
  const failure = await failureOf<CloudFailure>(listOf(rig))
  expect(failure.words).toContain('Not with ')
  // What was repeated of the token just replaced is covered as well.
  session.set({ title: accessToken })
  rig.api.rotateToken()
  await rig.api.writeLogin(rig.configDir)
  told.push(await rig.passUntil(listOf(rig)))
  const shown = inspect([told, failure], { depth: 20, showHidden: true })
  expect(shown).toContain('••••')
  expect(shown).not.toContain(accessToken)
})

test('[I6] [A-26] a page too large to take in is asked for in smaller ones', async () => {
  await using rig = await startWireRig()
  const session = rig.api.addSession()
  for (let at = 0; at < 3; at += 1)
    session.emit({ type: 'user', uuid: `u${at}`, words: 'x'.repeat(10_000_000) })
  const suffix = session.id.slice('cse_'.length)
  const page = await rig.wire.newer.events(suffix, { order: 'asc', limit: 16 }, rig.signal)
  expect(page.events.map(({ sequence }) => sequence)).toEqual([1, 2])
  expect(page.next).toBe(2)
  session.emit({ type: 'user', uuid: 'huge', words: 'x'.repeat(25_000_000) })
  session.emit({ type: 'user', uuid: 'after' })
  const past = await rig.wire.newer.events(suffix, { order: 'asc', from: 3, limit: 9 }, rig.signal)
  expect(past).toMatchObject({ events: [], skipped: 1, next: 4 })
  const after = await rig.wire.newer.events(suffix, { order: 'asc', from: 4, limit: 9 }, rig.signal)
  expect(after.events).toMatchObject([{ eventId: 'after' }])
})
