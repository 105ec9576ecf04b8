import type { PlaceId, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { deskOf, type McpAgent, startMcpAgent, WAYS } from '../support/mcp-agent.ts'
import { shellAsk } from '../support/scripted-source.ts'
import { startRelay, type TestRelay } from '../support/start-relay.ts'

/** Everything of a relay that could change. */
const stateOf = async ({ dataDir, origin, source }: TestRelay) => {
  const desk = await deskOf(dataDir, origin)
  const { sessions, cursor } = await desk.call('sessions', null)
  const { devices } = await desk.call('devices', null)
  const { entries } = await desk.call('auditLog', { limit: 200 })
  return {
    sessions,
    cursor,
    devices: devices.map(({ lastSeenAt: _, ...device }) => device),
    done: entries.filter(({ outcome }) => outcome !== 'refused'),
    performed: [...source.performed],
  }
}

/** A session at rest and one that asks, with all that can be named in a call. */
const setUp = async (relay: TestRelay) => {
  const { source } = relay
  const sessionId = await source.start('watched')
  await source.say(sessionId, 'message.agent', { messageId: 'a', text: 'a rare pelican' })
  const asking = await source.start('asking')
  await source.ask(asking, 'per_1', shellAsk('ls'))
  await source.ask(asking, 'per_2', {
    kind: 'question',
    questions: [{ question: 'Which?', multiple: false, choices: [{ label: 'A' }, { label: 'B' }] }],
  })
  const placeId = 'plc_1' as PlaceId
  const { sourceId } = source.manifest
  const place = { title: 'Here', takesRepository: false, repositories: [], choices: {} }
  source.placesThere = [{ placeId, sourceId, ...place }]
  let starts = 0
  source.onStart = async () => {
    starts += 1
    return sessionId
  }
  return { sessionId, asking, placeId, startCount: () => starts }
}

/** Arguments each tool would do its work with, were it allowed to. */
const argumentsOf = async (
  agent: McpAgent,
  ids: { sessionId: SessionId; asking: SessionId; placeId: PlaceId },
): Promise<Record<string, Record<string, unknown>>> => {
  const { sessionId, asking, placeId } = ids
  const { prompts } = (await agent.call('list_pending')).value
  const [permission, question] = prompts.map(
    ({ permissionId, shownHash }: Record<string, string>) => ({
      ...{ sessionId: asking, permissionId, shownHash },
    }),
  )
  return {
    list_sessions: {},
    get_session_info: { sessionId },
    read_session: { sessionId },
    get_session_events: { sessionId },
    list_pending: {},
    search_transcripts: { words: 'pelican' },
    wait_for: { sessionId: asking, promptPending: true },
    send_message: { sessionId, text: 'do it' },
    send_and_wait: { sessionId, text: 'do it', timeoutS: 1 },
    answer_permission: { ...permission, decision: 'allow' },
    answer_question: { ...question, answers: [{ question: 'Which?', choices: ['A'] }] },
    interrupt: { sessionId },
    list_places: {},
    start_session: { placeId, text: 'do it' },
  }
}

const READING = ['list_sessions', 'get_session_info', 'read_session', 'get_session_events']
  .concat(['list_pending', 'search_transcripts', 'wait_for'])
  .sort()

for (const way of WAYS.filter(({ protocol }) => protocol === '2025-11-25')) {
  test(`[MC-1] [CM-2] [AL-4] over ${way.via} none of all tools changes anything with scope watch, nor with answer what takes drive`, async () => {
    await using relay = await startRelay()
    const ids = await setUp(relay)
    await using watcher = await startMcpAgent(relay, { way, name: 'watcher', scopes: ['watch'] })
    await using answerer = await startMcpAgent(relay, {
      ...{ way, name: 'answerer', scopes: ['watch', 'answer'] },
    })
    const calls = await argumentsOf(watcher, ids)
    const { tools } = await watcher.client.listTools()
    expect(tools.map(({ name }) => name).sort()).toEqual(Object.keys(calls).sort())
    const before = await stateOf(relay)
    const taken: string[] = []
    for (const [name, args] of Object.entries(calls)) {
      const { isError, value } = await watcher.call(name, args)
      if (!isError) taken.push(name)
      else expect([name, value.code]).toEqual([name, 'scope_missing'])
    }
    for (const name of ['send_message', 'send_and_wait', 'interrupt', 'start_session'] as const) {
      expect(await answerer.call(name, calls[name])).toMatchObject({
        isError: true,
        value: { code: 'scope_missing' },
      })
    }
    expect(taken.sort()).toEqual(READING)
    expect(await stateOf(relay)).toEqual(before)
    expect(ids.startCount()).toBe(0)
    // They would have done their work: nothing but the scope was missing.
    await using driver = await startMcpAgent(relay, { way, name: 'driver' })
    for (const [name, args] of Object.entries(calls)) {
      expect([name, (await driver.call(name, args)).isError]).toEqual([name, false])
    }
    expect(relay.source.performed.length).toBe(5)
    expect(ids.startCount()).toBe(1)
    expect((await stateOf(relay)).cursor).not.toBe(before.cursor)
  })
}
