import {
  agentWords,
  newCommandId,
  type Place,
  type PlaceId,
  type SessionId,
  type SourceId,
  type StartRequest,
} from '@bellhop/core'
import { createRelayClient } from '@bellhop/core/client'
import { expect, test } from 'vitest'
import { agentKeyOf, readAgentFile } from '../../apps/relay/src/mcp/agent-files.ts'
import { answerShown, letAgentIn, says, shownHeld } from '../support/asking-agent.ts'
import { addMcpAgent, connectHttpAgent, deskOf, startMcpAgent } from '../support/mcp-agent.ts'
import { createScriptedSource, type ScriptedSource } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

const LINE = 'From the agent “desktop”, through Bellhop. Your person typed none of this:'
const HTTP = { via: 'http', protocol: '2026-07-28' } as const
const refused = (code: string) => ({ isError: true, value: { code } })
const HERE: Place = {
  placeId: 'plc_1' as PlaceId,
  sourceId: 'scripted' as SourceId,
  title: 'Here',
  takesRepository: false,
  repositories: [],
  choices: {},
}
const passed = { isError: false, value: { state: 'done' } }

/** The sessions tell what they are told, as real ones do, and work on it. */
const echo = (source: ScriptedSource) => {
  source.onPerform = async ({ command, by }) => {
    if (command.type !== 'prompt') return
    const { sessionId, text, commandId } = command
    const deviceName = by.kind === 'device' ? by.name : undefined
    const messageId = `said ${commandId}`
    const said = { messageId, dedupeKey: messageId, text, from: 'person', deviceName }
    await source.say(sessionId, 'message.person', { ...said, causedBy: commandId })
    await source.say(sessionId, 'turn.started', { dedupeKey: `turn ${commandId}` })
  }
}

let calls = 0
/** A session’s agent calls a tool of ours, as its transcript tells it. */
const calling = async (source: ScriptedSource, from: SessionId, name: string, input: object) => {
  calls += 1
  const toolCallId = `call ${calls}`
  const tool = { kind: 'mcp', server: 'bellhop', name, input }
  await source.say(from, 'tool.started', { toolCallId, dedupeKey: toolCallId, tool })
}

test('[MC-7] a session is told which agent words are from, so no slash command is among them, and everyone sees the agent', async () => {
  await using relay = await startRelay()
  const { source, dataDir, origin } = relay
  echo(source)
  await using agent = await startMcpAgent(relay)
  await using phone = await relay.phone()
  const sessionId = await source.start('told')
  expect(await agent.call('send_message', { sessionId, text: '/clear' })).toMatchObject(passed)
  await phone.send({ type: 'prompt', sessionId, text: '/clear' })
  const told = source.performed.map(({ command }) => 'text' in command && command.text)
  expect(told).toEqual([`${LINE}\n\n/clear`, '/clear'])
  const { value } = await agent.call('read_session', { sessionId })
  expect(value.rows).toMatchObject([
    { who: 'another agent, desktop', text: '/clear' },
    { who: 'Test phone', text: '/clear' },
  ])
  const found = await agent.call('search_transcripts', { words: 'clear' })
  expect(found.value.sessions[0].hits.map(({ kind }: { kind: string }) => kind)).toEqual([
    'person',
    'peer',
  ])
  expect((await agent.call('search_transcripts', { words: 'through' })).value.sessions).toEqual([])
  const { entries } = await (await deskOf(dataDir, origin)).call('auditLog', { limit: 9 })
  expect(entries).toMatchObject([
    { about: '/clear', by: { name: 'Test phone' } },
    { about: '/clear', by: { name: 'desktop', agent: { depth: 1 } }, outcome: 'done' },
  ])
  expect(entries[0]?.by).not.toHaveProperty('agent')
})

test('[MC-7] a session an agent starts is told so, too, and is named by the words alone', async () => {
  await using relay = await startRelay()
  const { source, dataDir, origin } = relay
  await using agent = await startMcpAgent(relay, { way: HTTP })
  const id = await source.start('begun')
  const asked: StartRequest[] = []
  source.placesThere = [HERE]
  source.onStart = async (request) => {
    asked.push(request)
    return id
  }
  const placeId = 'plc_1'
  expect(await agent.call('start_session', { placeId, text: '/clear' })).toMatchObject({
    isError: false,
  })
  expect(asked).toMatchObject([{ text: `${LINE}\n\n/clear` }])
  for (let at = 0; at < 19; at += 1) await agent.call('start_session', { placeId, text: 'more' })
  const over = await agent.call('start_session', { placeId, text: 'one more' })
  expect(over).toMatchObject({
    isError: true,
    value: { code: 'rate_limited', text: expect.stringContaining('20 messages a minute') },
  })
  const { entries } = await (await deskOf(dataDir, origin)).call('auditLog', { limit: 1 })
  expect(entries).toMatchObject([
    { commandType: 'start', about: 'one more', outcome: 'refused', code: 'rate_limited' },
  ])
})

test('[MC-7] [AL-4] messages are counted by the relay, over whatever way the agent comes, and one too many is written down', async () => {
  await using relay = await startRelay({ overrides: { agentBounds: { perAgent: 3 } } })
  const { source, dataDir, origin } = relay
  const [one, two] = [await source.start('one'), await source.start('two')]
  await using agent = await startMcpAgent(relay)
  await using again = await connectHttpAgent(relay, 'desktop')
  for (const [way, sessionId] of [
    [agent, one],
    [again, two],
    [agent, two],
  ] as const) {
    expect(await way.call('send_message', { sessionId, text: 'hello' })).toMatchObject(passed)
  }
  for (const way of [agent, again]) {
    const args = { sessionId: one, text: 'hello' }
    expect(await way.call('send_message', args)).toMatchObject(refused('rate_limited'))
    expect(await way.call('send_and_wait', args)).toMatchObject(refused('rate_limited'))
  }
  expect(await agent.call('interrupt', { sessionId: one })).toMatchObject({ isError: false })
  // Nor does it help to leave the bridge out.
  const file = await readAgentFile(dataDir, 'desktop')
  if (!file) throw new TypeError('no agent file')
  const bare = createRelayClient({ origin, key: await agentKeyOf(file) })
  const commandId = newCommandId()
  const wish = { type: 'prompt', sessionId: one, text: 'hello', commandId } as const
  expect(await bare.call('command', wish)).toEqual({
    commandId,
    state: 'refused',
    code: 'rate_limited',
    text: 'An agent sends at most 3 messages a minute. Wait, then try again.',
  })
  expect(source.performed).toHaveLength(4)
  const { entries } = await (await deskOf(dataDir, origin)).call('auditLog', { limit: 9 })
  expect(entries.filter(({ code }) => code === 'rate_limited')).toHaveLength(5)
})

test('[MC-7] an agent whose program says where it runs cannot message itself', async () => {
  await using relay = await startRelay()
  const { source } = relay
  const own = await source.start('own')
  const other = await source.start('other')
  await using agent = await startMcpAgent(relay, { env: { CLAUDE_CODE_SESSION_ID: 'own' } })
  for (const tool of ['send_message', 'send_and_wait']) {
    const sent = await agent.call(tool, { sessionId: own, text: 'hello' })
    expect(sent).toMatchObject(refused('own_session'))
  }
  const sent = await agent.call('send_message', { sessionId: other, text: 'hello' })
  expect(sent).toMatchObject(passed)
  expect(source.performed).toHaveLength(1)
})

test('[MC-7] over HTTP, where nothing says where an agent runs, the call in its own transcript does', async () => {
  await using relay = await startRelay()
  const { source } = relay
  const own = await source.start('own')
  const other = await source.start('other')
  await using agent = await startMcpAgent(relay, { way: HTTP })
  const args = { sessionId: own, text: 'hello me' }
  await source.say(own, 'turn.started')
  await calling(source, own, 'send_message', args)
  expect(await agent.call('send_message', args)).toMatchObject(refused('own_session'))
  const elsewhere = { sessionId: other, text: 'hello you' }
  await calling(source, own, 'send_message', elsewhere)
  expect(await agent.call('send_message', elsewhere)).toMatchObject(passed)
})

test('[MC-7] three agents in a row pass a message on, the fourth is refused, also by a relay started anew; a person begins anew', async () => {
  const source = createScriptedSource()
  await using first = await startRelay({ source })
  const { dataDir } = first
  echo(source)
  const [a, b, c, d] = [
    await source.start('a'),
    await source.start('b'),
    await source.start('c'),
    await source.start('d'),
  ]
  await source.say(a, 'turn.started')
  for (const name of ['one', 'two', 'three', 'four']) await addMcpAgent(first, { name })
  const pass = async (
    place: typeof first,
    from: SessionId,
    to: SessionId,
    name: string,
    playing = source,
  ) => {
    const args = { sessionId: to, text: `on from ${from}` }
    await calling(playing, from, 'send_message', args)
    await using agent = await connectHttpAgent(place, name)
    return await agent.call('send_message', args)
  }
  expect(await pass(first, a, b, 'one')).toMatchObject(passed)
  expect(await pass(first, b, c, 'two')).toMatchObject(passed)
  expect(await pass(first, c, d, 'three')).toMatchObject(passed)
  expect(await pass(first, d, a, 'four')).toMatchObject(refused('agent_too_deep'))
  await first.stop()

  const next = createScriptedSource()
  await using second = await startRelay({ source: next, dataDir })
  await next.running
  echo(next)
  expect(await pass(second, d, a, 'four', next)).toMatchObject(refused('agent_too_deep'))
  expect(next.performed).toEqual([])
  await using phone = await second.phone()
  await phone.send({ type: 'prompt', sessionId: d, text: 'Go on' })
  expect(await pass(second, d, a, 'four', next)).toMatchObject(passed)
  expect(next.performed.at(-1)?.command).toMatchObject({
    text: agentWords('four', `on from ${d}`),
  })
})

test('[MC-1] an agent that is removed while its message or its start is looked at has neither done', async () => {
  await using relay = await startRelay()
  const { source, dataDir, origin } = relay
  echo(source)
  source.placesThere = [HERE]
  let started = 0
  const sessionId = await source.start('busy')
  source.onStart = async () => {
    started += 1
    return sessionId
  }
  await using agent = await letAgentIn(relay, { asksFirst: false })
  expect(await says(agent, sessionId, 'one')).toMatchObject({ state: 'done' })
  const late = says(agent, sessionId, 'two')
  const start = agent.client.call('start', {
    commandId: newCommandId(),
    placeId: HERE.placeId,
    text: 'go',
  })
  const outcomes = Promise.allSettled([late, start])
  const desk = await deskOf(dataDir, origin)
  await desk.call('revoke', { deviceId: agent.deviceId })
  await outcomes
  expect(source.performed).toHaveLength(1)
  expect(started).toBe(0)
  const { entries } = await desk.call('auditLog', { limit: 2 })
  for (const entry of entries) expect(entry).toMatchObject({ code: 'device_removed' })
})

test('[AL-4] [CM-1] nothing is started under an id that was used before, and trying is written down', async () => {
  await using relay = await startRelay()
  const { source, dataDir, origin } = relay
  source.placesThere = [HERE]
  let started = 0
  const sessionId = await source.start('used')
  source.onStart = async () => {
    started += 1
    return sessionId
  }
  await using agent = await letAgentIn(relay, { asksFirst: false })
  const { commandId } = await says(agent, sessionId, 'one')
  const start = agent.client.call('start', { commandId, placeId: HERE.placeId, text: 'go' })
  await expect(start).rejects.toMatchObject({ code: 'command_reused' })
  expect(started).toBe(0)
  const { entries } = await (await deskOf(dataDir, origin)).call('auditLog', { limit: 1 })
  expect(entries).toMatchObject([{ commandType: 'start', about: 'go', code: 'command_reused' }])
})

test('[MC-7] [CM-2] how much a session asks is not for an agent to set, unless a person says yes to it', async () => {
  await using relay = await startRelay()
  const { source } = relay
  source.placesThere = [HERE]
  const sessionId = await source.start('strict', { capabilities: ['set_permission_mode'] })
  await using phone = await relay.phone()
  await using free = await letAgentIn(relay, { name: 'free', asksFirst: false })
  await using asking = await letAgentIn(relay, { name: 'asking' })
  const wish = { type: 'set_permission_mode', sessionId, mode: 'bypassPermissions' } as const
  expect(await free.send(wish)).toMatchObject({ state: 'refused', code: 'agent_refused' })
  const start = free.client.call('start', {
    commandId: newCommandId(),
    placeId: HERE.placeId,
    text: 'go',
    permissionMode: 'bypassPermissions',
  })
  await expect(start).rejects.toMatchObject({ code: 'agent_refused' })
  expect(await asking.send(wish)).toMatchObject({ state: 'pending' })
  expect(source.performed).toHaveLength(0)
  await answerShown(phone, await shownHeld(phone))
  await until(() => source.performed.length === 1)
})
