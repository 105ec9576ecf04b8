import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { tempFolder } from '../../../../../../test/support/temp-folder.ts'
import { until } from '../../../../../../test/support/until.ts'
import { createVirtualTime } from '../../../../../../test/support/virtual-time.ts'
import { Login } from './login.ts'
import { createLoginStore, type LoginStoreOptions } from './login-store.ts'

const signal = new AbortController().signal
const token = (name: string) => `sk-ant-oat01-${name}-0123456789`
const textOf = (name: string, more: object = {}) =>
  JSON.stringify({
    claudeAiOauth: { accessToken: token(name), scopes: ['user:sessions:claude_code'], ...more },
  })

const home = () => {
  const folder = tempFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  mkdirSync(join(folder.path, '.claude'))
  const file = join(folder.path, '.claude', '.credentials.json')
  const calls = join(folder.path, 'calls')
  return {
    path: folder.path,
    write: (text: string) => writeFileSync(file, text),
    file,
    /** A stand-in for the program that asks the Keychain. */
    security: (script: string) => {
      const program = join(folder.path, 'security')
      writeFileSync(program, `#!/bin/sh\necho "$@" >> '${calls}'\n${script}\n`)
      chmodSync(program, 0o755)
      return program
    },
    calls: () => readFileSync(calls, 'utf8').trim().split('\n'),
  }
}
const storeAt = (folder: { path: string }, more: Partial<LoginStoreOptions> = {}) => {
  const time = createVirtualTime()
  const options = { env: {}, home: folder.path, timing: time, platform: 'linux' as const }
  return { time, store: createLoginStore({ ...options, ...more }) }
}
const bearer = (state: object) => {
  const headers = new Headers()
  if ('login' in state && state.login instanceof Login) state.login.authorize(headers)
  return headers.get('authorization')
}

test('[A-6] the login in the home folder is read, and the same one stays the same', async () => {
  const folder = home()
  folder.write(textOf('one'))
  const { store } = storeAt(folder)
  const first = await store.read(signal)
  expect(first.state).toBe('ready')
  expect(bearer(first)).toBe(`Bearer ${token('one')}`)
  expect(await store.reread(signal)).toEqual(first)
  expect('login' in first && first.login).toBe(
    await store.reread(signal).then((again) => 'login' in again && again.login),
  )
})

test('[A-10] a token that Claude Code replaces is taken up at the next use', async () => {
  const folder = home()
  folder.write(textOf('one'))
  const { store } = storeAt(folder)
  await store.read(signal)
  folder.write(textOf('two'))
  expect(bearer(await store.read(signal))).toBe(`Bearer ${token('two')}`)
})

test('[A-8] a token in the environment comes last, after whatever is stored', async () => {
  const folder = home()
  const { store } = storeAt(folder, { env: { CLAUDE_CODE_OAUTH_TOKEN: token('env') } })
  const alone = await store.read(signal)
  expect(alone).toMatchObject({ state: 'ready', login: { isBare: true, scopes: undefined } })
  expect(bearer(alone)).toBe(`Bearer ${token('env')}`)
  expect(JSON.stringify(alone)).not.toContain(token('env'))
  folder.write(textOf('file'))
  expect(bearer(await store.read(signal))).toBe(`Bearer ${token('file')}`)
  const odd = storeAt(home(), { env: { CLAUDE_CODE_OAUTH_TOKEN: 'two\nlines' } })
  expect(await odd.store.read(signal)).toMatchObject({ state: 'absent' })
})

test('without any login the person is told to sign in, on which machine', async () => {
  const { store } = storeAt(home())
  expect(await store.read(signal)).toMatchObject({
    state: 'absent',
    words: expect.stringMatching(/relay’s machine; run `claude auth login`/),
  })
})

test('[A-6] a file read in the middle of a write is read again before it is called damaged', async () => {
  const folder = home()
  folder.write(textOf('one').slice(0, 30))
  const { store, time } = storeAt(folder)
  const reading = store.read(signal)
  await time.settle()
  folder.write(textOf('one'))
  await time.pass(1_000)
  expect((await reading).state).toBe('ready')
  folder.write('{')
  const broken = store.read(signal)
  await time.pass(1_000)
  expect(await broken).toMatchObject({ state: 'unreadable' })
})

test('[A-11] a login is told to have run out at its end, without a change of the file', async () => {
  const folder = home()
  const { store, time } = storeAt(folder)
  folder.write(textOf('one', { expiresAt: time.nowMs() + 5_000 }))
  expect((await store.read(signal)).state).toBe('ready')
  await time.pass(5_000)
  expect((await store.read(signal)).state).toBe('expired')
})

test('[A-7] on macOS the Keychain is asked where there is no file, by its service and the person’s name', async () => {
  const folder = home()
  const program = folder.security(`echo '${textOf('mac')}'`)
  const { store } = storeAt(folder, {
    env: { USER: 'ada', PATH: '/usr/bin:/bin', CLAUDE_CODE_OAUTH_TOKEN: token('env') },
    platform: 'darwin',
    securityProgram: program,
  })
  expect(bearer(await store.read(signal))).toBe(`Bearer ${token('mac')}`)
  expect(folder.calls()).toEqual(['find-generic-password -a ada -s Claude Code-credentials -w'])
})

test('[A-7] the Keychain’s answer is kept for a while, and asked for anew before a login is called dead', async () => {
  const folder = home()
  const program = folder.security(`printf '%s' '${textOf('mac')}' | od -An -tx1 | tr -d ' \\n'`)
  const { store } = storeAt(folder, {
    env: { USER: 'ada', PATH: '/usr/bin:/bin' },
    platform: 'darwin',
    securityProgram: program,
  })
  expect((await store.read(signal)).state).toBe('ready')
  await store.read(signal)
  expect(folder.calls()).toHaveLength(1)
  await store.reread(signal)
  expect(folder.calls()).toHaveLength(2)
})

test('[A-7] a Keychain that waits for a person nobody sees does not hold the relay up, nor is it asked at once again', async () => {
  const folder = home()
  const program = folder.security('exec sleep 600')
  const { store, time } = storeAt(folder, {
    env: { USER: 'ada', PATH: '/usr/bin:/bin' },
    platform: 'darwin',
    securityProgram: program,
  })
  const reading = store.read(signal)
  await until(() => time.pending > 0)
  await time.pass(15_000)
  expect(await reading).toMatchObject({
    state: 'unreadable',
    words: expect.stringContaining('macOS'),
  })
  expect((await store.reread(signal)).state).toBe('unreadable')
  expect(folder.calls()).toHaveLength(1)
})

test('[A-7] a Keychain without the item means signed out', async () => {
  const folder = home()
  const { store } = storeAt(folder, {
    env: { USER: 'ada', PATH: '/usr/bin:/bin' },
    platform: 'darwin',
    securityProgram: folder.security('exit 44'),
  })
  expect((await store.read(signal)).state).toBe('absent')
})
