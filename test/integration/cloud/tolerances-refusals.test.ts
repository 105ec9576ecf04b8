import type { SessionId, Signal } from '@bellhop/core'
import { expect, test } from 'vitest'
import { faultAnswers } from '../../session-api/error-answers.ts'
import { agentSays, personSays } from '../../support/cloud-payloads.ts'
import { type CloudRelay, type Seat, startCloudRelay } from '../../support/cloud-relay.ts'
import { openedRows, sideBySide } from '../../support/cloud-transcript.ts'
import type { VirtualPhone } from '../../support/virtual-phone.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
/** The list is asked for now and then instead of watched, so that a refusal of it shows soon. */
const start = () =>
  startCloudRelay({ time: createVirtualTime(Date.now()), families: { watch: false } })

type Health = Extract<Signal, { type: 'source.health' }>
/** What the phone was told of the source since then. */
const healthsOf = (phone: VirtualPhone, from = 0): Health[] =>
  phone.signals
    .slice(from)
    .filter((signal): signal is Health => signal.type === 'source.health')
    .filter(({ sourceId }) => sourceId === 'claude-cloud')

const say = (rig: CloudRelay, phone: VirtualPhone, sessionId: SessionId, text: string) =>
  rig.send(phone, { type: 'prompt', sessionId, text })

const same = (phone: VirtualPhone, { session, id }: Pick<Seat, 'session' | 'id'>) => {
  const { stored, shown } = sideBySide(session, phone.rows(id))
  expect(shown).toEqual(stored)
}
const told = (
  rig: CloudRelay,
  phone: VirtualPhone,
  id: SessionId,
  text: string,
  withinMs = MINUTE,
) =>
  rig.eventually(() => phone.rows(id).some((row) => row.kind === 'agent' && row.text === text), {
    what: `“${text}” on the phone`,
    withinMs,
  })

/** A session on the phone’s screen, at which somebody sits. */
const watched = async (rig: CloudRelay, phone: VirtualPhone): Promise<Seat> => {
  const seat = rig.seat({ title: 'watched' })
  seat.session.emit(personSays('begin'))
  seat.session.emit(agentSays('Begun.'))
  await rig.listed(phone, seat.id, { withinMs: 3 * MINUTE })
  await rig.look(phone, seat.id)
  await rig.eventually(() => rig.api.openStreams.events === 1)
  await told(rig, phone, seat.id, 'Begun.')
  return seat
}

test('[tolerance 8] [A-10] [A-11] [A-12] a 401 is met by another try, a renewed token is taken up in the middle of things, and a login that has ended is said and heals by a new one', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const seat = await watched(rig, phone)
  const { session, worker, id } = seat
  const posts = () => session.sent.map(({ payload }) => payload.type)

  // A good token is turned away once, while something is sent and while a stream is opened.
  rig.api.faults.add(faultAnswers.expired401, { path: /events$/, method: 'POST', times: 1 })
  expect(await say(rig, phone, id, 'one')).toMatchObject({ state: 'done' })
  rig.api.faults.add(faultAnswers.invalid401, { times: 3 })
  session.cutStreams()
  session.emit(agentSays('Told after three of them.'))
  await told(rig, phone, id, 'Told after three of them.', 15 * SECOND)

  // Claude Code renews the login: the server knows first, the file some seconds later.
  rig.api.rotateToken()
  session.cutStreams()
  await rig.pass(3 * SECOND)
  await rig.signIn()
  session.emit(agentSays('Told with the new token.'))
  await told(rig, phone, id, 'Told with the new token.', 10 * SECOND)
  expect(await say(rig, phone, id, 'two')).toMatchObject({ state: 'done' })
  await rig.pass(2 * MINUTE)
  expect(healthsOf(phone).filter(({ state }) => state !== 'ok')).toEqual([])
  expect(worker.heard).toEqual(['one', 'two'])
  same(phone, seat)

  // The end of it: nobody renews it.
  const from = phone.signals.length
  rig.api.rotateToken()
  session.cutStreams()
  await rig.eventually(() => healthsOf(phone, from).some(({ state }) => state === 'down'), {
    withinMs: MINUTE,
    what: 'the end of the login on the phone',
  })
  const health = await rig.health(phone)
  expect(health.text).toContain('claude auth login')
  expect(health.since).toBeDefined()
  const before = posts().length
  const refused = await say(rig, phone, id, 'three')
  expect(refused).toMatchObject({ state: 'refused', code: 'agent_login_needed' })
  expect(refused.text).toContain('claude auth login')
  expect(posts()).toHaveLength(before)
  // All that was known can be read, by a relay that starts without a login, too.
  await rig.restart()
  await using late = await rig.phone()
  expect(sideBySide(session, await openedRows(late, id)).shown).toEqual(
    sideBySide(session, phone.rows(id)).stored,
  )
  // It is not tried as if there were no tomorrow.
  const asked = rig.api.requests.length
  await rig.pass(30 * MINUTE)
  expect(rig.api.requests.length - asked).toBeLessThanOrEqual(45)
  session.emit(agentSays('Said meanwhile.'))

  // A new login, and no restart.
  await rig.signIn()
  await rig.eventually(async () => (await rig.health(phone)).state === 'ok', {
    withinMs: 2 * MINUTE,
  })
  await rig.look(phone, id)
  await told(rig, phone, id, 'Said meanwhile.', 2 * MINUTE)
  expect(await say(rig, phone, id, 'four')).toMatchObject({ state: 'done' })
  await rig.pass(SECOND)
  same(phone, seat)

  // Whatever happened, nobody tried to renew it in Claude Code’s place.
  expect(rig.api.requestsTo(/oauth\/token/)).toEqual([])
  expect(JSON.stringify(rig.api.requests)).not.toContain('sk-ant-ort01-')
})

test('[tolerance 9] [A-5] pages of HTML and other answers of the edge are an outage that passes, never the end of a login', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const seat = await watched(rig, phone)
  const { session, id } = seat
  const page = '<!DOCTYPE html><html><body>Sign in to the hotel’s network</body></html>'
  const html = { 'content-type': 'text/html' }

  // One of them on the way of a message, each kind in its turn.
  const passing = [
    faultAnswers.edge403,
    { kind: 'answer', status: 502, text: page, headers: html },
    { kind: 'answer', status: 200, text: page, headers: html },
    { kind: 'answer', status: 401, text: page, headers: html },
    { kind: 'answer', status: 302, text: '', headers: { location: 'http://127.0.0.1:1/' } },
    { kind: 'broken_answer' },
  ] as const
  for (const [at, fault] of passing.entries()) {
    rig.api.faults.add(fault, { method: 'POST', path: /events$/, times: 1 })
    expect(await say(rig, phone, id, `message ${at}`)).toMatchObject({ state: 'done' })
  }
  expect(seat.worker.heard).toEqual(passing.map((_, at) => `message ${at}`))

  // Two minutes of it go by unspoken of.
  const edge = rig.api.faults.add(faultAnswers.edge403)
  session.cutStreams()
  session.emit(agentSays('Said behind the edge.'))
  await rig.pass(2 * MINUTE)
  expect(healthsOf(phone).filter(({ state }) => state !== 'ok')).toEqual([])
  expect((await openedRows(phone, id)).length).toBeGreaterThan(0)
  const refused = await say(rig, phone, id, 'not now')
  expect(refused).toMatchObject({ state: 'refused', code: 'source_unreachable' })
  expect(refused.text).toMatch(/passes by itself/)

  // What lasts is said for what it is: nothing about a login.
  await rig.pass(3 * MINUTE)
  const health = await rig.health(phone)
  expect(health.state).toBe('degraded')
  expect(health.text).not.toMatch(/login|sign in again|signed out/i)

  edge[Symbol.dispose]()
  await told(rig, phone, id, 'Said behind the edge.')
  await rig.eventually(async () => (await rig.health(phone)).state === 'ok', { withinMs: MINUTE })
  expect(await say(rig, phone, id, 'now')).toMatchObject({ state: 'done' })
  await rig.pass(SECOND)
  same(phone, seat)
  expect(seat.worker.heard).not.toContain('not now')
  const codes = phone.events.flatMap((event) =>
    event.type === 'command.settled' && event.code ? event.code : [],
  )
  expect(codes).toEqual(['source_unreachable'])
})

test('[tolerance 24] [A-90] a 429 is waited out for as long as it asks, to the second, by everything that calls', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const seat = await watched(rig, phone)
  const { session, id } = seat
  const lastAtMs = () => rig.api.requests.at(-1)?.atMs ?? 0

  // For a message: it goes once the time is over, and nothing else is asked meanwhile.
  rig.api.faults.add(faultAnswers.rateLimited429(7), { method: 'POST', path: /events$/, times: 1 })
  expect(await say(rig, phone, id, 'patiently')).toMatchObject({ state: 'done' })
  const [first, second] = rig.api.requestsTo(/events$/, 'POST')
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(7 * SECOND)
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeLessThan(8 * SECOND)
  const meanwhile = rig.api.requests.filter(
    ({ atMs }) => atMs > (first?.atMs ?? 0) && atMs < (second?.atMs ?? 0),
  )
  expect(meanwhile).toEqual([])
  expect(seat.worker.heard).toEqual(['patiently'])

  // For the list: 93 seconds, by a number.
  rig.api.faults.add(faultAnswers.rateLimited429(93), { path: /sessions\?/, times: 1 })
  await rig.eventually(
    () =>
      rig.api.requests.some(
        ({ status }, at) =>
          status === 429 && at > 0 && rig.api.requests[at]?.path.includes('sessions?'),
      ),
    { withinMs: 11 * MINUTE },
  )
  const limitedAtMs = lastAtMs()
  // Who wants something at once is told how it is, and not kept waiting.
  const refused = await say(rig, phone, id, 'at once')
  expect(refused).toMatchObject({ state: 'refused', code: 'source_unreachable' })
  expect(refused.text).toMatch(/fewer calls/)
  await rig.eventually(() => lastAtMs() > limitedAtMs, { withinMs: 2 * MINUTE })
  expect(lastAtMs() - limitedAtMs).toBeGreaterThanOrEqual(93 * SECOND)
  expect(lastAtMs() - limitedAtMs).toBeLessThan(94 * SECOND)

  // For a stream: until a moment that is named.
  const untilMs = Math.ceil(rig.time.nowMs() / SECOND) * SECOND + 40 * SECOND
  rig.api.faults.add(
    {
      kind: 'answer',
      status: 429,
      body: { type: 'error', error: { type: 'rate_limit_error', message: 'Too many requests' } },
      headers: {
        'retry-after': new Date(untilMs).toUTCString(),
        date: new Date(rig.time.nowMs()).toUTCString(),
      },
    },
    { path: /events\/stream/, times: 1 },
  )
  session.cutStreams()
  session.emit(agentSays('Said while it was limited.'))
  await rig.eventually(() => rig.api.requests.at(-1)?.status === 429, { withinMs: MINUTE })
  const streamAtMs = lastAtMs()
  await rig.eventually(() => lastAtMs() > streamAtMs, { withinMs: MINUTE })
  expect(lastAtMs()).toBeGreaterThanOrEqual(untilMs - SECOND)
  expect(lastAtMs()).toBeLessThan(untilMs + 2 * SECOND)
  await told(rig, phone, id, 'Said while it was limited.')

  // One that does not say for how long is left alone for a good while all the same.
  rig.api.faults.add(
    { kind: 'answer', status: 429, text: 'slow down' },
    { path: /events/, times: 1 },
  )
  session.cutStreams()
  await rig.eventually(() => rig.api.requests.at(-1)?.status === 429, { withinMs: MINUTE })
  const vagueAtMs = lastAtMs()
  await rig.eventually(() => lastAtMs() > vagueAtMs, { withinMs: 2 * MINUTE })
  expect(lastAtMs() - vagueAtMs).toBeGreaterThanOrEqual(20 * SECOND)
  await rig.pass(MINUTE)
  same(phone, seat)
  expect((await rig.health(phone)).state).toBe('ok')
})
