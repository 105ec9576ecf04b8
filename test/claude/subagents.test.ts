import { saveAskRules } from '@bellhop/relay/ask-rules'
import { expect, test } from 'vitest'
import { answerDialog, script, shell, startClaudeRelay } from '../support/claude-relay.ts'
import { until } from '../support/until.ts'

const agent = (prompt: string) =>
  `@@tool Agent ${JSON.stringify({ description: 'look around', prompt, subagent_type: 'general-purpose' })}`

test('[PE-3] a subagent’s permission is held for a while only, and then the terminal asks', async () => {
  await using claude = await startClaudeRelay({ hiddenHoldMs: 3_000 })
  const terminal = await claude.rig.open()
  const { sessionId } = await claude.newSession()
  const task = `${shell('curl -s http://127.0.0.1:9/')}\n@@say I looked`
  await terminal.submit(script(agent(task), '@@say sent one out'))

  const wait = await claude.wait(sessionId)
  expect(wait.subagent).toMatchObject({ agentType: 'general-purpose' })
  expect(wait.expiresAt).toBeDefined()
  await claude.session(sessionId, ({ waits }) => waits.length === 0, 'the end of patience')
  await answerDialog(terminal, 'Enter')
  const words = () => claude.rows(sessionId).find((row) => row.kind === 'agent' && row.subagent)
  expect(await until(words, { timeoutMs: 15_000 })).toMatchObject({
    text: 'I looked',
    subagent: { description: 'look around' },
  })
})

test('[PE-1] a subagent’s permission that is answered in time never troubles the terminal', async () => {
  await using claude = await startClaudeRelay()
  const terminal = await claude.rig.open()
  const { sessionId } = await claude.newSession()
  const task = `${shell('curl -s http://127.0.0.1:9/')}\n@@say I looked`
  await terminal.submit(script(agent(task), '@@say sent one out'))
  const wait = await claude.wait(sessionId)
  await claude.answer(sessionId, wait, {
    type: 'decide_permission',
    decision: { behavior: 'allow' },
  })
  const words = () => claude.rows(sessionId).some((row) => row.kind === 'agent' && row.subagent)
  await until(words, { timeoutMs: 15_000, what: 'the subagent’s words' })
  expect(await terminal.screen()).not.toContain('Do you want to proceed')
})

test('an "ask my phone" rule asks for what would have run unasked', async () => {
  await using claude = await startClaudeRelay()
  await saveAskRules(claude.dataDir, [{ tool: 'Bash', pattern: 'ls *' }])
  const terminal = await claude.rig.open()
  const { sessionId } = await claude.newSession()
  await terminal.submit(script(shell('ls'), shell('ls -a'), '@@say listed'))
  const wait = await claude.wait(sessionId)
  expect(wait.ask).toMatchObject({ tool: { command: 'ls -a' } })
  await claude.answer(sessionId, wait, {
    type: 'decide_permission',
    decision: { behavior: 'allow' },
  })
  await terminal.waitFor('● listed')
})
