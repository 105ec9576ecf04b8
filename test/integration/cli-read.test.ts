import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { newCommandId, type PlaceId, type SessionId, type SourceId } from '@bellhop/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { widthOf } from '../../apps/relay/src/cli/text-width.ts'
import { letAgentIn, says } from '../support/asking-agent.ts'
import { startMcpAgent } from '../support/mcp-agent.ts'
import { runCommand, runForJson, startCommand } from '../support/run-command.ts'
import { createScriptedSource, shellAsk } from '../support/scripted-source.ts'
import { startRelay, type TestRelay } from '../support/start-relay.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'

let running: TestRelay
beforeEach(async () => {
  running = await startRelay()
})
afterEach(() => running[Symbol.asyncDispose]())

const bellhop = (...args: string[]) => runCommand(running.dataDir, args)
const speak = (id: SessionId, text: string) =>
  running.source.say(id, 'message.agent', { messageId: text.slice(0, 100), text })

describe('bellhop read', () => {
  test('prints the conversation, tools with what came of them, and how the session stands', async () => {
    const id = await running.source.start('Refunds')
    await running.source.say(id, 'message.person', {
      messageId: 'p',
      text: 'Test it',
      from: 'person',
    })
    await running.source.say(id, 'tool.started', {
      toolCallId: 't1',
      tool: { kind: 'shell', name: 'Bash', command: 'npm test' },
    })
    await running.source.say(id, 'tool.ended', {
      ...{ toolCallId: 't1', outcome: 'failed', result: { text: 'one\ntwo', durationMs: 1_840 } },
    })
    await speak(id, 'Two tests fail.\nThe rest is fine.')
    const { exitCode, text } = await bellhop('read', 'refu')
    expect(exitCode).toBe(0)
    expect(text).toMatch(
      /You {2}\d+:\d\d\n {2}Test it\n▸ Bash {2}npm test\n└ failed · 1.8 s · 2 lines\n {4}one\n {4}two\nAgent/,
    )
    expect(text).toContain('  Two tests fail.\n  The rest is fine.\n')
    expect(text).toMatch(/idle {2}Refunds {2}shop-api/)
  })

  test('words of others cannot talk to the terminal', async () => {
    const id = await running.source.start('one')
    await speak(id, 'a\u001b]0;owned\u0007\u202Eb\rc')
    const { text } = await bellhop('read', 'one')
    for (const char of ['\u202E', '\u0007', '\r']) expect(text).not.toContain(char)
    expect(text).toContain('  a b\n  c\n')
    const { answer } = await runForJson(running.dataDir, ['read', 'one'])
    expect(JSON.stringify(answer)).toContain('owned')
  })

  test('--last bounds it, and --before reads on where it began, back to before the log', async () => {
    const id = await running.source.start('one')
    for (let at = 1; at <= 7; at++) await speak(id, `word ${at}`)
    const at = new Date(0).toISOString()
    const past = (text: string) =>
      ({
        type: 'message.agent',
        sessionId: id,
        at,
        dedupeKey: text,
        messageId: text,
        text,
      }) as const
    running.source.before.set(id, [[past('past 2')], [past('past 1')]])
    type Page = { rows: { text: string }[]; older?: string }
    const seen: string[][] = []
    let older: string | undefined
    do {
      const more = older === undefined ? [] : ['--before', older]
      const { answer } = await runForJson<Page>(running.dataDir, [
        ...['read', 'one', '--last', '3', ...more],
      ])
      seen.unshift(answer.rows.map(({ text }) => text))
      older = answer.older
    } while (older !== undefined && seen.length < 9)
    expect(seen.flat()).toEqual([
      ...['past 1', 'past 2'],
      ...[1, 2, 3, 4, 5, 6, 7].map((number) => `word ${number}`),
    ])
    expect(seen.at(-1)).toHaveLength(3)
  })

  test('a name that fits several sessions, or none, is refused with the candidates', async () => {
    await running.source.start('Refunds A')
    await running.source.start('Refunds B')
    const several = await bellhop('read', 'refunds')
    expect(several.exitCode).toBe(1)
    expect(several.errors).toContain('ses_Refunds-A (Refunds A), ses_Refunds-B (Refunds B)')
    expect((await bellhop('read', 'nothing')).errors).toContain('No session fits nothing.')
    expect((await bellhop('read', 'refunds b')).exitCode).toBe(0)
    expect((await bellhop('read', 'Refunds-A')).exitCode).toBe(0)
  })
})

describe('bellhop start', () => {
  const place = (name: string) => ({
    placeId: `plc_${name}` as PlaceId,
    sourceId: 'scripted' as SourceId,
    title: `Machine ${name}`,
    takesRepository: false,
    repositories: [],
    choices: {},
  })

  test('starts a session where it is told to, and says where it could', async () => {
    running.source.placesThere = [place('desk'), place('attic')]
    const started = running.source.start('fresh')
    running.source.onStart = () => started
    expect((await bellhop('start')).text).toContain('Machine attic')
    expect(await bellhop('start', 'do', 'it')).toMatchObject({ exitCode: 2 })
    expect(await bellhop('start', 'do', 'it', '--place', 'cellar')).toMatchObject({ exitCode: 1 })
    const { exitCode, answer } = await runForJson(running.dataDir, [
      ...['start', 'do', 'it', '--place', 'attic'],
    ])
    expect({ exitCode, answer }).toEqual({ exitCode: 0, answer: { sessionId: 'ses_fresh' } })
    const { entries } = (await runForJson<{ entries: object[] }>(running.dataDir, ['log'])).answer
    expect(entries).toMatchObject([
      { commandType: 'start', about: 'do it', sessionId: 'ses_fresh', outcome: 'done' },
    ])
  })
})

describe('bellhop log', () => {
  test('[AL-1] [AL-4] [AL-6] says who did what and what came of it, refusals for a scope included', async () => {
    const id = await running.source.start('one')
    await running.source.ask(id, 'per_1', shellAsk('curl -H "Authorization: Bearer abcdefghijkl"'))
    await bellhop('answer', 'one', 'allow', '--yes')
    running.source.onPerform = async () => ({ unconfirmed: 'Stored.' })
    await bellhop('send', 'one', 'go on')
    const { pairUrl } = await running.relay.pairing.offer({ confirm: false, scopes: ['watch'] })
    await using tablet = await running.phone({ name: 'Tablet', pairUrl })
    const send = () => tablet.send({ type: 'prompt', sessionId: id, text: 'let me in' })
    await expect(send()).rejects.toMatchObject({ code: 'scope_missing' })
    const start = tablet.client.call('start', {
      ...{ commandId: newCommandId(), placeId: 'plc_desk' as PlaceId, text: 'begin' },
    })
    await expect(start).rejects.toMatchObject({ code: 'scope_missing' })
    const { text } = await bellhop('log')
    expect(text).toContain('Answer a permission')
    expect(text).toMatch(/allow: curl -H "Authorization: •+/)
    expect(text).not.toContain('abcdefghijkl')
    expect(text).toContain('not confirmed: Stored.')
    expect(text).toMatch(/Tablet {2}Send a message {2}one\n +let me in\n +not done: /)
    expect(text).toMatch(/Tablet {2}Start a session\n +begin\n +not done: This device may not/)
    const own = await tablet.client.call('auditLog', { limit: 10, sessionId: id })
    expect(own.entries.map(({ outcome, code }) => code ?? outcome)).toEqual([
      ...['scope_missing', 'unconfirmed', 'done'],
    ])
    const { answer } = await runForJson<{ entries: unknown[]; hasMore: boolean }>(running.dataDir, [
      'log',
      '--session',
      'one',
      '--last',
      '1',
    ])
    expect(answer).toMatchObject({ entries: [{ by: { name: 'Tablet' } }], hasMore: true })
  })
})

test('[AL-1] [MC-7] an agent stands in the log as one, with what came of it, on lines that fit the screen', async () => {
  const id = await running.source.start('one')
  await using agent = await startMcpAgent(running, {
    scopes: ['watch', 'drive'],
    way: { via: 'http', protocol: '2026-07-28' },
  })
  await agent.call('send_message', { sessionId: id, text: 'go on' })
  const limits = Array.from({ length: 20 }, () =>
    agent.call('send_message', { sessionId: id, text: 'again' }),
  )
  await Promise.all(limits)
  const { text } = await bellhop('log')
  expect(text).toMatch(/agent desktop {2}Send a message {2}one\n +go on\n +done\n/)
  expect(text).toMatch(
    /not done: An agent sends at most 20 messages a minute\. Wait, then try\n {7}/,
  )
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
})

test('[AL-6] with --session the log is of that session alone', async () => {
  for (const name of ['one', 'two']) await running.source.start(name)
  for (const name of ['one', 'two']) await bellhop('send', name, `Go on with ${name}`)
  const { answer } = await runForJson(running.dataDir, ['log', '--session', 'two'])
  expect(answer).toMatchObject({ entries: [{ about: 'Go on with two' }], hasMore: false })
})

test('[AL-6] the log of a session that is known no longer is read by its id', async () => {
  await using phone = await running.phone({ name: 'Tablet' })
  const gone = 'ses_long-gone' as SessionId
  await phone.send({ type: 'prompt', sessionId: gone, text: 'Anybody?' }).catch(() => {})
  const { answer } = await runForJson(running.dataDir, ['log', '--session', gone])
  expect(answer).toMatchObject({ entries: [{ sessionId: gone, sessionTitle: null }] })
  for (const nobody of ['ses_nobody', 'no body']) {
    const { exitCode, errors } = await bellhop('log', '--session', nobody)
    expect({ exitCode, errors }).toEqual({ exitCode: 1, errors: expect.stringMatching(nobody) })
  }
})

test('with --json what fails is an object, too, with its code, and the same exit code', async () => {
  const failed = (...args: string[]) => runForJson(running.dataDir, args)
  expect(await failed('read', 'nobody')).toMatchObject({
    exitCode: 1,
    answer: { event: 'failed', code: 'failed', text: expect.stringContaining('nobody') },
  })
  expect(await failed('read')).toMatchObject({ exitCode: 2, answer: { code: 'usage' } })
  using folder = tempFolder()
  for (const command of ['sessions', 'log', 'devices', 'watch']) {
    expect(await runForJson(folder.path, [command])).toMatchObject({
      exitCode: 1,
      answer: { event: 'failed', code: 'relay_not_running' },
    })
  }
})

test('[HC-1] what an agent waits to be allowed is said to wait, and not to be under way', async () => {
  const id = await running.source.start('one')
  await using agent = await letAgentIn(running)
  await says(agent, id, 'Deploy it')
  const { text } = await bellhop('log')
  expect(text).toMatch(/agent desktop {2}Send a message {2}one\n +Deploy it\n +waits for a yes\n/)
})

test('on a narrow screen every line fits, in letters of any width', async () => {
  const id = await running.source.start('端数の丸めがずれる注文 🚀 in a long title that goes on')
  await speak(id, `needle ${'🚀 '.repeat(40)}`)
  await running.source.ask(id, 'per_1', shellAsk(`echo ${'端数'.repeat(60)}`))
  await runCommand(running.dataDir, ['interrupt', id])
  for (const args of [
    ['sessions'],
    ['read', id],
    ['log'],
    ['search', 'needle'],
    ['search', 'none of it'],
  ]) {
    const { terminal, ended } = startCommand(running.dataDir, args, undefined, 40)
    expect(await ended).toMatchObject({ exitCode: 0 })
    const lines = stripVTControlCharacters(terminal.text()).split('\n')
    expect(lines.filter((line) => widthOf(line) > 40)).toEqual([])
  }
})

test('[SE-1] what is found is broken between words, and what fits in it still stands out', async () => {
  const id = await running.source.start('one')
  await speak(
    id,
    `${'some words before it '.repeat(3)}needle ${'and words after it '.repeat(5)}needle`,
  )
  const { terminal, ended } = startCommand(running.dataDir, ['search', 'needle'])
  let drawn = ''
  terminal.process.stdout.on('data', (chunk) => {
    drawn += chunk
  })
  const { text } = await ended
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(text).toMatch(/ {2}reply, now {2}.*\n {4}\S/)
  expect(drawn).toContain('\u001b[1mneedle\u001b')
})

test('[AL-5] a start the relay did not live to see the end of is unconfirmed from then on', async () => {
  using folder = tempFolder()
  const source = createScriptedSource()
  const first = await startRelay({ dataDir: folder.path, source })
  source.placesThere = [
    {
      ...{ placeId: 'plc_desk' as PlaceId, sourceId: 'scripted' as SourceId, title: 'desk' },
      ...{ takesRepository: false, repositories: [], choices: {} },
    },
  ]
  const asked = Promise.withResolvers<void>()
  source.onStart = () => {
    asked.resolve()
    return new Promise(() => {})
  }
  await using phone = await first.phone()
  const lost = phone.client
    .call('start', { commandId: newCommandId(), placeId: 'plc_desk' as PlaceId, text: 'begin' })
    .catch(() => 'lost')
  await asked.promise
  await phone.sleep()
  await first.stop()
  expect(await lost).toBe('lost')
  await using second = await startRelay({ dataDir: folder.path })
  const { answer } = await runForJson(folder.path, ['log'])
  expect(answer).toMatchObject({ entries: [{ commandType: 'start', outcome: 'unconfirmed' }] })
  void second
}, 30_000)

test('[CL-2] watch shows what happens as it does, over a restart of the relay, until Ctrl+C', async () => {
  using folder = tempFolder()
  const source = createScriptedSource()
  const first = await startRelay({ dataDir: folder.path, source })
  const id = await source.start('one')
  await source.say(id, 'message.agent', { messageId: 'm1', text: 'Said before.' })
  const program = join(import.meta.dirname, '../../apps/relay/src/main.ts')
  const child = spawn(process.execPath, [program, 'watch', 'one', '--data-dir', folder.path], {
    env: { HOME: folder.path, PATH: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  using _end = { [Symbol.dispose]: () => void child.kill('SIGKILL') }
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += chunk
    })
  }
  const exited = once(child, 'exit')
  const shows = (words: string) =>
    until(() => text.includes(words), { timeoutMs: 15_000, what: `${words} in ${text}` })
  await shows('Said before.')
  await source.ask(id, 'per_1', shellAsk('rm -r build'))
  await shows('rm -r build')
  await first.stop()
  await shows('No word from the relay since')
  const again = createScriptedSource()
  await using second = await startRelay({ dataDir: folder.path, source: again })
  await again.running
  await again.say(id, 'message.agent', { messageId: 'm2', text: 'Said after.', dedupeKey: 'z' })
  await shows('Said after.')
  await shows('Nothing was missed.')
  child.kill('SIGINT')
  expect(await exited).toEqual([0, null])
  expect(text.match(/Said before/g)).toHaveLength(1)
  void second
}, 40_000)
