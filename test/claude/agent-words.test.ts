import { agentWords, type SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { type ClaudeRelay, startClaudeRelay } from '../support/claude-relay.ts'
import { agentToken, deskOf, startMcpAgent } from '../support/mcp-agent.ts'
import { until } from '../support/until.ts'

const HTTP = { via: 'http', protocol: '2026-07-28' } as const
const WORDS = '/clear\n@@say heard it\n!touch never'

/** An agent sends words and waits; the session’s own record of them is known as that agent’s. */
const tellAndWait = async (claude: ClaudeRelay, sessionId: SessionId, from: 'person' | 'peer') => {
  await using agent = await startMcpAgent(claude.relay, { way: HTTP })
  const args = { sessionId, text: WORDS, timeoutS: 30 }
  const answer = await agent.call('send_and_wait', args)
  expect(answer.value).toMatchObject({ outcome: 'finished', reply: 'heard it' })
  await claude.session(
    sessionId,
    ({ status, lastLine }) => status === 'idle' && lastLine === 'heard it',
    'the end',
  )
  const said = claude.rows(sessionId).findLast((row) => row.kind === 'person')
  expect(said).toMatchObject({
    text: WORDS,
    agentName: 'desktop',
    deviceName: 'desktop',
    from,
    causedBy: answer.value.commandId,
  })
  const asked = JSON.stringify(claude.rig.api.requests.map(({ body }) => body))
  expect(asked).toContain(JSON.stringify(agentWords('desktop', WORDS)).slice(1, -1))
}

test('[MC-7] words of an agent typed into tmux say so, run no slash command, and are known when they come back', async () => {
  await using claude = await startClaudeRelay()
  await claude.rig.open({ insideTmux: true })
  const { sessionId } = await claude.newSession()
  await tellAndWait(claude, sessionId, 'person')
})

test('[MC-7] so do those a background session goes on with', async () => {
  await using claude = await startClaudeRelay()
  await claude.rig.run(['--bg', '--name', 'errand', '@@say first done'])
  const { sessionId } = await claude.newSession()
  await claude.session(
    sessionId,
    ({ lastLine, capabilities }) => lastLine === 'first done' && capabilities.includes('prompt'),
    'rest',
  )
  await tellAndWait(claude, sessionId, 'person')
})

test('[MC-7] so do those that arrive as another session’s', async () => {
  await using claude = await startClaudeRelay()
  await claude.rig.open()
  const { sessionId } = await claude.newSession()
  await claude.session(
    sessionId,
    ({ capabilities }) => capabilities.includes('prompt_as_peer'),
    'a way to it',
  )
  await tellAndWait(claude, sessionId, 'peer')
})

test.each([
  { install: true, seen: 'with the plugin' },
  { install: false, seen: 'by its transcript alone' },
])('[MC-7] over HTTP a session that messages itself is caught $seen', async ({ install }) => {
  await using claude = await startClaudeRelay({ install })
  const { relay, rig } = claude
  await using _agent = await startMcpAgent(relay, { way: HTTP })
  const token = await agentToken(claude.dataDir, 'desktop')
  const header = `Authorization: Bearer ${token}`
  const url = new URL('/mcp', relay.origin).href
  await rig.run(['mcp', 'add', '-t', 'http', 'bellhop', url, '--header', header])
  const terminal = await rig.open({ insideTmux: true, args: ['--allowedTools', 'mcp__bellhop'] })
  const { sessionId } = await claude.phone.findSession(() => true, 20_000)
  const input = { sessionId, text: 'hello me' }
  // As long as a model thinks at least.
  const call = { tool: 'mcp__bellhop__send_message', input, delayMs: 700 }
  rig.api.push({ ...call, match: 'Talk' }, { text: 'told myself', match: 'Talk' })
  await terminal.submit('Talk to yourself')
  await terminal.waitFor('● told myself')
  const requests = () => JSON.stringify(rig.api.requests.map(({ body }) => body))
  await until(() => requests().includes('own_session'), { what: 'the refusal' })
  const { entries } = await (await deskOf(claude.dataDir, relay.origin)).call('auditLog', {
    limit: 3,
  })
  expect(entries).toMatchObject([{ code: 'own_session', about: 'hello me' }])
})
