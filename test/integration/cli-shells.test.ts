import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SessionId } from '@bellhop/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { letAgentIn } from '../support/asking-agent.ts'
import { createScriptedSource } from '../support/scripted-source.ts'
import { startRelay, type TestRelay } from '../support/start-relay.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'

const PROGRAM = join(import.meta.dirname, '../../apps/relay/src/main.ts')
const run = promisify(execFile)

const isThere = (shell: string) => spawnSync(shell, ['--version']).status === 0

let running: TestRelay
let one: SessionId
beforeEach(async () => {
  running = await startRelay()
  one = await running.source.start('one')
})
afterEach(() => running[Symbol.asyncDispose]())

/** A shell in which `bellhop` is a program, as where it is installed. */
const inShell = async (shell: string, args: readonly string[]) => {
  const bin = join(running.dataDir, 'bin')
  await mkdir(bin, { recursive: true })
  const words = `exec "${process.execPath}" "${PROGRAM}" "$@" --data-dir "${running.dataDir}"`
  await writeFile(join(bin, 'bellhop'), `#!/bin/sh\n${words}\n`)
  await chmod(join(bin, 'bellhop'), 0o755)
  const env = { HOME: running.dataDir, PATH: `${bin}:${process.env.PATH ?? ''}` }
  return (await run(shell, args, { env })).stdout.split('\n').filter((line) => line !== '')
}

/** What a shell offers at the end of each line. */
type Complete = (lines: readonly string[]) => Promise<string[][]>

const BREAK = '-----'
const quoted = (line: string) =>
  line
    .split(' ')
    .map((word) => `'${word}'`)
    .join(' ')

/** Asks for all of the lines in one shell, which starts up only once. */
const each =
  (shell: string, options: string, begin: string, ask: (line: string) => string): Complete =>
  async (lines) => {
    const asked = lines.map((line) => `${ask(line)}; echo ${BREAK}`)
    const said = await inShell(shell, [options, [begin, ...asked].join('; ')])
    return said
      .join('\n')
      .split(BREAK)
      .map((part) => part.split('\n').map((one) => one.split('\t')[0] ?? ''))
  }

const ZSH = 'compdef() { :; }; _files() { :; }; compadd() { print -rl -- "$@"; }'

const SHELLS: Record<string, Complete> = {
  bash: each('bash', '-c', 'source <(bellhop completions bash)', (line) => {
    const set = `COMP_WORDS=(${quoted(line)}); COMP_CWORD=${line.split(' ').length - 1}`
    return `${set}; _bellhop; printf '%s\\n' "\${COMPREPLY[@]}"`
  }),
  zsh: each('zsh', '-fc', `${ZSH}; source <(bellhop completions zsh)`, (line) => {
    const words = line.split(' ')
    const set = `words=(${quoted(line)}); CURRENT=${words.length}; PREFIX='${words.at(-1)}'`
    return `${set}; _bellhop`
  }),
  fish: each('fish', '-Nc', 'bellhop completions fish | source', (line) => `complete -C '${line}'`),
}

test.each(Object.keys(SHELLS).filter(isThere))(
  '%s completes commands, options, sessions and agents',
  async (shell) => {
    await using agent = await letAgentIn(running)
    const expected = {
      'bellhop ': ['sessions', 'mcp', 'log'],
      'bellhop mcp ': ['ask-me', 'install'],
      'bellhop send --': ['--wait', '--timeout'],
      'bellhop answer ': [one],
      'bellhop log --session ': [one],
      'bellhop answer one ': ['approve'],
      'bellhop mcp remove ': ['desktop'],
      'bellhop mcp ask-me desktop ': ['off'],
      'bellhop revoke ': [agent.deviceId],
    }
    const found = await SHELLS[shell]?.(Object.keys(expected))
    for (const [at, words] of Object.values(expected).entries()) {
      expect(found?.[at]).toEqual(expect.arrayContaining(words))
    }
  },
  60_000,
)

test('a reader that has seen enough ends a command without a complaint', async () => {
  const text = 'a long line of words\n'.repeat(5_000)
  for (let at = 0; at < 20; at += 1) {
    await running.source.say(one, 'message.agent', { messageId: `m${at}`, text: `${at} ${text}` })
  }
  const command = `bellhop read one --last 50 | head -1; printf '%s' "\${PIPESTATUS[0]}"`
  const lines = await inShell('bash', ['-c', `(${command}) 2>&1`])
  expect(lines).toEqual([expect.stringMatching(/^Agent/), '0'])
  let isOver = false
  const watch = `bellhop watch one --last 0 | head -1; printf '%s' "\${PIPESTATUS[0]}"`
  const watched = inShell('bash', ['-c', `(${watch}) 2>&1`]).finally(() => {
    isOver = true
  })
  let said = 0
  const saySome = async () => {
    const words = { messageId: `w${said}`, text: `Said ${said++}.` }
    await running.source.say(one, 'message.agent', words)
    return isOver
  }
  await until(saySome, { timeoutMs: 15_000, everyMs: 100, what: 'the end of a watch nobody reads' })
  expect(await watched).toEqual([expect.stringMatching(/^Agent/), '0'])
}, 30_000)

test('[CL-2] watch --json tells each event once, a line each, over a restart of the relay', async () => {
  using folder = tempFolder()
  const source = createScriptedSource()
  const first = await startRelay({ dataDir: folder.path, source })
  const id = await source.start('one')
  await source.say(id, 'message.agent', { messageId: 'before', text: 'Said before.' })
  const child = spawn(process.execPath, [PROGRAM, 'watch', '--json', '--data-dir', folder.path], {
    env: { HOME: folder.path, PATH: '' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  using _end = { [Symbol.dispose]: () => void child.kill('SIGKILL') }
  const exited = once(child, 'exit')
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  const lines = () =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as { type: string; messageId?: string })
  const shows = (wanted: string) =>
    until(() => lines().some(({ type, messageId }) => type === wanted || messageId === wanted), {
      timeoutMs: 15_000,
      what: `${wanted} in ${text}`,
    })
  let said = 0
  // It may not listen yet; what is said again is one event.
  await until(async () => {
    await source.say(id, 'message.agent', { messageId: `early ${said}`, text: `Said ${said++}.` })
    return lines().length > 0
  })
  await first.stop()
  await shows('line.lost')
  const again = createScriptedSource()
  await using second = await startRelay({ dataDir: folder.path, source: again })
  await again.running
  for (const messageId of ['after 1', 'after 2']) {
    const fields = { messageId, text: messageId, dedupeKey: messageId }
    await again.say(id, 'message.agent', fields)
  }
  await shows('after 2')
  await shows('line.back')
  child.kill('SIGINT')
  expect(await exited).toEqual([0, null])
  const told = lines().map(({ type, messageId }) => messageId ?? type)
  expect(told.filter((one) => one.startsWith('after'))).toEqual(['after 1', 'after 2'])
  expect(new Set(told).size).toBe(told.length)
  expect(lines().find(({ messageId }) => messageId === 'after 1')).toMatchObject({
    type: 'message.agent',
    sessionId: id,
  })
  void second
}, 40_000)
