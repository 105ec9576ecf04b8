import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { createVirtualTime } from '../support/virtual-time.ts'
import { startSessionApi } from './session-api.ts'
import { changedCallWords, fieldsIn } from './tool-answers.ts'
import type { Fields } from './types.ts'
import { createWorker } from './worker.ts'
import type { WorkerOptions } from './worker-types.ts'

/** A worker at a session of a server, and a client's part in it without HTTP. */
const at = async (options: WorkerOptions = {}) => {
  const time = createVirtualTime()
  const api = await startSessionApi({ time })
  const session = api.addSession()
  const worker = createWorker(session, { time, ...options })
  const post = async (payload: Fields, platform: string | undefined = 'web_claude_ai') => {
    const sent = session.receive(payload, { family: 'code', platform })
    await time.pass(2_000)
    return sent
  }
  const say = (content: unknown, platform?: string) =>
    post({ type: 'user', uuid: randomUUID(), message: { role: 'user', content } }, platform)
  const control = async (request: Fields) => {
    const request_id = randomUUID()
    await post({ type: 'control_request', request_id, request })
    const own = session.events.find(
      ({ payload }) =>
        payload.type === 'control_response' &&
        fieldsIn(payload.response)?.request_id === request_id,
    )
    return fieldsIn(own?.payload.response)
  }
  const answer = (response: Fields, requestId = worker.pending?.requestId) =>
    post({
      type: 'control_response',
      response: { subtype: 'success', request_id: requestId, response },
    })
  const kinds = (after = 0) =>
    session.events
      .slice(after)
      .map(({ payload }) => [payload.type, payload.subtype].filter(Boolean).join('/'))
  const lastResult = () =>
    session.events.findLast(({ payload }) => payload.type === 'user' && payload.tool_use_result)
      ?.payload
  return {
    time,
    session,
    worker,
    post,
    say,
    control,
    answer,
    kinds,
    lastResult,
    [Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
  }
}
const bash = (command: string) => ({ tool: 'Bash', input: { command } })

test('a message is echoed under its own uuid, and a turn ends with a result and init', async () => {
  await using it = await at()
  const { eventId } = await it.say('hello')
  expect(it.kinds(1)).toEqual(['user', 'assistant', 'result/success', 'system/init'])
  const row = it.session.events.find((event) => event.event_id === eventId)
  expect(row?.received_at).toBeDefined()
  expect(row?.processing_at).toBeDefined()
  expect(row?.processed_at).toBeDefined()
  expect(it.worker.heard).toEqual(['hello'])
  expect(it.session.row.worker_status).toBe('idle')
})

test('an allowed call runs; the row says what is pending until then', async () => {
  await using it = await at()
  it.worker.push(bash('touch allowed'), { text: 'made it' })
  await it.say('go')
  expect(it.session.row.worker_status).toBe('requires_action')
  expect(it.session.row.external_metadata.pending_action).toMatchObject({
    tool_name: 'Bash',
    request_id: it.worker.pending?.requestId,
  })
  expect(it.worker.ran('touch allowed')).toBe(false)
  const { requestId } = it.worker.pending ?? {}
  await it.answer({ behavior: 'allow', updatedInput: { command: 'touch allowed' } })
  expect(it.worker.ran('touch allowed')).toBe(true)
  await it.answer({ behavior: 'deny', message: 'too late' }, requestId)
  expect(it.worker.answers).toHaveLength(1)
  expect(it.session.row.external_metadata.pending_action).toBeNull()
  expect(it.session.row.worker_status).toBe('idle')
})

test.for([
  ['Bash', 'control_request before assistant'],
  ['Edit', 'assistant before control_request'],
])('a prompt for %s comes with its %s', async ([tool = '', order]) => {
  await using it = await at()
  it.worker.push({ tool, input: {} })
  await it.say('go')
  const kinds = it.kinds()
  const isFirst = kinds.indexOf('control_request') < kinds.indexOf('assistant')
  expect(isFirst).toBe(order?.startsWith('control_request'))
})

test('a changed call is refused in the words of the real worker', async () => {
  await using it = await at()
  it.worker.push(bash('touch a'))
  await it.say('go')
  await it.answer({ behavior: 'allow', updatedInput: { command: 'touch b' } })
  expect(it.worker.runs).toEqual([])
  expect(JSON.stringify(it.lastResult())).toContain(changedCallWords)
  expect(it.lastResult()).toMatchObject({
    tool_result_meta: [{ non_execution_kind: 'permission-rule' }],
  })
})

test('errors, unknown ids and tool use ids as answers do nothing', async () => {
  await using it = await at()
  it.worker.push(bash('touch a'))
  await it.say('go')
  const { requestId, toolUseId } = it.worker.pending ?? {}
  const response = { behavior: 'allow' }
  const error = { subtype: 'error', request_id: requestId, error: 'no', response }
  await it.post({ type: 'control_response', response: error })
  await it.answer({ behavior: 'allow' }, toolUseId)
  await it.answer({ behavior: 'allow' }, randomUUID())
  expect(it.worker.pending?.requestId).toBe(requestId)
})

test('a denial tells the model why; with interrupt it ends the turn', async () => {
  await using it = await at()
  it.worker.push(bash('a'), bash('b'))
  await it.say('go')
  await it.answer({ behavior: 'deny', message: 'not on Fridays' })
  expect(JSON.stringify(it.lastResult())).toContain('the user said:\\nnot on Fridays')
  await it.answer({ behavior: 'deny', message: 'stop', interrupt: true })
  const result = it.session.events.findLast(({ payload }) => payload.type === 'result')
  expect(result?.payload).toMatchObject({ terminal_reason: 'aborted_tools', subtype: 'success' })
  expect(it.worker.isRunning).toBe(false)
})

test('what is allowed for good is not asked again; malformed entries are ignored', async () => {
  await using it = await at()
  it.worker.push(bash('a'), bash('b'), { text: 'ok' })
  await it.say('go')
  await it.answer({
    behavior: 'allow',
    updatedPermissions: [{ type: 'addRules', behavior: 'allow' }],
  })
  expect(it.worker.pending?.input).toEqual({ command: 'b' })
  const rules = [{ toolName: 'Bash' }]
  const update = { type: 'addRules', rules, behavior: 'allow', destination: 'session' }
  await it.answer({ behavior: 'allow', updatedPermissions: [update] })
  it.worker.push(bash('c'))
  await it.say('again')
  expect(it.worker.ran('c')).toBe(true)
})

test('a question hides its id in the row and takes answers in every shape', async () => {
  await using it = await at()
  const questions = [{ question: 'Which?', header: 'Colour', options: [], multiSelect: true }]
  it.worker.push({ tool: 'AskUserQuestion', input: { questions } }, { text: 'ok' })
  await it.say('go')
  expect(it.session.row.external_metadata.pending_action).toMatchObject({
    request_id: '',
    suppressed_request_id: it.worker.pending?.requestId,
    display_tool_name: 'Question',
  })
  await it.answer({
    behavior: 'allow',
    updatedInput: { questions, answers: { 'Which?': ['S', 'M'] } },
  })
  expect(JSON.stringify(it.lastResult())).toContain('S,M')
})

test('a plan is approved, edited, or refused with the mode it had before', async () => {
  await using it = await at()
  await it.control({ subtype: 'set_permission_mode', mode: 'plan' })
  const input = { plan: '1. do' }
  it.worker.push({ tool: 'ExitPlanMode', input }, { tool: 'ExitPlanMode', input }, { text: 'ok' })
  await it.say('go')
  await it.answer({ behavior: 'deny', message: 'shorter' })
  expect(it.worker.permissionMode).toBe('plan')
  await it.answer({ behavior: 'allow', updatedInput: { plan: '2. do' } })
  expect(it.worker.permissionMode).toBe('default')
  expect(JSON.stringify(it.lastResult())).toContain('edited by user')
})

test('an answer at the desk is told by a response and a cancel', async () => {
  await using it = await at()
  it.worker.push(bash('a'), { text: 'ok' })
  await it.say('go')
  const before = it.session.events.length
  it.worker.answerAtDesk({ behavior: 'allow' })
  await it.time.pass(1_000)
  expect(it.kinds(before).slice(0, 2)).toEqual(['control_response', 'control_cancel_request'])
  expect(it.worker.ran('a')).toBe(true)
})

test('an interrupt while a prompt is open: result, its answer, the denial, the cancel', async () => {
  await using it = await at()
  it.worker.push(bash('a'))
  await it.say('go')
  const before = it.session.events.length + 1
  await it.control({ subtype: 'interrupt' })
  expect(it.kinds(before).slice(0, 4)).toEqual([
    'result/success',
    'control_response',
    'control_response',
    'control_cancel_request',
  ])
  expect(it.worker.isRunning).toBe(false)
  expect(it.kinds().filter((kind) => kind.startsWith('result'))).toHaveLength(1)
})

test('an interrupted answer is told as aborted after the result', async () => {
  await using it = await at()
  it.worker.push({ text: 'one two three four five', chunkMs: 900 })
  await it.say('go')
  await it.control({ subtype: 'interrupt' })
  const kinds = it.kinds()
  const aborted = it.session.events.findIndex(({ payload }) => payload.aborted === true)
  expect(aborted).toBeGreaterThan(kinds.indexOf('result/success'))
})

test('a server-mode worker tells of an interrupt in the order of the turn', async () => {
  await using it = await at({ kind: 'server' })
  it.worker.push({ text: 'one two three four five', chunkMs: 900 })
  await it.say('go')
  const before = it.session.events.length + 1
  expect(await it.control({ subtype: 'interrupt' })).toMatchObject({
    response: { still_queued: [] },
  })
  expect(it.kinds(before)).toEqual([
    'control_response',
    'assistant',
    'user',
    'result/error_during_execution',
  ])
  expect(it.session.events.at(-1)?.payload).toMatchObject({ terminal_reason: 'aborted_streaming' })
})

test('messages posted during a turn become one message and one turn', async () => {
  await using it = await at()
  it.worker.push({ text: 'slow', delayMs: 10_000 })
  await it.say('first')
  await it.say('second')
  await it.say('third')
  await it.time.pass(20_000)
  expect(it.worker.heard).toEqual(['first', 'second\nthird'])
  const results = it.session.events.filter(({ payload }) => payload.type === 'result')
  expect(results).toHaveLength(2)
  expect(results[1]?.payload.user_message_uuid).toBeUndefined()
})

test('a message by the older road interrupts the running turn', async () => {
  await using it = await at()
  it.worker.push({ text: 'slow', delayMs: 60_000 })
  await it.say('first')
  const payload = { type: 'user', uuid: 'v1', message: { role: 'user', content: 'second' } }
  it.session.receive(payload, { family: 'v1', platform: 'web_claude_ai' })
  await it.time.pass(2_000)
  expect(it.worker.heard).toEqual(['first', 'second'])
  expect(it.worker.isRunning).toBe(false)
})

test('a message without a known platform is a peer’s', async () => {
  await using it = await at({ storesEchoes: true })
  await it.post(
    {
      type: 'user',
      uuid: 'u',
      client_platform: 'ios',
      message: { role: 'user', content: '/clear' },
    },
    'claude_code_sdk',
  )
  expect(it.worker.heard[0]).toContain('Another Claude session sent a message')
  const echo = it.session.events.find(({ payload }) => payload.origin)
  expect(echo?.payload.origin).toEqual({ kind: 'peer', from: 'unknown' })
  expect(it.kinds()).not.toContain('conversation_reset')
})

test('a platform claimed in the payload counts for nothing', async () => {
  await using it = await at()
  const message = { role: 'user', content: 'hi' }
  it.session.receive(
    { type: 'user', uuid: 'u', client_platform: 'ios', message },
    { family: 'code', platform: undefined },
  )
  await it.time.pass(1_000)
  expect(it.worker.heard[0]).toContain('Another Claude session sent a message')
  expect(it.session.events.some(({ payload }) => 'client_platform' in payload)).toBe(false)
})

test('a subagent’s prompt has no row of its own, before or after', async () => {
  await using it = await at()
  const { toolUseId } = it.worker.askAsSubagent('Bash', { command: 'ls' })
  await it.answer({ behavior: 'allow' })
  expect(it.worker.ran('ls')).toBe(true)
  expect(it.kinds()).not.toContain('assistant')
  expect(it.session.events.filter((e) => JSON.stringify(e).includes(toolUseId))).toHaveLength(1)
})

test('control requests: success, unsupported, modes that are not to be had', async () => {
  await using it = await at()
  it.worker.askAsSubagent('Bash', { command: 'ls' })
  expect(await it.control({ subtype: 'initialize' })).toMatchObject({
    subtype: 'success',
    pending_permission_requests: [{ request_id: it.worker.pending?.requestId }],
  })
  expect(await it.control({ subtype: 'list_models' })).toMatchObject({
    error_code: 'unsupported_request',
  })
  expect(
    await it.control({ subtype: 'set_permission_mode', mode: 'bypassPermissions' }),
  ).toMatchObject({ error_code: 'bypass_not_launched' })
  await it.control({ subtype: 'set_model', model: 'sonnet' })
  expect(it.worker.model).toBe('sonnet')
  await it.control({ subtype: 'rename_session', title: 'Till' })
  expect(it.session.row.title).toBe('Till')
})

test('slash commands: compact, clear, cost, exit', async () => {
  await using it = await at()
  await it.say('/compact')
  expect(it.kinds()).toContain('system/compact_boundary')
  await it.say('/clear')
  expect(it.kinds()).toContain('conversation_reset')
  const before = it.session.events.length
  await it.say('/cost')
  expect(it.kinds(before)).toEqual(['user', 'system/init'])
  await it.say('/exit')
  expect(it.kinds()).toContain('system/worker_shutting_down')
  expect(it.session.row).toMatchObject({ status: 'archived', connection_status: 'disconnected' })
})

test('a killed worker says nothing; the row keeps what it was', async () => {
  await using it = await at()
  it.worker.push(bash('a'))
  await it.say('go')
  const before = it.session.events.length
  it.worker.kill()
  await it.answer({ behavior: 'allow' })
  expect(it.session.events.length).toBe(before + 1)
  expect(it.session.row).toMatchObject({
    worker_status: 'requires_action',
    connection_status: 'disconnected',
  })
})

test('a worker that comes later takes what nobody has taken, and only that', async () => {
  await using it = await at()
  await it.say('first')
  it.worker.kill()
  await it.say('second')
  const next = createWorker(it.session, { time: it.time })
  await it.time.pass(1_000)
  expect(it.worker.heard).toEqual(['first'])
  expect(next.heard).toEqual(['second'])
})

test('an answer posted while the worker is away counts when it is back', async () => {
  await using it = await at()
  it.worker.push(bash('a'))
  await it.say('go')
  it.worker.goAway()
  await it.answer({ behavior: 'allow' })
  expect(it.worker.ran('a')).toBe(false)
  it.worker.comeBack()
  await it.time.pass(1_000)
  expect(it.worker.ran('a')).toBe(true)
})
