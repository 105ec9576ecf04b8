import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { agentWords, type PlaceId } from '@bellhop/core'
import { createRelayClient } from '@bellhop/core/client'
import { expect, test } from 'vitest'
import { agentKeyOf, readAgentFile } from '../../apps/relay/src/mcp/agent-files.ts'
import { mcpSetup } from '../../apps/relay/src/mcp/mcp-setup.ts'
import { connectMcpAgent, deskOf, startMcpAgent } from '../support/mcp-agent.ts'
import { shellAsk } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

const WATCH = { scopes: ['watch'], asksFirst: false } as const

test('[MC-1] an agent is a device of its own, with a private key file and only its scopes', async () => {
  await using relay = await startRelay()
  const { dataDir, origin } = relay
  const desk = await deskOf(dataDir, origin)
  await mcpSetup.add({ dataDir, desk, name: 'desktop', ...WATCH })
  const { devices } = await desk.call('devices', null)
  expect(devices.find(({ name }) => name === 'desktop')).toMatchObject({
    platform: 'MCP client',
    scopes: ['watch'],
    agent: { asksFirst: false },
  })
  expect(await mcpSetup.set({ dataDir, desk, name: 'desktop', asksFirst: true })).toBe(true)
  expect(await mcpSetup.set({ dataDir, desk, name: 'other', asksFirst: true })).toBe(false)
  expect(await mcpSetup.list({ dataDir, desk })).toMatchObject([
    { device: { agent: { asksFirst: true } } },
  ])
  expect((await stat(join(dataDir, 'mcp', 'desktop.json'))).mode & 0o777).toBe(0o600)
  const again = mcpSetup.add({ dataDir, desk, name: 'desktop', ...WATCH })
  await expect(again).rejects.toMatchObject({ code: 'config_invalid' })
  for (const name of ['../x', 'A b', '']) {
    const wrong = mcpSetup.add({ dataDir, desk, name, ...WATCH })
    await expect(wrong).rejects.toMatchObject({ code: 'config_invalid' })
  }
  expect(await mcpSetup.list({ dataDir, desk })).toMatchObject([{ name: 'desktop' }])
  expect(await mcpSetup.remove({ dataDir, desk, name: 'desktop' })).toBe(true)
  expect(await mcpSetup.remove({ dataDir, desk, name: 'desktop' })).toBe(false)
  const after = await desk.call('devices', null)
  expect(after.devices.map(({ name }) => name)).not.toContain('desktop')
})

test('[MC-2] every tool says what it does, takes and answers, and whether it changes anything', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay)
  const { tools } = await agent.client.listTools()
  const reading = tools.filter(({ annotations }) => annotations?.readOnlyHint === true)
  expect(reading.map(({ name }) => name).sort()).toEqual([
    'get_session_events',
    'get_session_info',
    'list_pending',
    'list_places',
    'list_sessions',
    'read_session',
    'search_transcripts',
    'wait_for',
  ])
  const acting = tools.filter(({ annotations }) => annotations?.destructiveHint === true)
  expect(acting.map(({ name }) => name).sort()).toEqual([
    'answer_permission',
    'answer_question',
    'interrupt',
    'send_and_wait',
    'send_message',
    'start_session',
  ])
  expect(reading.length + acting.length).toBe(tools.length)
  // What is sent or answered may do anything, and twice is not once.
  const reads = { readOnlyHint: true, destructiveHint: false, idempotentHint: true }
  const acts = { readOnlyHint: false, destructiveHint: true, idempotentHint: false }
  for (const { annotations } of reading)
    expect(annotations).toEqual({ ...reads, openWorldHint: false })
  for (const { annotations } of acting)
    expect(annotations).toEqual({ ...acts, openWorldHint: true })
  for (const one of tools) {
    expect(one.description?.length).toBeGreaterThan(20)
    expect(one.inputSchema.additionalProperties).toBe(false)
    expect(one.outputSchema?.required).not.toEqual([])
  }
})

test('[MC-5] sessions are listed by status, told whole, read in words and page by page', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay)
  const { source } = relay
  const id = await source.start('Fix the tests')
  const other = await source.start('Over')
  await source.say(other, 'session.ended', { reason: 'exited' })
  for (let at = 0; at < 30; at += 1) {
    await source.say(id, 'message.person', {
      messageId: `p${at}`,
      text: `say ${at}`,
      from: 'person',
    })
    await source.say(id, 'message.agent', { messageId: `a${at}`, text: `said ${at}` })
  }
  await source.say(id, 'turn.started')
  const names = async (args: object) =>
    (await agent.call('list_sessions', { ...args })).value.sessions.map(
      (one: { sessionId: string }) => one.sessionId,
    )
  expect(await names({})).toEqual([id])
  expect(await names({ status: 'working' })).toEqual([id])
  expect(await names({ status: 'idle' })).toEqual([])
  expect(await names({ status: 'ended' })).toEqual([other])
  const info = await agent.call('get_session_info', { sessionId: id })
  expect(info.value).toMatchObject({ status: 'working', details: { machine: 'desk' } })

  const words: string[] = []
  let page: string | undefined
  do {
    const { value } = await agent.call('read_session', {
      sessionId: id,
      limit: 20,
      ...(page !== undefined && { page }),
    })
    words.unshift(...value.rows.map((row: { text: string }) => row.text))
    page = value.nextPage
  } while (page !== undefined)
  expect(words).toEqual(Array.from({ length: 30 }, (_, at) => [`say ${at}`, `said ${at}`]).flat())
})

test('[MC-5] raw events are filtered by type and go on from a cursor', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay)
  const id = await relay.source.start('events')
  await relay.source.say(id, 'message.agent', { messageId: 'a', text: 'one' })
  const first = await agent.call('get_session_events', { sessionId: id, types: ['message.agent'] })
  expect(first.value.events).toMatchObject([{ type: 'message.agent', text: 'one' }])
  await relay.source.say(id, 'message.agent', { messageId: 'b', text: 'two' })
  await relay.source.say(id, 'turn.started')
  const rest = await agent.call('get_session_events', {
    sessionId: id,
    after: first.value.cursor,
    limit: 1,
  })
  expect(rest.value).toMatchObject({ events: [{ text: 'two' }], hasMore: true })
  const last = await agent.call('get_session_events', { sessionId: id, after: rest.value.cursor })
  expect(last.value).toMatchObject({ events: [{ type: 'turn.started' }], hasMore: false })
  const lost = await agent.call('get_session_events', { sessionId: id, after: 'nolog.7' })
  expect(lost).toMatchObject({ isError: true, value: { code: 'cursor_unknown' } })
})

test('[MC-5] transcripts are searched with the place of each hit', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay)
  const id = await relay.source.start('search')
  await relay.source.say(id, 'message.agent', { messageId: 'a', text: 'a rare pelican appears' })
  const { value } = await agent.call('search_transcripts', { words: 'pelican' })
  expect(value.sessions).toMatchObject([{ sessionId: id }])
})

test('[MC-6] prompts are listed whole and answered by their id and what was shown of them', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay)
  const { source } = relay
  const id = await source.start('asks')
  await source.ask(id, 'per_1', shellAsk('git push'))
  await source.ask(id, 'per_2', {
    kind: 'question',
    questions: [{ question: 'Which?', multiple: false, choices: [{ label: 'A' }, { label: 'B' }] }],
  })
  await source.ask(id, 'per_3', { kind: 'plan', plan: '# Do it', modes: [] })
  await source.ask(id, 'per_4', { ...shellAsk('rm -rf /'), careful: true } as never)
  const { value } = await agent.call('list_pending', { sessionId: id })
  expect(value.prompts).toMatchObject([
    { permissionId: 'per_1', line: 'git push', ask: { input: { command: 'git push' } } },
    { permissionId: 'per_2', kind: 'question' },
    { permissionId: 'per_3', kind: 'plan' },
    { permissionId: 'per_4' },
  ])
  const named = (at: number) => {
    const { permissionId, shownHash } = value.prompts[at]
    return { sessionId: id, permissionId, shownHash }
  }
  const allow = { decision: 'allow' }
  const unseen = await agent.call('answer_permission', { ...named(0), shownHash: 'x', ...allow })
  expect(unseen).toMatchObject({ isError: true, value: { code: 'shown_input_differs' } })
  const passing = await agent.call('answer_permission', { ...named(3), ...allow })
  expect(passing).toMatchObject({ isError: true, value: { code: 'careful_needed' } })
  expect(source.performed).toHaveLength(0)
  const done = { isError: false, value: { state: 'done' } }
  expect(await agent.call('answer_permission', { ...named(0), ...allow })).toMatchObject(done)
  const chosen = { answers: [{ question: 'Which?', choices: ['B'] }] }
  expect(await agent.call('answer_question', { ...named(1), ...chosen })).toMatchObject(done)
  const no = { decision: 'deny', reason: 'smaller' }
  expect(await agent.call('answer_permission', { ...named(2), ...no })).toMatchObject(done)
  const seen = { ...allow, careful: true }
  expect(await agent.call('answer_permission', { ...named(3), ...seen })).toMatchObject(done)
  expect(source.performed.map(({ command }) => command)).toMatchObject([
    { type: 'decide_permission', decision: { behavior: 'allow' } },
    { type: 'answer_question', answer: { answers: [{ choices: ['B'] }] } },
    {
      type: 'decide_plan',
      decision: { behavior: 'reject', reason: agentWords('desktop', 'smaller') },
    },
    { type: 'decide_permission', permissionId: 'per_4' },
  ])
  expect(await agent.call('answer_question', named(1))).toMatchObject({
    isError: true,
    value: { code: 'invalid_request' },
  })
})

test('[MC-6] a message, a stop and a start are commands of the agent, by its name', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay)
  const { source } = relay
  const id = await source.start('driven')
  source.placesThere = [
    {
      placeId: 'plc_1' as PlaceId,
      sourceId: source.manifest.sourceId,
      title: 'Here',
      takesRepository: false,
      repositories: [],
      choices: {},
    },
  ]
  source.onStart = async () => id
  const sent = await agent.call('send_message', { sessionId: id, text: 'do it' })
  expect(sent).toMatchObject({ isError: false, value: { state: 'done' } })
  expect(await agent.call('interrupt', { sessionId: id })).toMatchObject({ isError: false })
  const places = await agent.call('list_places')
  expect(places.value.places).toMatchObject([{ placeId: 'plc_1' }])
  const started = await agent.call('start_session', { placeId: 'plc_1', text: 'go' })
  expect(started.value).toEqual({ sessionId: id })
  expect(source.performed.map(({ command }) => command)).toMatchObject([
    { type: 'prompt', text: agentWords('desktop', 'do it') },
    { type: 'interrupt' },
  ])
  const { value } = await agent.call('get_session_events', {
    sessionId: id,
    types: ['command.settled'],
  })
  expect(value.events[0]).toMatchObject({ by: { kind: 'device', name: 'desktop' } })
})

test('[MC-3] without a relay every tool says so, and works again when there is one', async () => {
  const relay = await startRelay()
  const { dataDir, source } = relay
  const id = await source.start('stays')
  await using agent = await startMcpAgent(relay)
  expect(await agent.call('list_sessions')).toMatchObject({ isError: false })
  await relay.stop()
  for (const [name, args] of [
    ['list_sessions', {}],
    ['read_session', { sessionId: id }],
    ['wait_for', { sessionId: id }],
    ['send_message', { sessionId: id, text: 'x' }],
  ] as const) {
    expect(await agent.call(name, args)).toMatchObject({
      isError: true,
      value: { code: 'relay_not_running', mayRetry: true },
    })
  }
  await using _again = await startRelay({ dataDir })
  expect(await agent.call('list_sessions')).toMatchObject({
    isError: false,
    value: { sessions: [{ sessionId: id }] },
  })
  await relay[Symbol.asyncDispose]()
})

test('[MC-3] bad arguments are refused in words, and change nothing', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay)
  const id = await relay.source.start('strict')
  for (const [args, words] of [
    [{}, 'sessionId'],
    [{ sessionId: id }, 'text'],
    [{ sessionId: id, text: 7 }, 'text must be string'],
    [{ sessionId: id, text: 'x', all: true }, 'It takes no all. It takes sessionId, text;'],
  ] as const) {
    const code = 'invalid_request'
    expect(await agent.call('send_message', args)).toMatchObject({
      isError: true,
      value: { code, text: expect.stringContaining(words), mayRetry: false },
    })
  }
  const choice = await agent.call('list_sessions', { status: 'busy' })
  expect(choice).toMatchObject({ isError: true, value: { code: 'invalid_request' } })
  expect(choice.value.text).toContain('waiting, working, idle, ended')
  const unknown = await agent.call('read_session', { sessionId: 'ses_none' })
  expect(unknown).toMatchObject({ isError: true, value: { code: 'session_not_found' } })
  // No sentence for a person at a screen: an agent has no app to update.
  expect(unknown.value.text).toContain('list_sessions')
  for (const args of [{ sessionId: '' }, { sessionId: id, page: 'rubbish' }]) {
    const { value } = await agent.call('read_session', args)
    expect(value).toMatchObject({
      code: 'invalid_request',
      text: expect.stringContaining('each id'),
    })
  }
  const empty = await agent.call('send_message', { sessionId: id, text: '  ' })
  expect(empty).toMatchObject({ isError: true, value: { code: 'invalid_request' } })
  expect(relay.source.performed).toHaveLength(0)
})

test('[MC-1] [AU-8] a revoked agent is cut off at once, its open calls with it', async () => {
  await using relay = await startRelay()
  await using agent = await startMcpAgent(relay)
  const id = await relay.source.start('cut')
  const waits = [
    agent.call('wait_for', { sessionId: id, timeoutS: 50 }),
    agent.call('send_and_wait', { sessionId: id, text: 'x', timeoutS: 50 }),
  ]
  await until(() => relay.source.performed.length === 1)
  // Both wait now on one stream; the command above was sent after it was open.
  const desk = await deskOf(relay.dataDir, relay.origin)
  const startedMs = performance.now()
  expect(await mcpSetup.remove({ dataDir: relay.dataDir, desk, name: 'desktop' })).toBe(true)
  for (const wait of waits) {
    expect(await wait).toMatchObject({ isError: true, value: { code: 'device_removed' } })
  }
  expect(performance.now() - startedMs).toBeLessThan(2_000)
  const after = await agent.call('list_sessions')
  expect(after).toMatchObject({ isError: true, value: { code: 'device_removed' } })
})

test('[MC-2] an agent that was never let in is told how to be', async () => {
  await using relay = await startRelay()
  await expect(connectMcpAgent(relay.dataDir, 'nobody')).rejects.toThrow()
})

test('[MC-1] what is about the device in somebody’s hand is refused to an agent', async () => {
  await using relay = await startRelay()
  const { dataDir, origin } = relay
  const desk = await deskOf(dataDir, origin)
  await mcpSetup.add({ dataDir, desk, name: 'desktop', ...WATCH })
  const file = await readAgentFile(dataDir, 'desktop')
  if (!file) throw new TypeError('no agent file')
  const agent = createRelayClient({ origin, key: await agentKeyOf(file) })
  const refused = { code: 'agent_refused' }
  await expect(agent.call('renameSelf', { name: 'Ada’s phone' })).rejects.toMatchObject(refused)
  const seen = { visible: true, sessionId: null, shown: null }
  await expect(agent.call('presence', seen)).rejects.toMatchObject(refused)
  await expect(agent.call('pushSubscribe', { subscription: null })).rejects.toMatchObject(refused)
  expect((await agent.call('relay', null)).device).toMatchObject({ name: 'desktop' })
})
