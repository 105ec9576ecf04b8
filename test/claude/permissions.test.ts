import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { answerDialog, script, shell, startClaudeRelay } from '../support/claude-relay.ts'

test('[PE-1] a permission is allowed, denied with a reason, and changed before it runs', async () => {
  await using claude = await startClaudeRelay()
  const terminal = await claude.rig.open()
  const { sessionId } = await claude.newSession()
  const made = (name: string) => existsSync(join(claude.rig.project, name))

  await terminal.submit(
    script(shell('touch one'), shell('touch two'), shell('touch three'), '@@say all asked'),
  )
  const one = await claude.wait(sessionId)
  expect(one.ask).toMatchObject({ kind: 'tool', tool: { kind: 'shell', command: 'touch one' } })
  expect(made('one')).toBe(false)
  const allow = { type: 'decide_permission', decision: { behavior: 'allow' } } as const
  expect(await claude.answer(sessionId, one, allow)).toMatchObject({ state: 'done' })

  const next = ({ waits }: { waits: readonly { permissionId: string }[] }, before: string) =>
    waits.length > 0 && waits[0]?.permissionId !== before
  await claude.session(sessionId, (session) => next(session, one.permissionId), 'the second')
  const two = await claude.wait(sessionId)
  await claude.answer(sessionId, two, {
    type: 'decide_permission',
    decision: { behavior: 'deny', reason: 'use mkdir instead' },
  })

  await claude.session(sessionId, (session) => next(session, two.permissionId), 'the third')
  const three = await claude.wait(sessionId)
  await claude.answer(sessionId, three, {
    type: 'decide_permission',
    decision: { behavior: 'allow', input: { command: 'touch changed' } },
  })

  await terminal.waitFor('● all asked')
  await claude.session(
    sessionId,
    ({ status, lastLine }) => status === 'idle' && lastLine === 'all asked',
    'the end',
  )
  expect([made('one'), made('two'), made('three'), made('changed')]).toEqual([
    true,
    false,
    false,
    true,
  ])
  const tools = claude.rows(sessionId).filter((row) => row.kind === 'tool')
  expect(tools.map(({ state, decision }) => [state, decision?.outcome, decision?.by.kind])).toEqual(
    [
      ['ok', 'allowed', 'device'],
      ['denied', 'denied', 'device'],
      ['ok', 'allowed', 'device'],
    ],
  )
  expect(tools[1]?.result?.text).toContain('use mkdir instead')
  expect(tools[2]?.tool).toMatchObject({ command: 'touch changed' })
})

test('[PE-5] a rule taken along is kept, and the next call like it asks nobody', async () => {
  await using claude = await startClaudeRelay()
  const terminal = await claude.rig.open()
  const { sessionId } = await claude.newSession()
  const call = shell('curl -s http://127.0.0.1:9/')

  await terminal.submit(script(call, call, '@@say both ran'))
  const wait = await claude.wait(sessionId)
  const { ask } = wait
  const suggestion = ask.kind === 'tool' ? ask.suggestions[0] : undefined
  expect(suggestion?.words).toBe('Run exactly `curl -s http://127.0.0.1:9/` without asking.')
  const unknown = await claude.answer(sessionId, wait, {
    type: 'decide_permission',
    decision: { behavior: 'allow', suggestionIds: ['nonesuch'] },
  })
  expect(unknown).toMatchObject({ state: 'refused', code: 'suggestion_unknown' })
  await claude.answer(sessionId, wait, {
    type: 'decide_permission',
    decision: { behavior: 'allow', suggestionIds: [suggestion?.suggestionId ?? ''] },
  })

  await terminal.waitFor('● both ran')
  await claude.session(sessionId, ({ lastLine }) => lastLine === 'both ran', 'the end')
  const asked = claude.phone.events.filter(({ type }) => type === 'permission.requested')
  expect(asked).toHaveLength(1)
})

test('[PE-3] a permission answered first at the terminal goes from the phone', async () => {
  await using claude = await startClaudeRelay()
  const terminal = await claude.rig.open()
  const { sessionId } = await claude.newSession()
  const decisions = () =>
    claude
      .rows(sessionId)
      .flatMap((row) => (row.kind === 'tool' && row.decision ? [row.decision] : []))

  await terminal.submit(script(shell('sleep 3; touch slow'), '@@say slow done'))
  const yes = await claude.wait(sessionId)
  await answerDialog(terminal, 'Enter')
  // Long before the command is done: the dialog is what counts, not the command.
  await claude.session(sessionId, ({ waits }) => waits.length === 0, 'no permission')
  expect(existsSync(join(claude.rig.project, 'slow'))).toBe(false)
  expect(decisions()).toMatchObject([{ outcome: 'allowed', by: { kind: 'terminal' } }])
  const late = await claude
    .answer(sessionId, yes, { type: 'decide_permission', decision: { behavior: 'deny' } })
    .then(
      ({ code }) => code,
      ({ code }) => code,
    )
  expect(late).toBe('permission_already_decided')
  await terminal.waitFor('● slow done')

  await terminal.submit(script(shell('touch never'), '@@say unreachable'))
  await claude.wait(sessionId)
  await answerDialog(terminal, 'Escape')
  await claude.session(
    sessionId,
    ({ waits, status }) => waits.length === 0 && status === 'idle',
    'rest',
  )
  expect(decisions().at(-1)).toMatchObject({ outcome: 'denied', by: { kind: 'terminal' } })
  expect(claude.phone.session(sessionId)?.lastOutcome).toBe('interrupted')
})
