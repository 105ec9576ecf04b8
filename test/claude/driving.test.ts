import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { script, shell, startClaudeRelay } from '../support/claude-relay.ts'
import type { ClaudeRig } from '../support/claude-rig.ts'
import { until } from '../support/until.ts'

/** The transcript's own record of a prompt. */
const recordOf = ({ configDir }: ClaudeRig, text: string): Promise<Record<string, unknown>> =>
  until(
    async () => {
      const projects = join(configDir, 'projects')
      const names = await readdir(projects, { recursive: true })
      const paths = names
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => join(projects, name))
      const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')))
      const lines = texts.flatMap((file) => file.trimEnd().split('\n'))
      const users = lines.filter((line) => line.includes('"type":"user"'))
      return users.map((line) => JSON.parse(line)).find(({ message }) => message?.content === text)
    },
    { what: `a record of ${text}` },
  )

test('[CM-6] a message typed into tmux arrives as the person’s, whatever it holds, and a draft survives', async () => {
  await using claude = await startClaudeRelay()
  const terminal = await claude.rig.open({ insideTmux: true })
  const { sessionId, capabilities } = await claude.newSession()
  expect(capabilities).toContain('prompt')
  await terminal.type('half a thought')
  await terminal.waitFor('half a thought')

  const text = 'two lines, `code` & "quotes"; $HOME äöü 🎉\n@@say got it whole'
  expect(await claude.phone.send({ type: 'prompt', sessionId, text })).toMatchObject({
    state: 'done',
  })
  await terminal.waitFor('● got it whole')
  const screen = await terminal.waitFor(/❯\shalf a thought/)
  expect(screen).toContain('half a thought')
  expect(await recordOf(claude.rig, text)).toMatchObject({
    origin: { kind: 'human' },
    promptSource: 'typed',
  })
  await claude.session(sessionId, ({ lastLine }) => lastLine === 'got it whole', 'the answer')
  const said = claude.rows(sessionId).find((row) => row.kind === 'person')
  expect(said).toMatchObject({ text, from: 'person', deviceName: 'Test phone' })
})

test('[SI-2] words appear while they are written, and Stop stops them', async () => {
  await using claude = await startClaudeRelay()
  const terminal = await claude.rig.open({ insideTmux: true })
  const { sessionId } = await claude.newSession()
  const lines = Array.from({ length: 40 }, (_, index) => `line ${index} of many\\n`).join('')
  await claude.phone.send({ type: 'prompt', sessionId, text: `@@slow 60 ${lines}` })
  const partial = () =>
    claude.phone.signals.findLast(
      (signal) => signal.type === 'text.partial' && signal.sessionId === sessionId,
    )
  await until(() => (partial() as { text?: string })?.text?.includes('line 2'), {
    what: 'live words',
    timeoutMs: 15_000,
  })
  expect(claude.rows(sessionId).some(({ kind }) => kind === 'agent')).toBe(false)

  expect(await claude.phone.send({ type: 'interrupt', sessionId })).toMatchObject({ state: 'done' })
  await terminal.waitFor(/Interrupted/)
  const session = await claude.session(sessionId, ({ status }) => status === 'idle', 'rest')
  expect(session.lastOutcome).toBe('interrupted')
  expect(claude.rows(sessionId).at(-1)).toMatchObject({ kind: 'turn', outcome: 'interrupted' })
})

test('a message is not typed into a dialog, where its letters would answer', async () => {
  await using claude = await startClaudeRelay()
  const terminal = await claude.rig.open({ insideTmux: true })
  const { sessionId } = await claude.newSession()
  await terminal.submit(script(shell('touch asked'), '@@say unreachable'))
  const wait = await claude.wait(sessionId)
  const receipt = await claude.phone.send({ type: 'prompt', sessionId, text: '1' })
  expect(receipt).toMatchObject({ state: 'refused', code: 'source_refused' })
  expect((await claude.wait(sessionId)).permissionId).toBe(wait.permissionId)
})

test('a background session is answered, and told more, as by its person', async () => {
  await using claude = await startClaudeRelay()
  const call = shell('curl -s http://127.0.0.1:9/')
  await claude.rig.run(['--bg', '--name', 'errand', script(call, '@@say first done')])
  const { sessionId } = await claude.newSession()
  const wait = await claude.wait(sessionId)
  await claude.answer(sessionId, wait, {
    type: 'decide_permission',
    decision: { behavior: 'allow' },
  })
  const canTalk = (session: { lastLine: string | null; capabilities: readonly string[] }) =>
    session.lastLine === 'first done' && session.capabilities.includes('prompt')
  const session = await claude.session(sessionId, canTalk, 'rest')
  expect(session.title).toBe('errand')

  const text = 'and more\n@@say second done'
  expect(await claude.phone.send({ type: 'prompt', sessionId, text })).toMatchObject({
    state: 'done',
  })
  await claude.session(sessionId, ({ lastLine }) => lastLine === 'second done', 'the second answer')
  expect(await recordOf(claude.rig, text)).toMatchObject({ origin: { kind: 'human' } })
  expect(claude.rows(sessionId).some(({ kind }) => kind === 'ended')).toBe(false)
})

test('[CM-4] a background session can be stopped while it asks, and only then', async () => {
  await using claude = await startClaudeRelay()
  const call = shell('curl -s http://127.0.0.1:9/')
  await claude.rig.run(['--bg', '--name', 'errand', script(call, '@@say never said')])
  const { sessionId } = await claude.newSession()
  await claude.wait(sessionId)
  const canStop = ({ capabilities }: { capabilities: readonly string[] }) =>
    capabilities.includes('interrupt')
  await claude.session(sessionId, canStop, 'a way to stop it')
  expect(await claude.phone.send({ type: 'interrupt', sessionId })).toMatchObject({ state: 'done' })
  const session = await claude.session(sessionId, ({ status }) => status === 'idle', 'rest')
  expect(session).toMatchObject({ lastOutcome: 'interrupted', waits: [] })
  await claude.session(sessionId, (now) => !canStop(now), 'no way to stop what rests')
}, 60_000)
