import {
  type Ask,
  newCommandId,
  type OpenPermission,
  type Receipt,
  type SessionEvent,
  type SessionId,
} from '@bellhop/core'
import { afterEach, expect, test } from 'vitest'
import { type CloudRelay, type Seat, startCloudRelay } from '../../support/cloud-relay.ts'
import type { VirtualPhone } from '../../support/virtual-phone.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

let undo = new AsyncDisposableStack()
afterEach(async () => {
  await undo.disposeAsync()
  undo = new AsyncDisposableStack()
})

const startRig = async (): Promise<{ rig: CloudRelay; phone: VirtualPhone }> => {
  const rig = undo.use(await startCloudRelay({ time: createVirtualTime(Date.now()) }))
  const phone = undo.use(await rig.phone({ limits: { firstMs: 10, maxMs: 50, helloMs: 5_000 } }))
  return { rig, phone }
}
const startSeat = async (options?: Parameters<CloudRelay['seat']>[0]) => {
  const { rig, phone } = await startRig()
  const seat = rig.seat({ title: 'Shop', ...options })
  await rig.listed(phone, seat.id)
  await rig.look(phone, seat.id)
  return { rig, phone, ...seat }
}

const answerTo = async (phone: VirtualPhone, { permissionId, ask }: OpenPermission) => ({
  permissionId,
  shownHash: await phone.shown(ask),
})
const allow = async (phone: VirtualPhone, sessionId: SessionId, wait: OpenPermission) =>
  ({
    type: 'decide_permission',
    sessionId,
    ...(await answerTo(phone, wait)),
    decision: { behavior: 'allow' },
  }) as const
const waitOf = (rig: CloudRelay, phone: VirtualPhone, id: SessionId) =>
  rig.eventually(() => phone.session(id)?.waits[0], { what: 'a prompt on the phone' })
const stagesOf = (phone: VirtualPhone, { commandId }: Receipt) =>
  phone.events.flatMap((event) =>
    event.type === 'command.progressed' && event.commandId === commandId ? [event.stage] : [],
  )
const resolvedOn = (phone: VirtualPhone, permissionId: string) =>
  phone.events.filter(
    (event): event is Extract<SessionEvent, { type: 'permission.resolved' }> =>
      event.type === 'permission.resolved' && event.permissionId === permissionId,
  )
const isGone = (rig: CloudRelay, phone: VirtualPhone, id: SessionId) =>
  rig.eventually(() => phone.session(id)?.waits.length === 0, { what: 'no prompt on the phone' })
const bash = (command: string) => ({ tool: 'Bash', input: { command } })

test('[CM-8] [A-48] a message tells each stage it gets to, is the person’s own, and is heard once', async () => {
  const { rig, phone, id, worker, session } = await startSeat()
  worker.push({ text: 'Hello.' })
  const receipt = await rig.send(phone, { type: 'prompt', sessionId: id, text: 'Hi there' })
  expect(receipt.state).toBe('done')
  await rig.eventually(() => stagesOf(phone, receipt).includes('processed'))
  expect(stagesOf(phone, receipt)).toEqual(['stored', 'received', 'processing', 'processed'])
  expect(worker.heard).toEqual(['Hi there'])
  expect(session.sent[0]).toMatchObject({
    platform: 'web_claude_ai',
    payload: { type: 'user', message: { role: 'user', content: 'Hi there' } },
  })
  expect(phone.rows(id).filter((row) => row.kind === 'person')).toHaveLength(1)
})

test('[A-43] [A-91] a message whose answer got lost on the way arrives once', async () => {
  const { rig, phone, id, worker, session } = await startSeat()
  worker.push({ text: 'Hello.' })
  rig.api.faults.add({ kind: 'lost_answer' }, { method: 'POST', path: /\/events$/, times: 1 })
  const receipt = await rig.send(phone, { type: 'prompt', sessionId: id, text: 'Hi there' })
  expect(receipt.state).toBe('done')
  await rig.eventually(() => !worker.isRunning && worker.heard.length > 0)
  expect(worker.heard).toEqual(['Hi there'])
  expect(session.events.filter(({ source }) => source === 'client')).toHaveLength(1)
})

test('[A-5] [A-45] an edge that stays shut refuses; a session that stays silent is told to be', async () => {
  const { rig, phone, id, session, worker } = await startSeat()
  using _ = rig.api.faults.add(
    { kind: 'answer', status: 403, text: '<html>Just a moment</html>' },
    { method: 'POST', path: /\/events$/ },
  )
  const refused = await rig.send(phone, { type: 'prompt', sessionId: id, text: 'Hi' })
  expect(refused).toMatchObject({ state: 'refused', code: 'source_unreachable' })
  expect(session.sent).toEqual([])
  rig.api.faults.clear()
  worker.goAway()
  const silent = await rig.send(phone, { type: 'prompt', sessionId: id, text: 'Hi' })
  expect(silent).toMatchObject({
    state: 'unconfirmed',
    text: expect.stringMatching(/^Stored, but/),
  })
  worker.push({ text: 'Back.' })
  worker.comeBack()
  await rig.eventually(() => stagesOf(phone, silent).includes('processed'))
  expect(worker.heard).toEqual(['Hi'])
})

test('[A-22] a machine that is not connected is told at once', async () => {
  const { rig, phone, id, worker } = await startSeat()
  worker.kill()
  rig.api.session(id.slice('ses_'.length).replace('cloud-', 'cse_')).set({
    connection_status: 'disconnected',
  })
  await rig.eventually(() => phone.session(id)?.offlineSince)
  const startedMs = rig.time.nowMs()
  const receipt = await rig.send(phone, { type: 'prompt', sessionId: id, text: 'Hi' })
  expect(receipt.text).toMatch(/not connected just now/)
  expect(rig.time.nowMs() - startedMs).toBeLessThan(4_000)
})

test('[A-47] what is archived takes nothing more, and says so', async () => {
  const { rig, phone, id } = await startSeat()
  rig.api.faults.add(
    {
      kind: 'answer',
      status: 409,
      body: {
        type: 'error',
        error: { type: 'conflict', message: 'not active' },
        request_id: 'req_1',
      },
    },
    { method: 'POST', path: /\/events$/ },
  )
  const receipt = await rig.send(phone, { type: 'prompt', sessionId: id, text: 'Hi' })
  expect(receipt).toMatchObject({
    state: 'refused',
    code: 'session_ended',
    text: expect.stringContaining('archived'),
  })
})

const asking = async (turns: Parameters<Seat['worker']['push']>, options?: object) => {
  const all = await startSeat(options)
  all.worker.push(...turns, { text: 'Done.' })
  await all.rig.send(all.phone, { type: 'prompt', sessionId: all.id, text: 'Go' })
  const wait = await waitOf(all.rig, all.phone, all.id)
  return { ...all, wait }
}

test('[A-58] [A-51] a call is allowed, or denied with words the agent is told', async () => {
  const { rig, phone, id, worker, wait } = await asking([bash('touch a'), bash('touch b')])
  expect(await rig.send(phone, await allow(phone, id, wait))).toMatchObject({ state: 'done' })
  await rig.eventually(() => worker.ran('touch a'))
  const second = await rig.eventually(() =>
    phone.session(id)?.waits.find((one) => one.permissionId !== wait.permissionId),
  )
  const denied = await rig.send(phone, {
    ...(await allow(phone, id, second)),
    decision: { behavior: 'deny', reason: 'Not that one' },
  })
  expect(denied.state).toBe('done')
  await rig.eventually(() => !worker.isRunning)
  expect(worker.ran('touch b')).toBe(false)
  expect(worker.answers.at(-1)?.answer).toMatchObject({ behavior: 'deny', message: 'Not that one' })
  expect(resolvedOn(phone, wait.permissionId)).toMatchObject([
    { outcome: 'allowed', by: { kind: 'device' } },
  ])
  expect(resolvedOn(phone, second.permissionId)).toMatchObject([
    { outcome: 'denied', text: 'Not that one' },
  ])
})

test('[A-60] [A-59] a rule is taken along as it was offered, and a call cannot be changed', async () => {
  const { rig, phone, id, worker, wait } = await asking([bash('npm test')])
  const base = await allow(phone, id, wait)
  const changed = await rig.send(phone, {
    ...base,
    decision: { behavior: 'allow', input: { command: 'rm -rf /' } },
  })
  expect(changed).toMatchObject({ state: 'refused', code: 'not_supported' })
  const ask = wait.ask as Extract<Ask, { kind: 'tool' }>
  const suggestionIds = ask.suggestions.map(({ suggestionId }) => suggestionId)
  expect(suggestionIds).toHaveLength(1)
  const receipt = await rig.send(phone, { ...base, decision: { behavior: 'allow', suggestionIds } })
  expect(receipt.state).toBe('done')
  expect(worker.answers[0]?.answer).toMatchObject({
    updatedInput: { command: 'npm test' },
    updatedPermissions: [{ type: 'addRules', behavior: 'allow' }],
  })
  expect(resolvedOn(phone, wait.permissionId)[0]?.rules).toHaveLength(1)
})

test('[A-62] [A-63] questions are answered and plans approved by the ids their rows keep to themselves', async () => {
  const questions = [
    {
      question: 'Which colour?',
      header: 'Colour',
      multiSelect: false,
      options: [
        { label: 'Red', description: '' },
        { label: 'Green', description: '' },
      ],
    },
  ]
  const { rig, phone, id, worker, wait } = await asking([
    { tool: 'AskUserQuestion', input: { questions } },
    { tool: 'ExitPlanMode', input: { plan: '1. Do it' } },
  ])
  const answered = await rig.send(phone, {
    type: 'answer_question',
    sessionId: id,
    ...(await answerTo(phone, wait)),
    answer: { kind: 'answers', answers: [{ question: 'Which colour?', choices: ['Green'] }] },
  })
  expect(answered.state).toBe('done')
  expect(worker.answers[0]?.answer).toMatchObject({
    updatedInput: { questions, answers: { 'Which colour?': 'Green' } },
  })
  const plan = await rig.eventually(() =>
    phone.session(id)?.waits.find(({ ask }) => ask.kind === 'plan'),
  )
  const approved = await rig.send(phone, {
    type: 'decide_plan',
    sessionId: id,
    ...(await answerTo(phone, plan)),
    decision: { behavior: 'approve', mode: 'acceptEdits' },
  })
  expect(approved.state).toBe('done')
  await rig.eventually(() => worker.permissionMode === 'acceptEdits')
})

test('[A-55] [I11] whoever is first at the desk or on the phone is the one everybody is told', async () => {
  const { rig, phone, id, worker, wait, session } = await asking([bash('touch a')])
  // Ours is stored first, and the desk is quicker at the worker all the same.
  using _ = session.onSent(({ payload }) => {
    if (payload.type === 'control_response') worker.answerAtDesk({ behavior: 'allow' })
  })
  const receipt = await rig.send(phone, {
    ...(await allow(phone, id, wait)),
    decision: { behavior: 'deny', reason: 'No' },
  })
  await isGone(rig, phone, id)
  await rig.eventually(() => worker.ran('touch a'))
  expect(receipt).toMatchObject({ state: 'refused', code: 'permission_already_decided' })
  expect(resolvedOn(phone, wait.permissionId)).toMatchObject([
    { outcome: 'allowed', by: { kind: 'terminal' } },
  ])
})

test('[A-61] [PE-3] an answer for a worker whose line is down waits for it, and is the only one', async () => {
  const { rig, phone, id, worker, wait, session } = await asking([bash('touch a')])
  worker.goAway()
  const base = await allow(phone, id, wait)
  const first = await rig.send(phone, base)
  expect(first).toMatchObject({
    state: 'unconfirmed',
    text: expect.stringMatching(/^Your answer is stored, but/),
  })
  const second = await rig.send(phone, { ...base, decision: { behavior: 'deny' } })
  expect(second).toMatchObject({ state: 'refused', code: 'permission_already_decided' })
  worker.comeBack()
  await isGone(rig, phone, id)
  await rig.eventually(() => worker.ran('touch a'))
  expect(session.sent.filter(({ payload }) => payload.type === 'control_response')).toHaveLength(1)
  expect(resolvedOn(phone, wait.permissionId)).toMatchObject([
    { outcome: 'allowed', by: { kind: 'device' } },
  ])
})

test('[A-52] a subagent’s prompt is gone with its answer', async () => {
  const { rig, phone, id, worker } = await startSeat()
  worker.askAsSubagent('Bash', { command: 'touch deep' })
  const wait = await waitOf(rig, phone, id)
  const receipt = await rig.send(phone, await allow(phone, id, wait))
  expect(receipt.state).toBe('done')
  await isGone(rig, phone, id)
  expect(worker.ran('touch deep')).toBe(true)
  expect(resolvedOn(phone, wait.permissionId)).toMatchObject([{ outcome: 'allowed' }])
})

test('[A-43] [CM-7] a relay that dies over an answer does not give it twice', async () => {
  const { rig, phone, id, worker, wait, session } = await asking([bash('touch a')])
  worker.goAway()
  const commandId = newCommandId()
  const command = { ...(await allow(phone, id, wait)), commandId }
  const call = () => phone.client.call('command', command).catch((error: unknown) => error)
  void call()
  const answers = () => session.sent.filter(({ payload }) => payload.type === 'control_response')
  await rig.eventually(() => answers().length > 0)
  await rig.restart()
  const again = (await rig.eventually(async () => {
    const result = await call()
    return result instanceof Error ? undefined : (result as Receipt)
  })) as Receipt
  expect(again.state).not.toBe('pending')
  worker.comeBack()
  await rig.eventually(() => worker.ran('touch a'))
  expect(answers()).toHaveLength(1)
  await isGone(rig, phone, id)
})

test('[A-68] [A-64] [CM-8] settings are changed stage by stage, and refused in words where the worker will not', async () => {
  const { rig, phone, id, worker } = await startSeat()
  const send = (wish: object) => rig.send(phone, { sessionId: id, ...wish } as never)
  const set = await send({ type: 'set_model', model: 'haiku' })
  expect(set).toMatchObject({ state: 'done' })
  expect(worker.model).toBe('haiku')
  await rig.eventually(() => stagesOf(phone, set).includes('processed'))
  expect(stagesOf(phone, set)).toEqual(['stored', 'received', 'processed'])
  expect(await send({ type: 'set_permission_mode', mode: 'plan' })).toMatchObject({ state: 'done' })
  expect(worker.permissionMode).toBe('plan')
  await rig.eventually(() => phone.session(id)?.permissionMode === 'plan')
  expect(await send({ type: 'set_thinking', tokens: 4_000 })).toMatchObject({ state: 'done' })
  expect(await send({ type: 'set_permission_mode', mode: 'bypassPermissions' })).toMatchObject({
    state: 'refused',
    code: 'source_refused',
    text: expect.stringMatching(/permission checks off/),
  })
  expect(worker.permissionMode).toBe('plan')
})

test('[A-67] a turn is stopped', async () => {
  const { rig, phone, id, worker, wait } = await asking([bash('sleep 100')])
  const receipt = await rig.send(phone, { type: 'interrupt', sessionId: id })
  expect(receipt.state).toBe('done')
  await rig.eventually(() => !worker.isRunning)
  await isGone(rig, phone, id)
  expect(resolvedOn(phone, wait.permissionId)).toHaveLength(1)
  expect(worker.runs).toEqual([])
})

test('[A-24] [A-25] [CM-8] a session takes another title, and is put away, and both tell that they are stored', async () => {
  const { rig, phone, id, session } = await startSeat()
  const renamed = await rig.send(phone, { type: 'rename', sessionId: id, title: 'Shelf' })
  expect(renamed.state).toBe('done')
  await rig.eventually(() => phone.session(id)?.title === 'Shelf')
  expect(session.row.title).toBe('Shelf')
  expect(stagesOf(phone, renamed)).toEqual(['stored'])
  const archived = await rig.send(phone, { type: 'archive', sessionId: id })
  expect(archived.state).toBe('done')
  await rig.eventually(() => phone.session(id)?.status === 'ended')
  expect(session.row.status).toBe('archived')
  expect(stagesOf(phone, archived)).toEqual(['stored'])
})

test('[A-68] a session tells its MCP servers', async () => {
  const { rig, phone, id } = await startSeat()
  let servers: unknown
  phone.client.call('mcpServers', { sessionId: id }).then((answer) => {
    servers = answer.servers
  })
  expect(await rig.eventually(() => servers)).toEqual([
    { name: 'docs', status: 'connected', detail: 'project' },
  ])
})

test('[A-87] [A-88] [CM-1] a session is started where one can be, once', async () => {
  const { rig, phone } = await startRig()
  await rig.eventually(async () => (await rig.health(phone)).state === 'ok')
  const call = async <Value>(asked: Promise<Value>): Promise<Value> => {
    let settled: { value: Value } | undefined
    asked.then(
      (value) => {
        settled = { value }
      },
      (error: unknown) => {
        settled = { value: error as Value }
      },
    )
    return (await rig.eventually(() => settled, { withinMs: 60_000 })).value
  }
  const { places } = await call(phone.client.call('places', null))
  const cloud = places.find(({ takesRepository }) => takesRepository)
  expect(places.map(({ title }) => title)).toEqual(['Default', 'desk'])
  const request = {
    commandId: newCommandId(),
    placeId: cloud?.placeId as NonNullable<typeof cloud>['placeId'],
    text: 'Fix the tests',
    repository: 'ada/shop',
  }
  rig.api.faults.add(
    { kind: 'lost_answer' },
    { method: 'POST', path: /\/v1\/code\/sessions$/, times: 1 },
  )
  const first = await call(phone.client.call('start', request))
  expect(await call(phone.client.call('start', request))).toEqual(first)
  expect(rig.api.sessions).toHaveLength(1)
  await rig.listed(phone, first.sessionId)
})
