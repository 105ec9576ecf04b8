import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agentWords } from '@bellhop/core'
import { expect, test } from 'vitest'
import { mcpSetup } from '../../apps/relay/src/mcp/mcp-setup.ts'
import { script } from '../support/claude-relay.ts'
import { startClaudeRig } from '../support/claude-rig.ts'
import { deskOf, mcpCommand } from '../support/mcp-agent.ts'
import { shellAsk } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'

const call = (tool: string, input: object) =>
  `@@tool mcp__bellhop__${tool} ${JSON.stringify(input)}`

test('[MC-2] [MC-6] [MC-7] the real program lists, reads, sends and waits over stdio, and cannot message itself', async () => {
  await using rig = await startClaudeRig()
  await using relay = await startRelay()
  const { source, dataDir, origin } = relay
  const desk = await deskOf(dataDir, origin)
  const scopes = ['watch', 'answer', 'drive'] as const
  await mcpSetup.add({ dataDir, desk, name: 'claude', scopes, asksFirst: false })
  const ownId = randomUUID()
  const own = await source.start(ownId)
  const sessionId = await source.start('other')
  let asked = false
  source.onPerform = async ({ command }) => {
    if (command.type === 'decide_permission') {
      void (async () => {
        const { permissionId } = command
        const by = { kind: 'source' }
        await source.say(sessionId, 'permission.resolved', { permissionId, outcome: 'allowed', by })
        await source.say(sessionId, 'message.agent', { messageId: 'b', text: 'all green' })
        await source.say(sessionId, 'turn.ended', { outcome: 'finished' })
      })()
    }
    if (command.type !== 'prompt' || asked) return
    asked = true
    void (async () => {
      const { commandId, text } = command
      const said = { messageId: commandId, text, from: 'person', causedBy: commandId }
      await source.say(sessionId, 'message.person', said)
      await source.say(sessionId, 'message.agent', { messageId: 'a', text: 'running the tests' })
      await source.ask(sessionId, 'per_1', shellAsk('npm test'))
    })()
  }
  const shownHash = await shown()
  const config = join(rig.folder, 'mcp.json')
  const { command, args } = mcpCommand(dataDir, 'claude')
  const servers = { bellhop: { type: 'stdio', command, args } }
  await writeFile(config, JSON.stringify({ mcpServers: servers }))
  const answer = { sessionId, permissionId: 'per_1', shownHash, decision: 'allow' }
  const prompt = script(
    call('list_sessions', {}),
    call('send_message', { sessionId: own, text: 'hello me' }),
    call('send_and_wait', { sessionId, text: 'run the tests', timeoutS: 20 }),
    call('list_pending', {}),
    call('answer_permission', answer),
    call('wait_for', { sessionId, textMatches: 'green', after: await lastCursor(), timeoutS: 20 }),
    call('read_session', { sessionId }),
    '@@say supervised',
  )
  const run = await rig.run(
    [
      '-p',
      prompt,
      '--session-id',
      ownId,
      '--strict-mcp-config',
      '--mcp-config',
      config,
      '--allowedTools',
      'mcp__bellhop',
    ],
    { timeoutMs: 90_000 },
  )
  expect(run.stdout).toContain('supervised')
  const sent = source.performed.map(({ command: one }) => one)
  expect(sent).toMatchObject([
    { type: 'prompt', sessionId, text: agentWords('claude', 'run the tests') },
    { type: 'decide_permission', permissionId: 'per_1' },
  ])
  const last = JSON.stringify(rig.api.requests.at(-1)?.body)
  for (const words of ['own_session', 'blocked', 'npm test', 'text_matched', 'all green']) {
    expect(last).toContain(words)
  }

  async function shown() {
    const { shownHash: hashOf } = await import('@bellhop/core')
    return hashOf(shellAsk('npm test'))
  }
  async function lastCursor() {
    const page = await desk.call('history', { sessionId, limit: 1 })
    return page.cursor
  }
})
