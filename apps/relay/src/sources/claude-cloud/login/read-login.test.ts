import { expect, test } from 'vitest'
import { Login } from './login.ts'
import { loginAt, readLogin } from './read-login.ts'

const TOKEN = 'sk-ant-oat01-read-login-test-0123456789'
const stored = (oauth: unknown, more: object = {}) =>
  readLogin(JSON.stringify({ claudeAiOauth: oauth, ...more }))
const good = {
  accessToken: TOKEN,
  refreshToken: 'sk-ant-ort01-read-login-test',
  expiresAt: 2_000,
  scopes: ['user:inference', 'user:sessions:claude_code'],
  subscriptionType: 'max',
}

test('[A-6] a login is read with its end, its scopes, its plan and the organisation beside it', () => {
  const login = stored(good, { organizationUuid: 'org-1', mcpOAuth: { some: 'secret' } })
  expect(login).toBeInstanceOf(Login)
  expect(login).toMatchObject({
    expiresAtMs: 2_000,
    scopes: ['user:inference', 'user:sessions:claude_code'],
    subscription: 'max',
    organizationId: 'org-1',
  })
})

test('[A-6] damage costs the damaged field alone: scopes that are no list, a time that is none', () => {
  expect(stored({ ...good, scopes: 'user:profile', expiresAt: 'soon' })).toMatchObject({
    scopes: undefined,
    expiresAtMs: undefined,
  })
  expect(stored({ ...good, scopes: [7, null, 'user:sessions:claude_code'] })).toMatchObject({
    scopes: ['user:sessions:claude_code'],
  })
  expect(stored({ ...good, expiresAt: '2000', subscriptionType: {} })).toMatchObject({
    expiresAtMs: 2_000,
    subscription: undefined,
  })
})

test('[A-6] what lies beside the login is not looked at, whatever it is', () => {
  for (const root of [
    { pluginSecrets: 'x'.repeat(9) },
    { accessToken: TOKEN },
    [good],
    'text',
    7,
    null,
  ])
    expect(readLogin(JSON.stringify(root))).toMatchObject({ state: 'absent' })
  expect(stored(good, { pluginSecrets: ['\u0000'], organizationUuid: { odd: 1 } })).toMatchObject({
    organizationId: undefined,
  })
})

test('a text that is no JSON gives nothing, so that half a write is told from no login', () => {
  expect(readLogin('{"claudeAiOauth": {"accessTok')).toBeUndefined()
})

test('[A-9] a login without the scope for sessions says so, and what to do', () => {
  expect(stored({ ...good, scopes: ['user:inference'] })).toMatchObject({
    state: 'lacks_scope',
    words: expect.stringContaining('claude auth login'),
  })
})

test('[I12] a damaged token is unreadable, and is not in the words about it', () => {
  const odd = stored({ ...good, accessToken: `${TOKEN}\nx` })
  expect(odd).toMatchObject({ state: 'unreadable' })
  expect(JSON.stringify(odd)).not.toContain(TOKEN)
})

test('[A-11] a login is over at its end, and not before', () => {
  const login = stored(good)
  if (!login) throw new TypeError('not read')
  expect(loginAt(login, 1_999).state).toBe('ready')
  expect(loginAt(login, 2_000)).toMatchObject({ state: 'expired', login })
})
