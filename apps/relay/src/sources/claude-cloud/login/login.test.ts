import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { createLogger } from '../../../logger.ts'
import { CloudFailure } from '../cloud-failure.ts'
import { isToken, Login } from './login.ts'

const TOKEN = 'sk-ant-oat01-never-to-be-seen-AbCdEf0123456789'
const login = new Login(TOKEN, { expiresAtMs: 1, scopes: ['user:profile'], subscription: 'max' })

test('[I12] a login never shows its token, however it is printed', () => {
  const shown = [
    JSON.stringify(login),
    JSON.stringify({ of: [login], ...login }),
    String(login),
    `${login}`,
    inspect(login, { showHidden: true, depth: 9, getters: true }),
    inspect({ of: new Map([[login, [login]]]) }, { depth: 9 }),
    Object.keys(login).join() + Object.values(login).join(),
    Reflect.ownKeys(login).map(String).join(),
    String(inspect(structuredClone({ ...login }))),
  ]
  for (const text of shown) expect(text).not.toContain('never-to-be-seen')
})

test('[I12] no line of the relay’s log shows a token, whatever is logged about a login', () => {
  const lines: string[] = []
  const log = createLogger((line) => lines.push(line))
  const failure = new CloudFailure('login', `${login} has ended`, { status: 401 })
  log.warn('signed out', { login, nested: { deeper: [login] }, failure })
  log.error(`lost ${login}`, { cause: failure, message: failure.message, all: { ...failure } })
  expect(lines).toHaveLength(2)
  for (const line of lines) expect(line).not.toContain('never-to-be-seen')
})

test('[A-1] a login puts its token into the headers of a call as a bearer', () => {
  const headers = new Headers()
  login.authorize(headers)
  expect(headers.get('authorization')).toBe(`Bearer ${TOKEN}`)
})

test('two logins are the same when their token is', () => {
  expect(login.isSameAs(new Login(TOKEN))).toBe(true)
  expect(login.isSameAs(new Login(`${TOKEN}x`))).toBe(false)
  expect(login.isSameAs(undefined)).toBe(false)
})

test('[I12] a token that cannot stand in a header is none, for its error would name it', () => {
  expect(isToken(TOKEN)).toBe(true)
  for (const odd of [
    `${TOKEN}\n`,
    `${TOKEN}\u0000`,
    'Ä'.repeat(20),
    '',
    'short',
    12,
    null,
    [TOKEN],
  ])
    expect(isToken(odd)).toBe(false)
})
