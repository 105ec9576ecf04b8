import { newCommandId, type SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { apiErrors, faultAnswers } from '../../session-api/error-answers.ts'
import type { Fields } from '../../session-api/types.ts'
import { agentSays, personSays } from '../../support/cloud-payloads.ts'
import { type CloudRelay, startCloudRelay } from '../../support/cloud-relay.ts'
import { openedRows, sideBySide } from '../../support/cloud-transcript.ts'
import type { VirtualPhone } from '../../support/virtual-phone.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const start = () => startCloudRelay({ time: createVirtualTime(Date.now()) })
const posts = /events$/

const say = (rig: CloudRelay, phone: VirtualPhone, sessionId: SessionId, text: string) =>
  rig.send(phone, { type: 'prompt', sessionId, text })
const personTexts = (phone: VirtualPhone, id: SessionId) =>
  phone.rows(id).flatMap((row) => (row.kind === 'person' ? row.text : []))
/** How far the phone was told that a command came, in the order it was told. */
const stagesOf = (phone: VirtualPhone, commandId: string) =>
  phone.events.flatMap((event) => {
    if (event.type === 'command.progressed' && event.commandId === commandId) return event.stage
    if (event.type === 'command.settled' && event.commandId === commandId) return event.outcome
    return []
  })

test('[tolerance 10] [A-25] [A-47] [A-77] a conflict, a session that is gone, one that another worker took over and one that goes on under a new id are each told for what they are', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const seat = (title: string) => rig.seat({ title, cwd: '/home/ada/shop-api' })
  const [away, closed, removed, taken, old] = ['away', 'closed', 'removed', 'taken', 'old'].map(
    seat,
  )
  if (!away || !closed || !removed || !taken || !old) throw new Error('there are five')
  for (const { id, session } of [away, closed, removed, taken, old]) {
    session.emit(agentSays('Here.'))
    await rig.listed(phone, id)
    await rig.look(phone, id)
  }
  await rig.eventually(() => rig.api.openStreams.events === 5)
  const status = (id: SessionId) => phone.session(id)?.status

  // It is away already: that is what was asked for.
  rig.api.faults.add(
    { kind: 'answer', ...apiErrors.conflict('Session is already archived') },
    { path: /archive$/, times: 1 },
  )
  const archived = await rig.send(phone, { type: 'archive', sessionId: away.id })
  expect(archived).toMatchObject({ state: 'done' })
  await rig.eventually(() => status(away.id) === 'ended')
  away.session.archive()

  // It was archived a moment ago, and the phone does not know yet.
  rig.api.faults.add(faultAnswers.conflict409, { method: 'POST', path: posts, times: 1 })
  const refused = await say(rig, phone, closed.id, 'still there?')
  expect(refused).toMatchObject({ state: 'refused', code: 'session_ended' })
  expect(refused.text).toMatch(/archived/)
  expect(personTexts(phone, closed.id)).toEqual([])
  closed.session.archive()
  await rig.eventually(() => status(closed.id) === 'ended')
  expect(closed.session.sent.filter(({ payload }) => payload.type === 'user')).toEqual([])

  // It is gone, while something is on its way to it.
  rig.api.removeSession(removed.id.replace('ses_cloud-', 'cse_'))
  const lost = await say(rig, phone, removed.id, 'and you?')
  expect(lost).toMatchObject({ state: 'refused' })
  expect(lost.text).not.toBe('')
  await rig.eventually(() => status(removed.id) === 'ended', { withinMs: MINUTE })
  expect(personTexts(phone, removed.id)).toEqual([])

  // Another worker takes over: it goes, it comes, it says once more what it is.
  const init = taken.session.events.find(({ payload }) => payload.subtype === 'init')
  taken.session.set({ connection_status: 'disconnected' })
  await rig.eventually(() => phone.session(taken.id)?.offlineSince)
  taken.session.cutStreams()
  taken.session.set({ connection_status: 'connected' })
  for (let times = 0; times < 3; times += 1)
    taken.session.emit({ ...init?.payload, uuid: undefined, cwd: '', model: 'claude-opus-5-5' })
  await rig.eventually(() => phone.session(taken.id)?.offlineSince === undefined)
  expect(await say(rig, phone, taken.id, 'go on')).toMatchObject({ state: 'done' })
  expect(status(taken.id)).not.toBe('ended')
  const ends = phone.events.filter(({ type }) => type === 'session.ended')
  expect(ends.map(({ sessionId }) => sessionId)).not.toContain(taken.id)

  // After a compaction it goes on under a new id, and the old one is put away.
  const next = seat('old')
  old.worker.kill()
  old.session.archive()
  next.session.emit(agentSays('Here again.'))
  await rig.listed(phone, next.id, { withinMs: 10 * SECOND })
  await rig.eventually(() => status(old.id) === 'ended')
  expect(phone.session(next.id)).toMatchObject({
    title: 'old',
    status: 'idle',
    cwd: '/home/ada/shop-api',
  })
  await rig.look(phone, next.id)
  expect(await say(rig, phone, next.id, 'and on')).toMatchObject({ state: 'done' })
  await rig.pass(2 * SECOND)
  const compare = async ({ session, id }: typeof next) => {
    const { stored, shown } = sideBySide(session, await openedRows(phone, id))
    expect(shown).toEqual(stored)
  }
  await compare(next)
  await compare(old)
  await compare(taken)
  expect((await rig.health(phone)).state).toBe('ok')
})

test('[tolerance 11] [A-43] what was stored and whose answer got lost is sent again under its uuid, arrives once and is told as done', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const { session, worker, id } = rig.seat()
  await rig.listed(phone, id)
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === 1)

  const losses = [
    { fault: { kind: 'lost_answer' }, times: 1 },
    { fault: { kind: 'lost_answer' }, times: 3 },
    { fault: { kind: 'broken_answer' }, times: 1 },
    { fault: { kind: 'slow', ms: 40 * SECOND }, times: 1 },
  ] as const
  for (const [at, { fault, times }] of losses.entries()) {
    rig.api.faults.add(fault, { method: 'POST', path: posts, times })
    const text = `message ${at}`
    const receipt = await say(rig, phone, id, text)
    expect(receipt, text).toMatchObject({ state: 'done' })
    await rig.pass(50 * SECOND)
    const bodies = rig.api
      .requestsTo(posts, 'POST')
      .map(({ body }) => JSON.stringify(body))
      .filter((body) => body.includes(text))
    expect(bodies.length).toBeGreaterThan(1)
    expect(new Set(bodies).size).toBe(1)
    expect(
      session.sent
        .filter(({ payload }) => JSON.stringify(payload).includes(text))
        .filter(({ duplicate }) => !duplicate),
    ).toHaveLength(1)
    const stages = stagesOf(phone, receipt.commandId)
    expect(new Set(stages).size, stages.join()).toBe(stages.length)
    expect(stages).toContain('stored')
  }
  expect(worker.heard).toEqual(losses.map((_, at) => `message ${at}`))

  // An answer to a prompt, too.
  worker.push({ tool: 'Bash', input: { command: 'touch a' } }, { text: 'Made.' })
  await say(rig, phone, id, 'make it')
  const wait = await rig.eventually(() => phone.session(id)?.waits[0])
  rig.api.faults.add({ kind: 'lost_answer' }, { method: 'POST', path: posts, times: 2 })
  const answered = await rig.send(phone, {
    type: 'decide_permission',
    sessionId: id,
    permissionId: wait.permissionId,
    shownHash: await phone.shown(wait.ask),
    decision: { behavior: 'allow' },
  })
  expect(answered.state).toBe('done')
  await rig.eventually(() => worker.ran('touch a'))
  expect(worker.answers).toHaveLength(1)

  // And what the phone itself asks for twice, because the relay’s word to it got lost.
  const command = { type: 'prompt', sessionId: id, text: 'only once', commandId: newCommandId() }
  const both = [0, 1].map(() => phone.client.call('command', command as never))
  await rig.eventually(() => worker.heard.includes('only once'))
  await rig.pass(2 * SECOND)
  expect((await Promise.all(both)).map(({ state }) => state)).toEqual(['done', 'done'])
  const { stored, shown } = sideBySide(session, phone.rows(id))
  expect(shown).toEqual(stored)
  expect(personTexts(phone, id)).toEqual([
    'message 0',
    'message 1',
    'message 2',
    'message 3',
    'make it',
    'only once',
  ])
})

test('[tolerance 12] [A-45] [A-48] a message that is stored is not called delivered: the phone is told each step, that nothing is confirmed where nothing comes, and what came of it later', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const { session, worker, id } = rig.seat({ worker: { receivedMs: 2 * SECOND } })
  await rig.listed(phone, id)
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === 1)

  worker.push({ text: 'At work.', delayMs: 5 * SECOND })
  const delivered = await say(rig, phone, id, 'one')
  expect(delivered.state).toBe('done')
  await rig.eventually(() => stagesOf(phone, delivered.commandId).includes('processed'))
  const stages = stagesOf(phone, delivered.commandId)
  expect(stages.filter((stage) => stage !== 'done')).toEqual([
    'stored',
    'received',
    'processing',
    'processed',
  ])
  expect(stages.indexOf('done')).toBeGreaterThan(stages.indexOf('stored'))

  // Nobody takes it: writing works, and that is all that is said.
  worker.goAway()
  const sentAtMs = rig.time.nowMs()
  const silent = await say(rig, phone, id, 'two')
  expect(silent.state).toBe('unconfirmed')
  expect(silent.text).toMatch(/stored/i)
  expect(rig.time.nowMs() - sentAtMs).toBeLessThanOrEqual(40 * SECOND)
  expect(stagesOf(phone, silent.commandId)).toEqual(['stored', 'unconfirmed'])
  expect(personTexts(phone, id)).toEqual(['one', 'two'])

  // Its machine is known to be off: that is said, and at once.
  session.set({ connection_status: 'disconnected' })
  await rig.eventually(() => phone.session(id)?.offlineSince)
  const offAtMs = rig.time.nowMs()
  const off = await say(rig, phone, id, 'three')
  expect(off.state).toBe('unconfirmed')
  expect(off.text).toMatch(/not connected/)
  expect(rig.time.nowMs() - offAtMs).toBeLessThanOrEqual(5 * SECOND)

  // An hour later it comes back and takes both.
  await rig.pass(60 * MINUTE)
  session.set({ connection_status: 'connected' })
  worker.comeBack()
  for (const { commandId } of [silent, off])
    await rig.eventually(() => stagesOf(phone, commandId).includes('processed'), {
      withinMs: 3 * MINUTE,
      what: 'what came of it later',
    })
  expect(stagesOf(phone, silent.commandId).slice(0, 3)).toEqual([
    'stored',
    'unconfirmed',
    'received',
  ])

  // Hours in which nobody says how far anything is, though it gets there: its turn tells.
  rig.api.faults.add({ kind: 'no_deliveries' }, { path: new RegExp(session.id) })
  const untold = await say(rig, phone, id, 'four')
  expect(untold.state).toBe('done')
  await rig.pass(5 * SECOND)
  const { stored, shown } = sideBySide(session, phone.rows(id))
  expect(shown).toEqual(stored)
})

test('[tolerance 13] [A-3] [A-4] every call names a platform of people, and a message that reached the agent as another session’s is seen in its echo and said', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const { session, worker, id } = rig.seat()
  await rig.listed(phone, id)
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === 1)
  expect(await say(rig, phone, id, 'as a person')).toMatchObject({ state: 'done' })
  await rig.pass(SECOND)
  expect(worker.heard).toEqual(['as a person'])
  expect(session.sent.map(({ platform }) => platform)).not.toContain(undefined)
  const platforms = rig.api.requests.map(({ headers }) => headers['anthropic-client-platform'])
  expect(new Set(platforms)).toEqual(new Set(['web_claude_ai']))
  const warnings = () =>
    phone.rows(id).flatMap((row) => (row.kind === 'note' && row.tone === 'warning' ? row.text : []))
  expect(warnings()).toEqual([])

  // A server that stamps it otherwise: the worker takes it for a message of another session.
  const demoted = rig.seat({ title: 'demoted' })
  const { receive } = demoted.session
  Object.assign(demoted.session, {
    receive: (payload: Fields, from: { family: 'code' }) =>
      receive(payload, { ...from, platform: 'claude_code_cli' }),
  })
  // And one whose worker says so in its echo alone.
  const echoed = rig.addSession({ title: 'echoed' })
  echoed.session.onSent(({ eventId, payload }) => {
    if (payload.type !== 'user') return
    rig.time.after(50, () => {
      echoed.session.delivery(eventId, 'received')
      echoed.session.emit(
        personSays('Another Claude session sent a message:\n/compact', {
          uuid: eventId,
          origin: { kind: 'peer', from: 'unknown' },
          isSynthetic: true,
        }),
        { again: true },
      )
    })
  })
  for (const { id: other } of [demoted, echoed]) {
    const known = rig.api.openStreams.events
    await rig.listed(phone, other)
    await rig.look(phone, other)
    await rig.eventually(() => rig.api.openStreams.events === known + 1)
    const receipt = await say(rig, phone, other, '/compact')
    if (other === demoted.id) {
      expect(receipt.state).toBe('unconfirmed')
      expect(receipt.text).toMatch(/another session/)
    }
    await rig.eventually(() =>
      phone.rows(other).some((row) => row.kind === 'note' && /another session/.test(row.text)),
    )
    // The words themselves stand there once, as the person’s who wrote them.
    expect(personTexts(phone, other)).toEqual(['/compact'])
  }
  expect(demoted.worker.heard).toEqual(['Another Claude session sent a message:\n/compact'])
})
