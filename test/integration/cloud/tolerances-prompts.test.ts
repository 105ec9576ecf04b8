import { randomUUID } from 'node:crypto'
import type { OpenPermission, Receipt, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { ApiSession, Fields } from '../../session-api/types.ts'
import { agentSays, asksLeave, personSays, turnEnds } from '../../support/cloud-payloads.ts'
import { type CloudRelay, startCloudRelay } from '../../support/cloud-relay.ts'
import { linesOf, sideBySide } from '../../support/cloud-transcript.ts'
import type { VirtualPhone, Wish } from '../../support/virtual-phone.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const start = () => startCloudRelay({ time: createVirtualTime(Date.now()) })

type Decision = Extract<Wish, { type: 'decide_permission' }>['decision']
const decide = async (
  rig: CloudRelay,
  phone: VirtualPhone,
  sessionId: SessionId,
  wait: OpenPermission,
  decision: Decision = { behavior: 'allow' },
): Promise<Receipt> =>
  rig.send(phone, {
    type: 'decide_permission',
    sessionId,
    permissionId: wait.permissionId,
    shownHash: await phone.shown(wait.ask),
    decision,
  })
const waitsOf = (phone: VirtualPhone, id: SessionId) => phone.session(id)?.waits ?? []
const firstWait = (rig: CloudRelay, phone: VirtualPhone, id: SessionId) =>
  rig.eventually(() => waitsOf(phone, id)[0], { what: 'something that waits' })
const outcomeOf = ({ state, code }: Receipt) => code ?? state
/** The answers to prompts that were posted to a session, oldest first. */
const postedAnswers = (session: ApiSession): Fields[] =>
  session.sent.flatMap(({ payload }) =>
    payload.type === 'control_response' ? [payload.response as Fields] : [],
  )

test('[tolerance 14] [A-53] [A-54] [A-55] [A-61] prompts answered elsewhere, withdrawn, stale, told again or queued end as they should, and a second answer harms nothing', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  await using other = await rig.phone()
  const { session, worker, id } = rig.seat()
  await rig.listed(phone, id)
  await rig.listed(other, id)
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === 1)
  const asks = (command: string) => {
    const call = { tool: 'Bash', input: { command } }
    // A no at the desk ends the turn.
    worker.push(...(command === 'touch desk' ? [call] : [call, { text: `After ${command}.` }]))
    session.receive(
      { ...personSays(`do ${command}`), origin: undefined },
      { family: 'code', platform: 'ios' },
    )
    return firstWait(rig, other, id)
  }
  const both = async (wait: OpenPermission, decisions: readonly Decision[]) => {
    await rig.eventually(() => waitsOf(phone, id).length === 1 && waitsOf(other, id).length === 1)
    return Promise.all([phone, other].map((one, at) => decide(rig, one, id, wait, decisions[at])))
  }
  const isQuiet = () =>
    rig.eventually(() => waitsOf(phone, id).length + waitsOf(other, id).length === 0)
  const same = async () => {
    await rig.pass(3 * SECOND)
    const { stored, shown } = sideBySide(session, phone.rows(id))
    expect(shown).toEqual(stored)
    expect(linesOf(other.rows(id))).toEqual(linesOf(phone.rows(id)))
  }

  // Two phones answer, and before the worker has either the desk says no.
  const atDesk = await asks('touch desk')
  const listening = session.onSent(({ payload }) => {
    if (payload.type !== 'control_response') return
    listening[Symbol.dispose]()
    worker.answerAtDesk({ behavior: 'deny' })
  })
  const beaten = await both(atDesk, [{ behavior: 'allow' }, { behavior: 'allow' }])
  expect(beaten.map(outcomeOf)).toEqual([
    'permission_already_decided',
    'permission_already_decided',
  ])
  await isQuiet()
  await same()
  expect(worker.ran('touch desk')).toBe(false)
  expect(worker.answers).toHaveLength(0)
  const rowOf = (one: VirtualPhone, command: string) =>
    one
      .rows(id)
      .find(
        (row) => row.kind === 'tool' && row.tool.kind === 'shell' && row.tool.command === command,
      )
  for (const one of [phone, other])
    expect(rowOf(one, 'touch desk')).toMatchObject({
      decision: { outcome: 'denied', by: { kind: 'terminal' } },
    })

  // Two phones answer against each other: one of them counts, and then it is over for both.
  const contested = await asks('touch contested')
  const outcomes = await both(contested, [{ behavior: 'allow' }, { behavior: 'deny' }])
  expect(outcomes.map(outcomeOf).sort()).toEqual(['done', 'permission_already_decided'])
  const late = await decide(rig, phone, id, contested, { behavior: 'deny' })
  expect(outcomeOf(late)).toBe('permission_already_decided')
  await isQuiet()
  await same()
  expect(worker.answers).toHaveLength(1)
  const [counted] = worker.answers
  const about = postedAnswers(session).filter(({ request_id: id }) => id === counted?.requestId)
  expect(about).toHaveLength(1)
  expect(worker.ran('touch contested')).toBe(outcomes[0]?.state === 'done')

  // Told again with the same request, in other events, before and after its answer.
  const repeated = await asks('touch repeated')
  const known = session.events.findLast(({ payload }) => payload.type === 'control_request')
  const again = () => session.emit({ ...known?.payload, uuid: randomUUID() })
  again()
  session.cutStreams()
  again()
  await rig.pass(5 * SECOND)
  expect(waitsOf(phone, id)).toEqual([repeated])
  expect(outcomeOf(await decide(rig, phone, id, repeated))).toBe('done')
  again()
  await rig.pass(5 * SECOND)
  await isQuiet()
  await rig.eventually(() => worker.ran('touch repeated'))
  expect(worker.answers).toHaveLength(2)

  // Several at once, of which one is taken back and one is answered by another client.
  const [first, second, third] = ['one', 'two', 'three'].map((name) =>
    worker.askAsSubagent('Bash', { command: `touch ${name}` }),
  )
  await rig.eventually(() => waitsOf(phone, id).length === 3)
  session.emit({ type: 'control_cancel_request', uuid: randomUUID(), request_id: first?.requestId })
  await rig.eventually(() => waitsOf(phone, id).length === 2)
  session.receive(
    {
      type: 'control_response',
      uuid: randomUUID(),
      response: {
        subtype: 'success',
        request_id: second?.requestId,
        response: { behavior: 'deny', message: 'No.' },
      },
    },
    { family: 'code', platform: 'ios' },
  )
  await rig.eventually(() => waitsOf(phone, id).length === 1)
  const left = await firstWait(rig, phone, id)
  expect(left.ask).toMatchObject({ input: { command: 'touch three' } })
  expect(outcomeOf(await decide(rig, phone, id, left))).toBe('done')
  await rig.eventually(() => worker.ran('touch three'))
  expect(third?.requestId).toBe(worker.answers.at(-1)?.requestId)
  await isQuiet()

  // One that goes with its turn, without another word.
  const ended = rig.addSession({ title: 'ended' })
  await rig.listed(phone, ended.id)
  await rig.look(phone, ended.id)
  ended.session.emit(personSays('go'))
  ended.session.emit(asksLeave('r-turn', 'toolu_turn', 'Bash', { command: 'touch turn' }))
  ended.session.set({ worker_status: 'requires_action', status_bucket: 'blocked' })
  await firstWait(rig, phone, ended.id)
  ended.session.emit(turnEnds({ terminal_reason: 'aborted_tools' }))
  await rig.eventually(() => waitsOf(phone, ended.id).length === 0)

  // History keeps what nobody closed: with a result after it, or a worker that is long at rest.
  const stale = rig.addSession({ title: 'stale' })
  const longAgo = new Date(rig.time.nowMs() - 60 * MINUTE).toISOString()
  const before = (payload: Fields) => stale.session.emit(payload, { createdAt: longAgo })
  before(personSays('long ago'))
  before(asksLeave('r-result', 'toolu_result', 'Bash', { command: 'touch result' }))
  before(turnEnds())
  before(asksLeave('r-rest', 'toolu_rest', 'Bash', { command: 'touch rest' }))
  await rig.listed(phone, stale.id)
  await rig.look(phone, stale.id)
  await rig.pass(10 * SECOND)
  expect(waitsOf(phone, stale.id)).toEqual([])
  const everAsked = phone.events.filter(
    ({ type, sessionId }) => type === 'permission.requested' && sessionId === stale.id,
  )
  expect(everAsked.length).toBeLessThanOrEqual(1)
  expect(postedAnswers(stale.session)).toEqual([])
})

test('[tolerance 15] [A-51] [A-58] [A-60] an answer names the prompt’s own request, gives the input back as it was asked to the letter, and takes no rule along that is not whole', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const rule = {
    type: 'addRules',
    rules: [{ toolName: 'Bash', ruleContent: 'touch a:*' }],
    behavior: 'allow',
    destination: 'localSettings',
    nobody_knows: { deep: [1, null] },
  }
  const mode = { type: 'setMode', mode: 'acceptEdits', destination: 'session' }
  const { session, worker, id } = rig.seat({
    worker: {
      suggestions: (_, { command }) =>
        command === 'touch a' ? [rule, mode] : [{ type: 'addRules' }, rule],
    },
  })
  await rig.listed(phone, id)
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === 1)
  const asks = async (input: Fields) => {
    worker.push({ tool: 'Bash', input }, { text: 'Done.' })
    worker.submit('go')
    const wait = await firstWait(rig, phone, id)
    const prompt = worker.pending
    if (!prompt || wait.ask.kind !== 'tool') throw new Error('a call is asked about')
    return { wait, prompt, suggestions: wait.ask.suggestions }
  }
  const lastAnswer = () => postedAnswers(session).at(-1)

  const input = {
    zeta: 'last first',
    command: 'touch a',
    '10': 'ten',
    '9': 'nine',
    alpha: { deep: [1, null, true, { é: '\u0000\u202e' }], empty: {}, none: [] },
    description: 'Make a ﬁle \u001b[31m',
    timeout: 1.5e21,
  }
  const { wait, prompt, suggestions } = await asks(input)
  expect(prompt.requestId).not.toBe(prompt.toolUseId)
  const allowed = await decide(rig, phone, id, wait, {
    behavior: 'allow',
    suggestionIds: suggestions.slice(0, 1).map(({ suggestionId }) => suggestionId),
  })
  expect(outcomeOf(allowed)).toBe('done')
  expect(lastAnswer()).toEqual({
    subtype: 'success',
    request_id: prompt.requestId,
    response: { behavior: 'allow', updatedInput: input, updatedPermissions: [rule] },
  })
  const response = lastAnswer()?.response as Fields
  expect(JSON.stringify(response.updatedInput)).toBe(JSON.stringify(input))
  await rig.eventually(() => worker.ran('touch a'))
  expect(worker.runs.at(-1)?.input).toEqual(input)
  await worker.idle()

  // A rule that is offered but not whole goes nowhere; the prompt stays open and can be answered.
  const second = await asks({ command: 'touch b' })
  for (const { suggestionId } of second.suggestions.slice(0, 1)) {
    const known = postedAnswers(session).length
    const choice = await decide(rig, phone, id, second.wait, {
      behavior: 'allow',
      suggestionIds: [suggestionId],
    })
    if (outcomeOf(choice) === 'done') {
      expect(lastAnswer()?.response).toMatchObject({ updatedPermissions: [rule] })
    } else {
      expect(outcomeOf(choice)).toBe('suggestion_unknown')
      expect(postedAnswers(session)).toHaveLength(known)
      expect(waitsOf(phone, id)).toHaveLength(1)
    }
  }
  if (waitsOf(phone, id).length > 0)
    expect(outcomeOf(await decide(rig, phone, id, second.wait))).toBe('done')
  expect(JSON.stringify(postedAnswers(session))).not.toContain('{"type":"addRules"}')
  await rig.eventually(() => worker.ran('touch b'))
  await worker.idle()

  // A no, with its reason; an edited call, which no worker would run, is refused before it is sent.
  const third = await asks({ command: 'touch c' })
  const known = postedAnswers(session).length
  const edited = await decide(rig, phone, id, third.wait, {
    behavior: 'allow',
    input: { command: 'touch d' },
  })
  expect(outcomeOf(edited)).toBe('not_supported')
  expect(postedAnswers(session)).toHaveLength(known)
  const denied = await decide(rig, phone, id, third.wait, { behavior: 'deny', reason: 'Not that.' })
  expect(outcomeOf(denied)).toBe('done')
  expect(lastAnswer()).toMatchObject({
    request_id: third.prompt.requestId,
    response: { behavior: 'deny', message: expect.stringContaining('Not that.') },
  })
  const uuids = new Set(worker.answers.map(({ requestId }) => requestId))
  expect(uuids.size).toBe(3)
  await rig.pass(2 * SECOND)
  const { stored, shown } = sideBySide(session, phone.rows(id))
  expect(shown).toEqual(stored)
})

test('[tolerance 16] [A-57] a session that waits for something only its machine can answer is shown as that, and nothing is answered in its place', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const dialog = rig.addSession({ title: 'dialog' })
  const silent = rig.addSession({ title: 'silent' })
  const notes = (id: SessionId) =>
    phone.rows(id).flatMap((row) => (row.kind === 'note' ? row.text : []))
  for (const { id, session } of [dialog, silent]) {
    session.emit(personSays('go'))
    session.emit(agentSays('Going.'))
    session.set({ worker_status: 'running', status_bucket: 'working' })
    await rig.listed(phone, id)
    await rig.look(phone, id)
  }
  await rig.eventually(() => rig.api.openStreams.events === 2)

  // A dialog for clients that declared its kind, and input for a server of tools.
  dialog.session.emit({
    type: 'control_request',
    uuid: randomUUID(),
    request_id: 'd-1',
    request: { subtype: 'request_user_dialog', dialog_kind: 'computer_use_access', payload: {} },
  })
  dialog.session.set({ worker_status: 'requires_action', status_bucket: 'blocked' })
  await rig.eventually(() => notes(dialog.id).some((text) => /machine/.test(text)))

  // The row says that somebody is needed, and no prompt ever comes.
  silent.session.set({ worker_status: 'requires_action', status_bucket: 'blocked' })
  await rig.eventually(() => notes(silent.id).some((text) => /machine/.test(text)), {
    withinMs: MINUTE,
    what: 'a word on what it waits for',
  })
  await rig.pass(10 * MINUTE)
  const initializes = silent.session.sent.filter(
    ({ payload }) => (payload.request as Fields | undefined)?.subtype === 'initialize',
  )
  expect(initializes.length).toBeGreaterThanOrEqual(1)
  expect(initializes.length).toBeLessThanOrEqual(3)
  // It is said once, however long it lasts.
  expect(notes(silent.id).filter((text) => /machine/.test(text))).toHaveLength(1)
  expect(waitsOf(phone, silent.id)).toEqual([])
  for (const { session } of [dialog, silent]) {
    expect(postedAnswers(session)).toEqual([])
    const asked = session.sent.flatMap(({ payload }) => payload.request ?? [])
    expect(JSON.stringify(asked)).not.toContain('supportedDialogKinds')
  }
  // What another worker asked before, and the record does not hold, its worker names when it is asked.
  const inherited = rig.addSession({ title: 'inherited' })
  const asked = asksLeave('r-before', 'toolu_before', 'Bash', { command: 'touch before' })
  inherited.session.onSent(({ payload }) => {
    const { subtype } = (payload.request ?? {}) as Fields
    if (subtype !== 'initialize') return
    const pending = inherited.session.row.worker_status === 'requires_action' ? [asked] : []
    const response = { subtype: 'success', request_id: payload.request_id, response: {} }
    inherited.session.emit({
      type: 'control_response',
      uuid: randomUUID(),
      response: { ...response, pending_permission_requests: pending },
    })
  })
  await rig.listed(phone, inherited.id)
  await rig.look(phone, inherited.id)
  await rig.pass(10 * SECOND)
  inherited.session.set({ worker_status: 'requires_action', status_bucket: 'blocked' })
  const wait = await firstWait(rig, phone, inherited.id)
  expect(wait.ask).toMatchObject({ input: { command: 'touch before' } })
  await rig.pass(MINUTE)
  expect(notes(inherited.id)).toEqual([])

  // It was answered there, and goes on.
  for (const { session, id } of [dialog, silent]) {
    session.set({ worker_status: 'running', status_bucket: 'working' })
    session.emit(agentSays('And on.'))
    session.emit(turnEnds())
    session.set({ worker_status: 'idle', status_bucket: 'idle' })
    await rig.eventually(() => phone.session(id)?.status === 'idle')
    const { stored, shown } = sideBySide(session, phone.rows(id))
    expect(shown).toEqual(stored)
  }
})
