import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hooksStatus, uninstallHooks } from '@bellhop/relay/hooks-install'
import { expect, test } from 'vitest'
import { script, shell, startClaudeRelay } from '../support/claude-relay.ts'
import { until } from '../support/until.ts'

// Settings are read again by a running session within about two seconds, which nothing announces.
const settingsReadMs = 2_500

test('[CM-4] a session that already ran is adopted, answered, written to, and let go when it ends', async () => {
  await using claude = await startClaudeRelay({ install: false })
  const { rig } = claude
  const terminal = await rig.open()
  const watched = await claude.phone.findSession(() => true, 20_000)
  expect(watched.capabilities).not.toContain('decide_permission')

  const status = await claude.installHooks()
  expect(status).toMatchObject({ plugin: 'installed', settingsEntry: true })
  const { sessionId } = await claude.newSession()
  await sleep(settingsReadMs)
  await terminal.submit(script(shell('touch adopted'), '@@say adopted and answered'))
  const wait = await claude.wait(sessionId)
  await claude.answer(sessionId, wait, {
    type: 'decide_permission',
    decision: { behavior: 'allow' },
  })
  await terminal.waitFor('● adopted and answered')
  await claude.session(
    sessionId,
    ({ lastLine }) => lastLine === 'adopted and answered',
    'its words',
  )

  // It runs outside tmux, so a message arrives as one from another session, and is labelled so.
  const session = claude.phone.session(sessionId)
  expect(session?.capabilities).toContain('prompt_as_peer')
  expect(session?.capabilities).not.toContain('prompt')
  await claude.phone.send({ type: 'prompt', sessionId, text: '@@say heard you' })
  await terminal.waitFor('● heard you')
  await claude.session(sessionId, ({ lastLine }) => lastLine === 'heard you', 'the answer')
  const message = claude.rows(sessionId).findLast((row) => row.kind === 'person')
  expect(message).toMatchObject({ text: '@@say heard you', from: 'peer', deviceName: 'Test phone' })

  await terminal.submit(script(shell('touch stopped'), '@@say unreachable'))
  await claude.session(
    sessionId,
    ({ capabilities }) => capabilities.includes('interrupt'),
    'a way to stop',
  )
  expect(await claude.phone.send({ type: 'interrupt', sessionId })).toMatchObject({ state: 'done' })
  await claude.session(sessionId, ({ lastOutcome }) => lastOutcome === 'interrupted', 'the stop')

  await terminal.submit('/exit')
  await claude.session(sessionId, ({ status }) => status === 'ended', 'the end')
  const settings = () => readFile(join(rig.configDir, 'settings.json'), 'utf8')
  await until(async () => !(await settings()).includes('PermissionRequest'), {
    what: 'clean settings',
  })
})

test('[PE-3] a session with the plugin is not asked twice while another one is adopted', async () => {
  await using claude = await startClaudeRelay({ install: false })
  const { rig } = claude
  await rig.open()
  const adopted = await claude.phone.findSession(() => true, 20_000)
  await claude.installHooks()
  const terminal = await rig.open()
  const { sessionId } = await claude.newSession([adopted.sessionId])
  await terminal.submit(script(shell('touch once'), '@@say asked once'))
  const wait = await claude.wait(sessionId)
  await claude.answer(sessionId, wait, {
    type: 'decide_permission',
    decision: { behavior: 'allow' },
  })
  await terminal.waitFor('● asked once')
  await claude.session(sessionId, ({ lastLine }) => lastLine === 'asked once', 'the end')
  const asked = claude.phone.events.filter(({ type }) => type === 'permission.requested')
  expect(asked).toHaveLength(1)
})

test('installing twice changes nothing, and uninstalling leaves every other setting as it was', async () => {
  await using claude = await startClaudeRelay({ install: false })
  const { rig, dataDir } = claude
  await rig.open()
  await claude.phone.findSession(() => true, 20_000)
  const path = join(rig.configDir, 'settings.json')
  const settings = async () => JSON.parse(await readFile(path, 'utf8'))
  const before = await settings()

  const first = await claude.installHooks()
  const installed = await readFile(path, 'utf8')
  expect(first).toMatchObject({ plugin: 'installed', settingsEntry: true })
  expect(first.adoptedPids).toHaveLength(1)
  expect(await claude.installHooks()).toEqual(first)
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(JSON.parse(installed))
  expect(await settings()).toMatchObject(before)

  await uninstallHooks({ dataDir, env: rig.env })
  expect(await settings()).toEqual(before)
  const after = await hooksStatus({ dataDir, env: rig.env })
  expect(after).toMatchObject({ plugin: 'absent', settingsEntry: false, adoptedPids: [] })
  await uninstallHooks({ dataDir, env: rig.env })
})
