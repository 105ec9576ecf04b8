import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRelayClient, deviceKeyFrom, generateKeyPair, pairDevice } from '@bellhop/core/client'
import { createRelay } from '@bellhop/relay'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AgentState, CliParts } from '../../apps/relay/src/cli/cli-parts.ts'
import { runCli } from '../../apps/relay/src/cli/run-cli.ts'
import { mcpSetup } from '../../apps/relay/src/mcp/mcp-setup.ts'
import { createDrawnTerminal, type DrawnTerminal } from '../support/drawn-terminal.ts'
import { createScriptedSource, type ScriptedSource, shellAsk } from '../support/scripted-source.ts'
import { until } from '../support/until.ts'
import { createVirtualPhone } from '../support/virtual-phone.ts'

let dataDir: string
let source: ScriptedSource
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'bellhop-cli-'))
  source = createScriptedSource()
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

/** An agent that is there or not, and remembers what was done to it. */
const createAgent = (isThere: boolean) => {
  const state: AgentState = { path: '/a', version: '9.9.9', plugin: 'absent', adoptedCount: 0 }
  const done: string[] = []
  const rules: string[] = []
  const setup: ReturnType<CliParts['agentSetup']> = {
    title: 'Claude Code',
    program: 'claude',
    find: async () => (isThere ? state.path : undefined),
    hasCloudLogin: async () => false,
    state: async () => state,
    install: async () => {
      done.push('install')
      state.plugin = 'installed'
      return state
    },
    uninstall: async () => void done.push('uninstall'),
    askRules: {
      list: async () => rules,
      add: async (rule) => {
        rules.push(rule)
        return rule
      },
      remove: async (rule) => rules.includes(rule),
    },
  }
  return { setup, done }
}

const partsWith = (agent = createAgent(false).setup): CliParts => ({
  startRelay: (config, extras) => createRelay(config, { ...extras, sources: [source] }),
  agentSetup: () => agent,
  mcpSetup: async () => mcpSetup,
})

type Run = { terminal: DrawnTerminal; exitCode: Promise<number> }

const run = (
  args: string[],
  parts = partsWith(),
  size?: { columns: number; rows: number },
): Run => {
  const terminal = createDrawnTerminal({ HOME: dataDir, PATH: '' }, size)
  const exitCode = runCli([...args, '--data-dir', dataDir], parts, terminal.process)
  return { terminal, exitCode }
}
const runToEnd = async (args: string[], parts = partsWith()) => {
  const { terminal, exitCode } = run(args, parts)
  return { exitCode: await exitCode, text: terminal.text(), errors: terminal.errors() }
}

const shown = (text: string, pattern: RegExp) => pattern.exec(text)?.[1] ?? ''
const originOn = (text: string) => shown(text, /open\s+(http:\S+)/)
const codesOn = (text: string) =>
  [...text.matchAll(/type\s+(\w{4}-\w{4})/g)].map(([, code]) => code)

/** A phone whose person types the code it sees. */
const typeCode = async (origin: string, code = '') => {
  const client = createRelayClient({ origin, key: await deviceKeyFrom(await generateKeyPair()) })
  let check = ''
  const claim = {
    secret: { kind: 'code' as const, code },
    relayKeyId: '',
    deviceName: 'Test phone',
    platform: 'Virtual phone',
  }
  const paired = pairDevice(client, claim, {
    onCheck: (digits) => {
      check = digits
    },
  }).then(
    () => 'paired',
    (error: { code?: string }) => error.code,
  )
  await until(() => check !== '', { what: 'the two digits' })
  return { client, paired, check }
}

/** Starts the relay on a drawn terminal and waits until it offers a code. */
const up = async (args: string[] = [], parts = partsWith()) => {
  const { terminal, exitCode } = run(['up', '--port', '0', ...args], parts)
  const text = await terminal.shows(/q stop/, 10_000)
  return {
    terminal,
    origin: originOn(text),
    code: () => codesOn(terminal.text()).at(-1),
    stop: async (key = 'q') => {
      terminal.press(key)
      return exitCode
    },
  }
}

describe('bellhop up', () => {
  test('[PR-6] a phone is asked about with the two digits it shows, and a yes lets it in', async () => {
    const { terminal, origin, code, stop } = await up()
    const phone = await typeCode(origin, code())
    const text = await terminal.shows('Let it in? (y/N)')
    expect(text).toContain('A phone wants in:  Test phone, Virtual phone')
    expect(shown(text, /It must show\s+(\d\d)/)).toBe(phone.check)
    terminal.press('y')
    expect(await phone.paired).toBe('paired')
    await terminal.shows('Test phone is in.')
    expect(await stop()).toBe(0)
  })

  test.each(['n', '\r', 'q'])('[PR-6] %j keeps it out', async (key) => {
    const { terminal, origin, code, stop } = await up()
    const phone = await typeCode(origin, code())
    await terminal.shows('Let it in? (y/N)')
    terminal.press(key)
    expect(await phone.paired).toBe('pairing_refused')
    await terminal.shows('It was not let in.')
    expect(await stop()).toBe(0)
  })

  test('[PR-7] n makes a new code', async () => {
    const { terminal, code, stop } = await up()
    const first = code()
    terminal.press('n')
    await until(() => code() !== first, { what: 'another code' })
    expect(await stop()).toBe(0)
  })

  test.each(['q', '\u0003', '\u0004'])('%j stops it and gives the terminal back', async (key) => {
    const { terminal, origin, stop } = await up()
    expect(terminal.isRaw()).toBe(true)
    expect(await stop(key)).toBe(0)
    expect(terminal.isRaw()).toBe(false)
    await expect(fetch(`${origin}/healthz`)).rejects.toThrow()
  })

  test('[EV-7] the last line says how many sessions there are and how many wait, one run once', async () => {
    const { terminal, stop } = await up()
    const phone = await typeCode(originOn(terminal.text()), codesOn(terminal.text()).at(-1))
    await terminal.shows('Let it in?')
    terminal.press('y')
    await phone.paired
    const id = await source.start('one')
    await terminal.shows('Following 1 session.')
    await source.ask(id, 'per_1', shellAsk('ls'))
    await terminal.shows('Following 1 session, 1 needs you.')
    await source.start('two')
    await terminal.shows('Following 2 sessions, 1 needs you.')
    const from = terminal.text().length
    await source.say(id, 'session.joined', { into: 'ses_two' })
    await until(() => terminal.text().slice(from).includes('Following 1 session.'), {
      what: 'a session that is shown as another to be counted once',
    })
    await stop()
  })

  test('with a phone that is in, the next start shows no code until n is pressed', async () => {
    const first = await up(['--yes'])
    const phone = await typeCode(first.origin, first.code())
    await first.terminal.shows('Let it in?')
    first.terminal.press('y')
    await phone.paired
    await first.stop()
    source = createScriptedSource()
    const second = await up()
    expect(second.terminal.text()).toContain('Test phone')
    expect(second.code()).toBeUndefined()
    second.terminal.press('n')
    await until(() => second.code(), { what: 'a code' })
    await second.stop()
  })

  test('a narrow window gets the address and the code to type', async () => {
    const size = { columns: 40, rows: 24 }
    const { terminal, exitCode } = run(['up', '--port', '0'], partsWith(), size)
    const text = await terminal.shows('q stop', 10_000)
    expect(text).toContain('too narrow')
    expect(codesOn(text)).toHaveLength(1)
    terminal.press('q')
    expect(await exitCode).toBe(0)
  })

  test('where no agent is found, it says in one line what plays instead', async () => {
    const { terminal, stop } = await up()
    expect(terminal.text()).toMatch(/Claude Code was not found here, so a simulated session/)
    await stop()
  })

  test('where an agent is found, hooks are offered once', async () => {
    const { setup, done } = createAgent(true)
    const first = run(['up', '--port', '0'], partsWith(setup))
    await first.terminal.shows(/Put a plugin into Claude Code/, 10_000)
    first.terminal.press('\r')
    await first.terminal.shows('q stop', 10_000)
    expect(done).toEqual(['install'])
    expect(first.terminal.text()).toContain('The plugin is in place for Claude Code 9.9.9.')
    first.terminal.press('q')
    await first.exitCode
    source = createScriptedSource()
    const second = await up([], partsWith(setup))
    expect(second.terminal.text()).not.toContain('Put a plugin')
    expect(done).toEqual(['install'])
    await second.stop()
  })
})

describe('what cannot start says why in one sentence and exits with 1', () => {
  const sentence = /^bellhop: [^\n]+\.\n$/

  test('the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await until(() => server.listening)
    const { port } = server.address() as AddressInfo
    const { exitCode, errors } = await runToEnd(['up', '--port', `${port}`])
    server.close()
    expect(exitCode).toBe(1)
    expect(errors).toMatch(sentence)
    expect(errors).toContain(`port ${port}`)
  })

  test('the address is not one of this machine', async () => {
    const { exitCode, errors } = await runToEnd(['up', '--host', '203.0.113.7', '--port', '0'])
    expect(exitCode).toBe(1)
    expect(errors).toBe(
      'bellhop: 203.0.113.7:0 cannot be listened on. Choose another address with --host, or another port with --port.\n',
    )
  })

  test('the data folder cannot be made', async () => {
    await writeFile(join(dataDir, 'file'), '')
    const terminal = createDrawnTerminal({ HOME: dataDir, PATH: '' })
    const args = ['up', '--data-dir', join(dataDir, 'file', 'data')]
    expect(await runCli(args, partsWith(), terminal.process)).toBe(1)
    expect(terminal.errors()).toContain('cannot be used')
  })

  test('[I2] a relay runs on the folder already', async () => {
    const { origin, stop } = await up()
    const { exitCode, errors } = await runToEnd(['up', '--port', '0'])
    expect(exitCode).toBe(1)
    expect(errors).toContain(origin)
    await stop()
  })
})

describe('the other commands', () => {
  test.each([
    ...['devices', 'sessions', 'pair', 'revoke phone', 'push test', 'read one', 'watch'],
    ...['send one go', 'answer one', 'interrupt one', 'start go', 'log'],
  ])('%s without a relay says how to start one', async (words) => {
    const { exitCode, errors } = await runToEnd(words.split(' '))
    expect(exitCode).toBe(1)
    expect(errors).toContain('bellhop up')
  })

  test.each([
    [['nonsense'], 'There is no command nonsense'],
    [['hooks'], 'Say which'],
    [['up', '--prot', '1'], '--prot'],
    [['up', '--port', 'abc'], 'abc'],
    [['revoke'], 'Something is missing'],
    [['devices', 'extra'], 'extra'],
  ])('%j is not understood: exit code 2 and what to do', async (args, words) => {
    const { exitCode, errors } = await runToEnd(args)
    expect(exitCode).toBe(2)
    expect(errors).toContain(words)
  })

  test('[AU-8] devices lists who is in, revoke puts one out at once, by name', async () => {
    const { origin, stop } = await up()
    await using phone = await pairedPhone(origin)
    expect((await runToEnd(['devices'])).text).toContain('Test phone')
    const listed = JSON.parse((await runToEnd(['devices', '--json'])).text)
    expect(listed.devices).toMatchObject([
      { name: 'Test phone', scopes: ['watch', 'answer', 'drive'] },
    ])
    expect((await runToEnd(['revoke', 'tablet'])).errors).toContain('There is no device tablet')
    expect((await runToEnd(['revoke', 'test PHONE'])).text).toContain('Test phone is out.')
    await expect(phone.client.call('sessions', null)).rejects.toMatchObject({
      code: 'device_removed',
    })
    await stop()
  })

  test('pair, in a second terminal, lets a phone in and ends', async () => {
    const { origin, stop } = await up()
    const { terminal, exitCode } = run(['pair'])
    const text = await terminal.shows(/type\s+\w{4}-\w{4}/)
    const phone = await typeCode(origin, codesOn(text).at(-1))
    await terminal.shows('Let it in?')
    terminal.press('y')
    expect(await phone.paired).toBe('paired')
    expect(await exitCode).toBe(0)
    await stop()
  })

  test('sessions stand in the order of the phone’s list', async () => {
    const { stop } = await up()
    await source.start('idle')
    const id = await source.start('asks')
    await source.ask(id, 'per_1', shellAsk('rm -r build'))
    const { text } = await runToEnd(['sessions'])
    expect(text).toMatch(/^needs you|^ needs you/)
    expect(text).toContain('rm -r build')
    const { sessions } = JSON.parse((await runToEnd(['sessions', '--json'])).text)
    expect(sessions[0]).toMatchObject({ sessionId: id, status: 'waiting' })
    await stop()
  })

  test('push test with nobody to ring says what to do', async () => {
    const { stop } = await up()
    const { exitCode, text } = await runToEnd(['push', 'test'])
    expect(exitCode).toBe(1)
    expect(text).toContain('switch notifications on')
    await stop()
  })

  test('doctor finds a running relay well', async () => {
    const { stop } = await up()
    const { text } = await runToEnd(['doctor', '--json'])
    const { findings } = JSON.parse(text) as { findings: { what: string; state: string }[] }
    expect(findings.find(({ what }) => what === 'Relay')).toMatchObject({ state: 'ok' })
    expect(findings.find(({ what }) => what === 'Data')).toMatchObject({ state: 'ok' })
    await stop()
  })
})

/** A phone that scanned a code nobody asked about. */
const pairedPhone = async (origin: string) => {
  const { terminal, exitCode } = run(['pair', '--json', '--yes'])
  const line = await terminal.shows('pairUrl')
  const { pairUrl } = JSON.parse(line.split('\n')[0] ?? '') as { pairUrl: string }
  const phone = await createVirtualPhone({ origin, pairUrl })
  expect(await exitCode).toBe(0)
  return phone
}
