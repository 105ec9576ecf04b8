import { agentWords, type EventDraft, type SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { runCli } from '../../apps/relay/src/cli/run-cli.ts'
import { createDrawnTerminal } from '../support/drawn-terminal.ts'
import { startRelay, type TestRelay } from '../support/start-relay.ts'

const words = (sessionId: SessionId, texts: readonly string[]): EventDraft[] =>
  texts.map((text, at) => ({
    sessionId,
    at: new Date(Date.now() - 60_000 + at).toISOString(),
    dedupeKey: `said ${text}`,
    type: 'message.agent',
    messageId: `said ${text}`,
    text,
  }))

const parts: Parameters<typeof runCli>[1] = {
  startRelay: () => Promise.reject(new TypeError('not started here')),
  agentSetup: () => ({}) as ReturnType<Parameters<typeof runCli>[1]['agentSetup']>,
  mcpSetup: () => Promise.reject(new TypeError('not used here')),
}

const typed = async ({ dataDir }: TestRelay, ...args: string[]) => {
  const terminal = createDrawnTerminal({ HOME: dataDir, PATH: '' }, { columns: 200, rows: 40 })
  const exitCode = await runCli([...args, '--data-dir', dataDir], parts, terminal.process)
  return { exitCode, text: terminal.text() }
}

test('[SE-1] [SE-6] a phone that may watch finds what was said, at once', async () => {
  await using running = await startRelay()
  const { source } = running
  const id = await source.start('refunds')
  await source.sayAll(words(id, ['<b>apportion</b> the spare cents', 'nothing of it']))
  const phone = await running.phone()
  const answer = await phone.client.call('search', { words: 'apport', limit: 10 })
  expect(answer).toMatchObject({
    sessions: [{ sessionId: id, places: 1, hits: [{ kind: 'agent', marks: [[3, 12]] }] }],
    searched: 1,
  })
  expect(answer.sessions[0]?.hits[0]?.text).toBe('<b>apportion</b> the spare cents')
})

test('[SE-2] [SE-5] nothing at all, too much, and more than is given are refused', async () => {
  await using running = await startRelay()
  const { client } = await running.phone()
  const code = (request: Parameters<typeof client.call<'search'>>[1]) =>
    client.call('search', request).then(
      () => 'found',
      (error: { code?: string }) => error.code,
    )
  expect(await code({ words: '   ', limit: 10 })).toBe('invalid_request')
  expect(await code({ words: 'x'.repeat(201), limit: 10 })).toBe('invalid_request')
  expect(await code({ words: 'x', limit: 101 })).toBe('invalid_request')
  expect(await code({ words: '"', limit: 100 })).toBe('found')
  const nobody = 'ses_nobody' as SessionId
  expect(await code({ words: 'x', limit: 1, sessionId: nobody })).toBe('session_not_found')
})

test('[SE-4] `bellhop search` prints what it finds by session, and the answer as it is with --json', async () => {
  await using running = await startRelay()
  const { source } = running
  const first = await source.start('Refunds round')
  const second = await source.start('Split shipping')
  await source.sayAll(words(first, ['apportion one']))
  await source.sayAll(words(second, ['apportion \u001b[2Jtwo']))
  const all = await typed(running, 'search', 'appor')
  expect(all.exitCode).toBe(0)
  expect(all.text).toMatch(/2 places in 2 sessions[\s\S]*Split shipping[\s\S]*Refunds round/)
  expect(all.text).toMatch(/reply, 1 min ago {2}apportion one/)
  const told = agentWords('night-review', 'apportion three')
  await source.say(first, 'message.person', { messageId: 'a', text: told, from: 'person' })
  const agents = await typed(running, 'search', 'three')
  expect(agents.text).toMatch(/agent night-review, (?:now|\d+ min ago) {2}apportion three/)
  const one = await typed(running, 'search', 'apportion', 'one', '--session', first, '--json')
  expect(JSON.parse(one.text)).toMatchObject({ sessions: [{ sessionId: first, places: 1 }] })
  const none = await typed(running, 'search', 'nowhere')
  expect(none).toMatchObject({ exitCode: 0 })
  expect(none.text).toContain('Nothing has nowhere in it. Searched 2 sessions.')
  expect((await typed(running, 'search')).exitCode).toBe(2)
  expect((await typed(running, 'search', ' ')).exitCode).toBe(2)
  expect((await typed(running, 'search', 'x'.repeat(201))).exitCode).toBe(2)
  expect((await typed(running, 'search', 'x', '--session', 'no such')).exitCode).toBe(1)
  expect((await typed(running, 'search', 'x', '--before', 'nowhere')).exitCode).toBe(2)
  const many = Array.from({ length: 60 }, (_, at) => `larch ${at}`)
  await source.sayAll(words(second, many))
  const newest = await typed(running, 'search', 'larch', '--session', 'split')
  expect(newest.text).toMatch(/The newest 40 places in 1 session[\s\S]*larch 59[\s\S]*larch 20\s/)
  const older = /--before (\S+)/.exec(newest.text)?.[1] ?? ''
  const rest = await typed(running, 'search', 'larch', '--session', 'split', '--before', older)
  expect(rest.text).toMatch(/20 places in 1 session[\s\S]*larch 19[\s\S]*larch 0\s/)
})
