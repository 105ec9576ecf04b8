import { expect, test } from 'vitest'
import { answerDialog, script, shell, startClaudeRelay } from '../support/claude-relay.ts'

test('[I5] a relay gone mid-prompt leaves the terminal alone, and comes back to the same prompt', async () => {
  await using claude = await startClaudeRelay()
  const terminal = await claude.rig.open()
  const { sessionId } = await claude.newSession()
  await terminal.submit(script(shell('touch first'), shell('touch second'), '@@say both settled'))
  const wait = await claude.wait(sessionId)
  const before = claude.rows(sessionId)

  await claude.stopRelay()
  const screen = await terminal.waitFor('Do you want to proceed')
  expect(screen).not.toMatch(/hook failed|not connected|error/i)

  await claude.startRelayAgain()
  const again = await claude.wait(sessionId)
  expect(again).toEqual(wait)
  const receipt = await claude.answer(sessionId, again, {
    type: 'decide_permission',
    decision: { behavior: 'allow' },
  })
  expect(receipt).toMatchObject({ state: 'done' })
  const second = await claude.session(
    sessionId,
    ({ waits }) => waits.some(({ permissionId }) => permissionId !== wait.permissionId),
    'the second permission',
  )
  expect(second.waits).toHaveLength(1)
  expect(before.map(({ kind }) => kind)).toEqual(['person', 'tool'])

  // Settled at the terminal while the relay is away: it learns so from the transcript.
  await claude.stopRelay()
  await answerDialog(terminal, 'Enter')
  await terminal.waitFor('● both settled')
  await claude.startRelayAgain()
  const settled = await claude.session(
    sessionId,
    ({ waits }) => waits.length === 0,
    'no permission',
  )
  await claude.session(sessionId, ({ status }) => status === 'idle', 'rest')
  expect(settled.sessionId).toBe(sessionId)
})

test('[I8] a session goes on as ever while no relay runs', async () => {
  await using claude = await startClaudeRelay()
  await claude.stopRelay()
  const terminal = await claude.rig.open()
  await terminal.submit(script(shell('echo quiet'), '@@say nothing amiss'))
  const screen = await terminal.waitFor('● nothing amiss')
  expect(screen).not.toMatch(/hook failed|not connected/i)
  const headless = await claude.rig.run([
    '-p',
    script(shell('touch unasked'), '@@say refused as ever'),
  ])
  expect(headless).toMatchObject({ code: 0, stdout: 'refused as ever\n', stderr: '' })
  await claude.startRelayAgain()
  const { sessionId } = await claude.newSession()
  await claude.session(
    sessionId,
    ({ lastLine }) => lastLine === 'nothing amiss',
    'what was said meanwhile',
  )
})
