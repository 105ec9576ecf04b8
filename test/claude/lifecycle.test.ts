import { expect, test } from 'vitest'
import { script, shell, startClaudeRelay } from '../support/claude-relay.ts'

const curl = shell('curl -s http://127.0.0.1:9/')
const allow = { type: 'decide_permission', decision: { behavior: 'allow' } } as const

test('[EV-3] a cleared session ends, and the one that takes its place is answered', async () => {
  await using claude = await startClaudeRelay()
  const terminal = await claude.rig.open({ insideTmux: true })
  const first = await claude.newSession()
  await terminal.submit(script('@@say before'))
  await claude.session(first.sessionId, ({ lastLine }) => lastLine === 'before', 'its words')
  await terminal.submit('/clear')
  await claude.session(first.sessionId, ({ status }) => status === 'ended', 'the end')
  expect(claude.rows(first.sessionId).at(-1)).toMatchObject({ kind: 'ended', reason: 'cleared' })

  const { sessionId } = await claude.newSession([first.sessionId])
  await claude.session(
    sessionId,
    ({ capabilities }) => capabilities.includes('prompt'),
    'a way to type',
  )
  await claude.phone.send({ type: 'prompt', sessionId, text: script(curl, '@@say after') })
  await claude.answer(sessionId, await claude.wait(sessionId), allow)
  await terminal.waitFor('● after')
  await claude.session(sessionId, ({ lastLine }) => lastLine === 'after', 'its words')
})

test('[I5] a session that ends while the relay is away is told to its end, once, and may go on later', async () => {
  await using claude = await startClaudeRelay()
  const terminal = await claude.rig.open()
  const { sessionId } = await claude.newSession()
  await terminal.submit(script('@@say seen'))
  await claude.session(sessionId, ({ lastLine }) => lastLine === 'seen', 'its words')

  await claude.stopRelay()
  await terminal.submit(script('@@say unseen'))
  await terminal.waitFor('● unseen')
  await terminal.submit('/exit')
  await terminal.waitFor('Resume this session')
  await claude.startRelayAgain()
  const ended = await claude.session(sessionId, ({ status }) => status === 'ended', 'the end')
  expect(ended.lastLine).toBe('unseen')

  const again = await claude.rig.open({ args: ['--resume', sessionId.slice('ses_'.length)] })
  await claude.session(sessionId, ({ status }) => status === 'idle', 'the session going on')
  await again.submit(script(curl, '@@say resumed'))
  await claude.answer(sessionId, await claude.wait(sessionId), allow)
  await claude.session(sessionId, ({ lastLine }) => lastLine === 'resumed', 'its words')
  const { events } = await claude.phone.client.call('history', { sessionId, limit: 200 })
  const told = events as { type: string; text?: string }[]
  const words = told.filter(({ type }) => type === 'message.agent').map(({ text }) => text)
  expect(words).toEqual(['seen', 'unseen', 'resumed'])
})
