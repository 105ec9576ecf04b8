import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ClaudeRelay, startClaudeRelay } from '../support/claude-relay.ts'
import { openTmuxTerminal } from '../support/tmux-terminal.ts'

const main = join(import.meta.dirname, '..', '..', 'apps', 'relay', 'src', 'main.ts')
const prompt = /\? for shortcuts|manual mode/

/** `bellhop claude` in a terminal that is itself not tmux, as far as it can tell. */
const bellhopClaude = async ({ rig, dataDir }: ClaudeRelay, ...args: string[]) => {
  const places = { BELLHOP_DATA_DIR: dataDir, TMUX_TMPDIR: rig.folder }
  const variables = Object.entries({ ...rig.env, ...places }).map(([k, v]) => `${k}=${v}`)
  const show = 'env -i "$@"; echo "exit code $?"; exec sleep 600'
  return openTmuxTerminal({
    socketPath: join(rig.folder, 'outer'),
    cwd: rig.project,
    command: ['sh', '-c', show, 'sh', ...variables, process.execPath, main, 'claude', ...args],
  })
}

test('[CM-6] a session started by `bellhop claude` takes the phone’s words as the person’s own', async () => {
  await using claude = await startClaudeRelay()
  await using terminal = await bellhopClaude(claude, '--model', 'opus')
  await terminal.waitFor(prompt, { timeoutMs: 30_000 })
  const { sessionId, capabilities } = await claude.newSession()
  expect(capabilities).toContain('prompt')
  claude.rig.api.push({ text: 'Heard you.' })
  const receipt = await claude.phone.send({ type: 'prompt', sessionId, text: 'from the sofa' })
  expect(receipt.state).toBe('done')
  await terminal.waitFor('Heard you.')
  await terminal.type('/exit')
  await terminal.press('Enter')
  // What it leaves to be read stays, as it does after a plain `claude`.
  const after = await terminal.waitFor('exit code 0')
  expect(after).toContain('Resume this session with')
}, 90_000)

test('what keeps `claude` from starting can be read, and its exit code is handed on', async () => {
  await using claude = await startClaudeRelay()
  await using terminal = await bellhopClaude(claude, '--no-such-option')
  const after = await terminal.waitFor(/exit code \d+/)
  expect(after).toContain("unknown option '--no-such-option'")
  expect(after).toContain('exit code 1')
  const sockets = join(claude.rig.folder, `tmux-${process.getuid?.()}`)
  expect(await readdir(sockets)).toEqual([])
}, 60_000)
