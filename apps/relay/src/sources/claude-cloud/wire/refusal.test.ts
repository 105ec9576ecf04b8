import { expect, test } from 'vitest'
import { networkFailure } from './network-failure.ts'
import { refusalOf, retryAfterMs } from './refusal.ts'

const nowMs = Date.parse('2026-11-21T09:00:00Z')
type Told = { headers?: Record<string, string>; text?: string; error?: object }
type About = { isAboutSession?: boolean; isRouteKnown?: boolean }
const refusal = (status: number, told: Told = {}, about: About = {}) =>
  refusalOf(
    {
      status,
      headers: new Headers(told.headers),
      text:
        told.text ??
        JSON.stringify({ type: 'error', error: told.error ?? {}, request_id: 'req_1' }),
    },
    { nowMs, isAboutSession: false, isRouteKnown: false, ...about },
  )

test('[A-5] only a word of the API counts as one: a page, or a challenge, is the edge', () => {
  expect(refusal(403, { text: '<html>Just a moment</html>' }).kind).toBe('edge')
  expect(refusal(401, { text: '<html>' }).kind).toBe('edge')
  expect(refusal(403, { headers: { 'cf-mitigated': 'challenge' } }).kind).toBe('edge')
  expect(refusal(403, { headers: { 'request-id': 'req_9' }, text: 'x' }).kind).toBe('refused')
})

test('[A-9] [A-89] a 403 of the API names what is missing, and what to do about it', () => {
  const words = (error: object) => refusal(403, { error })
  expect(words({ message: 'does not meet scope requirement x' })).toMatchObject({
    kind: 'login',
    words: expect.stringContaining('claude auth login'),
  })
  expect(words({ resource: 'untrusted_device' })).toMatchObject({
    kind: 'login',
    words: expect.stringContaining('administrator'),
  })
  for (const resource of ['session_stale_relogin', 'session_security_tier_below_org_policy'])
    expect(words({ resource })).toMatchObject({
      kind: 'login',
      words: expect.stringContaining('claude auth login'),
    })
  expect(words({ message: 'Remote sessions are switched off' })).toMatchObject({
    kind: 'refused',
    words: expect.stringContaining('Remote sessions are switched off'),
  })
})

test('[A-41] [A-47] a 404 is a session that is gone, or a call that does not exist', () => {
  expect(refusal(404, { text: 'endpoint not enabled' }, { isAboutSession: true }).kind).toBe(
    'absent',
  )
  const gone = { error: { message: 'Session not found' } }
  expect(refusal(404, gone, { isAboutSession: true }).kind).toBe('gone')
  expect(refusal(404, gone).kind).toBe('absent')
  const vague = { error: { message: 'Not found' } }
  expect(refusal(404, vague, { isAboutSession: true }).kind).toBe('absent')
  expect(refusal(404, vague, { isAboutSession: true, isRouteKnown: true }).kind).toBe('gone')
})

test('[A-39] [A-47] [A-91] the other statuses say what is done about them', () => {
  const kinds = [409, 410, 400, 413, 405, 302, 408, 500, 503, 529].map((status) => [
    status,
    refusal(status).kind,
  ])
  expect(Object.fromEntries(kinds)).toEqual({
    409: 'conflict',
    410: 'expired',
    400: 'refused',
    413: 'refused',
    405: 'absent',
    302: 'unreachable',
    408: 'unreachable',
    500: 'unreachable',
    503: 'unreachable',
    529: 'unreachable',
  })
})

test('[A-90] how long to wait is read as seconds and as a date, by the clock of the other side', () => {
  const after = (headers: Record<string, string>) => refusal(429, { headers }).retryAfterMs
  expect(after({ 'retry-after': '12' })).toBe(12_000)
  expect(after({})).toBeUndefined()
  expect(after({ 'retry-after': 'soon' })).toBeUndefined()
  const date = new Date(nowMs + 3_600_000)
  const later = new Date(date.getTime() + 5_000)
  expect(after({ date: date.toUTCString(), 'retry-after': later.toUTCString() })).toBe(5_000)
})

test('[A-31] words of the other side are shown in one line, without control characters or tokens', () => {
  const { words } = refusal(403, {
    error: { message: 'No \u001b[31msk-ant-oat01-abc_DEF for you\nand more' },
  })
  expect(words).toBe('Anthropic’s server does not allow this: “No [31m•••• for you”.')
})

const failed = (code: string, clockOffMs?: number, message = 'x') =>
  networkFailure(
    new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) }),
    {
      host: 'api.anthropic.com',
      clockOffMs,
    },
  )

test('a network that fails says which part of it, and what to look at', () => {
  expect(failed('ENOTFOUND').words).toMatch(/DNS.*check its network/)
  expect(failed('SELF_SIGNED_CERT_IN_CHAIN').words).toMatch(/TLS.*proxy/)
  for (const code of ['INVALID_CA', 'PATH_LENGTH_EXCEEDED', 'CRL_HAS_EXPIRED'])
    expect(failed(code).words).toContain(`cannot be trusted (TLS: ${code})`)
  expect(failed('ECONNRESET').words).toMatch(/cannot reach.*ECONNRESET/)
  expect(failed('CERT_NOT_YET_VALID').words).toMatch(/check the relay’s clock/)
  expect(failed('CERT_HAS_EXPIRED', -9 * 60_000).words).toMatch(
    /^The relay’s clock is off by 9 minutes.*set it right/,
  )
  for (const code of ['ENOTFOUND', 'ECONNRESET', 'CERT_HAS_EXPIRED'])
    expect(failed(code)).toMatchObject({ kind: 'unreachable', code: 'source_unreachable' })
})

test('[A-43] what may have been done all the same is told from what was never sent', () => {
  expect(failed('ECONNREFUSED').maybeDone).toBe(false)
  expect(failed('ENOTFOUND').maybeDone).toBe(false)
  for (const code of ['UND_ERR_SOCKET', 'ECONNRESET']) expect(failed(code).maybeDone).toBe(true)
  // As Node 24 says it.
  const cut = 'Client network socket disconnected before secure TLS connection was established'
  expect(failed('ECONNRESET', undefined, cut).maybeDone).toBe(false)
  for (const status of [500, 502, 504]) expect(refusal(status).maybeDone).toBe(true)
  for (const status of [408, 503, 529]) expect(refusal(status).maybeDone).toBe(false)
  expect(refusal(400).maybeDone).toBe(false)
})

test('[A-90] whoever asks to be left alone for years is not', () => {
  const asked = ['999999999', '9'.repeat(400), new Date(nowMs + 1e12).toUTCString()]
  for (const text of asked)
    expect(retryAfterMs(new Headers({ 'retry-after': text }), nowMs)).toBe(3_600_000)
})
