import { randomUUID } from 'node:crypto'
import type { Receipt, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { ApiSession, Fields } from '../../session-api/types.ts'
import { createWorker } from '../../session-api/worker.ts'
import { agentSays, personSays, turnEnds } from '../../support/cloud-payloads.ts'
import { type CloudRelay, startCloudRelay } from '../../support/cloud-relay.ts'
import { openedRows, sideBySide } from '../../support/cloud-transcript.ts'
import type { VirtualPhone } from '../../support/virtual-phone.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const start = () => startCloudRelay({ time: createVirtualTime(Date.now()) })

type Played = { session: ApiSession; id: SessionId }
const statusOf = (phone: VirtualPhone, id: SessionId) => phone.session(id)?.status
const say = (rig: CloudRelay, phone: VirtualPhone, sessionId: SessionId, text: string) =>
  rig.send(phone, { type: 'prompt', sessionId, text })
const told = (
  rig: CloudRelay,
  phone: VirtualPhone,
  id: SessionId,
  text: string,
  withinMs = MINUTE,
) =>
  rig.eventually(() => phone.rows(id).some((row) => 'text' in row && row.text === text), {
    what: `“${text}” on the phone`,
    withinMs,
  })
const same = (phone: VirtualPhone, { session, id }: Played) => {
  const { stored, shown } = sideBySide(session, phone.rows(id))
  expect(shown).toEqual(stored)
}
/** A session that a test plays by hand, on the phone’s screen. */
const watched = async (rig: CloudRelay, phone: VirtualPhone, title: string): Promise<Played> => {
  const known = rig.api.openStreams.events
  const { session, id } = rig.addSession({ title })
  await rig.listed(phone, id)
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === known + 1)
  return { session, id }
}

test('[tolerance 17] [A-22] a session that claims to be running or connected is believed only with a recent event', async () => {
  await using rig = await start()
  const ago = (ms: number) => new Date(rig.time.nowMs() - ms).toISOString()
  const running = { worker_status: 'running', status_bucket: 'working' }
  const add = (title: string, fields: Fields, agoMs: number) => {
    const { session, id } = rig.addSession({ title, row: fields })
    session.emit(personSays('go'), { createdAt: ago(agoMs) })
    session.emit(agentSays('Going.'), { createdAt: ago(agoMs) })
    return { session, id }
  }
  const stale = add('stale', running, 2 * HOUR)
  const fresh = add('fresh', running, 5 * SECOND)
  const archived = add('archived', { ...running, status: 'archived' }, 5 * SECOND)
  // The list was read before there were any: it is read again with all of them on it.
  await rig.restart()
  await using phone = await rig.phone()
  await rig.listed(phone, stale.id)
  await rig.eventually(() => statusOf(phone, fresh.id) === 'working')
  await rig.pass(5 * MINUTE)
  expect(statusOf(phone, stale.id)).toBe('idle')
  expect(phone.session(archived.id)).toBeUndefined()
  // Nothing is spent on a flag alone.
  expect(rig.api.requestsTo(new RegExp(`${stale.session.id}/`))).toEqual([])
  expect(rig.api.requestsTo(new RegExp(`${archived.session.id}/`))).toEqual([])

  // Looked at, its open turn is shown for what it is worth: nobody works there any more.
  await rig.look(phone, stale.id)
  await rig.pass(MINUTE)
  expect((await openedRows(phone, stale.id)).length).toBeGreaterThan(0)
  expect(statusOf(phone, stale.id)).toBe('idle')

  // A worker that is killed at its work says nothing; the row goes on saying that it runs.
  const killed = rig.seat({ title: 'killed' })
  await rig.listed(phone, killed.id)
  await rig.look(phone, killed.id)
  killed.worker.push({ tool: 'Bash', input: { command: 'touch a' } })
  await say(rig, phone, killed.id, 'make it')
  await rig.eventually(() => phone.session(killed.id)?.waits.length === 1)
  killed.worker.kill()
  await rig.eventually(() => phone.session(killed.id)?.offlineSince)
  expect(killed.session.row.worker_status).toBe('requires_action')
  expect(phone.session(killed.id)?.capabilities).not.toContain('interrupt')

  // One that is put away still says that it is connected, and is over.
  fresh.session.archive()
  await rig.eventually(() => statusOf(phone, fresh.id) === 'ended')
  expect(fresh.session.row.connection_status).toBe('connected')
  const late = await say(rig, phone, fresh.id, 'still there?')
  expect(late).toMatchObject({ state: 'refused', code: 'session_ended' })
  expect(late.state satisfies Receipt['state']).toBe('refused')
})

test('[tolerance 18] [A-67] [A-75] [A-76] a result may be empty, early, missing or followed by more, a stop nobody confirms is said, and cost is never added up', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const played = await watched(rig, phone, 'by hand')
  const { session, id } = played
  const isIdle = () => rig.eventually(() => statusOf(phone, id) === 'idle', { what: 'rest' })
  const isWorking = () => rig.eventually(() => statusOf(phone, id) === 'working', { what: 'work' })

  // Empty.
  session.emit(personSays('one'))
  await isWorking()
  session.emit(agentSays('First.'))
  session.emit(turnEnds({ result: '', usage: null, terminal_reason: 'completed' }))
  await isIdle()
  expect(phone.session(id)?.lastOutcome).toBe('finished')

  // Before the last words: they do not open it again.
  session.emit(personSays('two'))
  session.emit(turnEnds({ total_cost_usd: 0.1 }))
  session.emit(agentSays('Second, after its end.'))
  await told(rig, phone, id, 'Second, after its end.')
  await isIdle()

  // Followed by another turn that nobody asked for.
  session.emit(personSays('three'))
  session.emit(agentSays('Third.'))
  session.emit(turnEnds({ total_cost_usd: 0.3, num_turns: 1 }))
  await told(rig, phone, id, 'Third.')
  session.emit(personSays('<task-notification>', { origin: { kind: 'task-notification' } }))
  session.emit(agentSays('Third and a half.'))
  await isWorking()
  session.emit(turnEnds({ total_cost_usd: 0.7, num_turns: 1 }))
  await isIdle()

  // Missing: the worker says that it rests, and that is the end of it.
  session.set({ worker_status: 'running', status_bucket: 'working' })
  session.emit(personSays('four'))
  session.emit(agentSays('Fourth.'))
  await isWorking()
  session.set({ worker_status: 'idle', status_bucket: 'idle' })
  await rig.eventually(() => statusOf(phone, id) === 'idle', { withinMs: 2 * MINUTE })

  // A stop: told by its result, whichever of the two comes first.
  const stopped = rig.seat({ title: 'stopped', worker: { kind: 'server' } })
  await rig.listed(phone, stopped.id)
  await rig.look(phone, stopped.id)
  stopped.worker.push({ text: 'A long story.', delayMs: 5 * MINUTE })
  await say(rig, phone, stopped.id, 'tell')
  await rig.eventually(() => statusOf(phone, stopped.id) === 'working')
  const done = await rig.send(phone, { type: 'interrupt', sessionId: stopped.id })
  expect(done.state).toBe('done')
  await rig.eventually(() => statusOf(phone, stopped.id) === 'idle')
  expect(phone.session(stopped.id)?.lastOutcome).toBe('interrupted')

  // Harmless where nothing runs.
  const idle = await rig.send(phone, { type: 'interrupt', sessionId: stopped.id })
  expect(idle.state).toBe('done')
  expect(statusOf(phone, stopped.id)).toBe('idle')

  // A stop that nobody confirms: it is said, and the session is not shown as stopped.
  session.emit(personSays('five'))
  await isWorking()
  const sentAtMs = rig.time.nowMs()
  const unheard = await rig.send(phone, { type: 'interrupt', sessionId: id })
  expect(unheard.state).toBe('unconfirmed')
  expect(unheard.text).toMatch(/stored/i)
  expect(rig.time.nowMs() - sentAtMs).toBeLessThanOrEqual(40 * SECOND)
  expect(statusOf(phone, id)).toBe('working')
  session.emit(turnEnds({ terminal_reason: 'aborted_streaming', total_cost_usd: 1.1 }))
  await isIdle()
  expect(phone.session(id)?.lastOutcome).toBe('interrupted')

  await rig.pass(SECOND)
  same(phone, played)
  same(phone, stopped)
  // 0.1, 0.3, 0.7 and 1.1 are sums already: no sum of them is anywhere.
  const everything = JSON.stringify([phone.events, phone.signals, [...phone.sessions.values()]])
  expect(everything).not.toMatch(/[:"$]\s?(?:0\.4|1\.1|1\.8|2\.2)\b(?!\d)/)
})

test('[tolerance 19] [A-64] a control request the worker refuses, or never answers, ends as a clear word to whoever asked', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const { worker, id } = rig.seat({ title: 'able' })
  await rig.listed(phone, id)
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === 1)

  // Refused in words of its own that people can read.
  const mode = (sessionId: SessionId, to: string) =>
    rig.send(phone, { type: 'set_permission_mode', sessionId, mode: to })
  const bypass = await mode(id, 'bypassPermissions')
  expect(bypass).toMatchObject({ state: 'refused', code: 'source_refused' })
  expect(bypass.text).toMatch(/permission checks off/)
  const invalid = await mode(id, 'juggling')
  expect(invalid).toMatchObject({ state: 'refused', code: 'source_refused' })
  expect(invalid.text).toMatch(/does not know that permission mode/)
  expect(worker.permissionMode).toBe('default')
  expect((await mode(id, 'plan')).state).toBe('done')
  await rig.eventually(() => phone.session(id)?.permissionMode === 'plan')

  // A worker that knows none of it.
  const unable = await watched(rig, phone, 'unable')
  const answers = unable.session.onSent(({ payload }) => {
    if (payload.type !== 'control_request') return
    const { subtype } = payload.request as Fields
    unable.session.emit({
      type: 'control_response',
      uuid: randomUUID(),
      response: {
        subtype: 'error',
        request_id: payload.request_id,
        error: `REPL bridge does not handle control_request subtype: ${subtype}`,
        error_code: 'unsupported_request',
      },
    })
  })
  const asks = [
    { type: 'set_model', sessionId: unable.id, model: 'sonnet' },
    { type: 'set_thinking', sessionId: unable.id, tokens: 4_000 },
    { type: 'set_permission_mode', sessionId: unable.id, mode: 'plan' },
    { type: 'interrupt', sessionId: unable.id },
  ] as const
  for (const ask of asks) {
    const receipt = await rig.send(phone, ask)
    expect(receipt, ask.type).toMatchObject({ state: 'refused', code: 'not_supported' })
    expect(receipt.text, ask.type).toMatch(/cannot do that/)
    expect(receipt.text).not.toMatch(/REPL|subtype/)
  }
  const servers = (sessionId: SessionId) =>
    phone.client.call('mcpServers', { sessionId }).then(
      () => 'an answer',
      ({ code }) => code,
    )
  expect(await servers(unable.id)).toBe('not_supported')
  answers[Symbol.dispose]()

  // One that never answers, whatever it is asked: the wait has an end.
  const mute = await watched(rig, phone, 'mute')
  for (const ask of asks) {
    const sentAtMs = rig.time.nowMs()
    const receipt = await rig.send(phone, { ...ask, sessionId: mute.id })
    expect(receipt.state, ask.type).toBe('unconfirmed')
    expect(receipt.text, ask.type).toMatch(/has not said/)
    expect(rig.time.nowMs() - sentAtMs, ask.type).toBeLessThanOrEqual(40 * SECOND)
  }
  let code: string | undefined
  void servers(mute.id).then((said) => {
    code = said
  })
  await rig.eventually(() => code, { withinMs: MINUTE })
  expect(code).toBe('source_unreachable')
  // Its answer after all harms nothing, nor does one to something nobody asked.
  const first = mute.session.sent.find(({ payload }) => payload.type === 'control_request')
  for (const requestId of [first?.payload.request_id, randomUUID()])
    mute.session.emit({
      type: 'control_response',
      uuid: randomUUID(),
      response: { subtype: 'error', request_id: requestId, error: 'too late' },
    })
  mute.session.emit(agentSays('Still here.'))
  await told(rig, phone, mute.id, 'Still here.')
  same(phone, mute)
})

test('[tolerance 20] [A-79] [A-92] minutes of compaction, a slow first word and a night without a line end no session: it goes on under its id', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const endings = () => phone.events.filter(({ type }) => type === 'session.ended')
  const played = await watched(rig, phone, 'compacts')
  const { session, id } = played
  const activity = () =>
    phone.signals.findLast((signal) => signal.type === 'activity' && signal.sessionId === id)

  // Four minutes without an event, with a word before it and, by older workers, without.
  for (const says of [true, false]) {
    session.set({ worker_status: 'running', status_bucket: 'working' })
    session.emit(personSays(says ? '/compact' : 'go on, and compact on the way'))
    if (says)
      session.emit({ type: 'system', uuid: randomUUID(), subtype: 'status', status: 'compacting' })
    await rig.eventually(() => statusOf(phone, id) === 'working')
    if (says) await rig.eventually(() => /summing up/i.test(JSON.stringify(activity())))
    const opened = rig.api.requestsTo(/events\/stream/).length
    await rig.pass(4 * MINUTE)
    expect(statusOf(phone, id)).toBe('working')
    expect(rig.api.requestsTo(/events\/stream/)).toHaveLength(opened)
    const metadata = { trigger: 'auto', pre_tokens: 150_000 }
    session.emit({
      type: 'system',
      uuid: randomUUID(),
      subtype: 'compact_boundary',
      compact_metadata: metadata,
    })
    session.emit(
      personSays('In short: all went well.', { isSynthetic: true, isCompactSummary: true }),
    )
    session.emit(agentSays(`On we go ${says}.`))
    session.emit(turnEnds())
    session.set({ worker_status: 'idle', status_bucket: 'idle' })
    await told(rig, phone, id, `On we go ${says}.`)
    await rig.eventually(() => statusOf(phone, id) === 'idle')
  }
  same(phone, played)

  // A machine of the cloud has to start first: 30 s, and the message counts as sent all the while.
  const cold = rig.addSession({
    title: 'cold',
    kind: 'cloud',
    row: { connection_status: 'disconnected' },
  })
  await rig.listed(phone, cold.id)
  await rig.look(phone, cold.id)
  rig.time.after(30 * SECOND, () => {
    workers.push(createWorker(cold.session, { kind: 'cloud', time: rig.time }))
  })
  const workers: Disposable[] = []
  const receipt = await say(rig, phone, cold.id, 'wake up')
  expect(receipt.state).toBe('done')
  await rig.eventually(
    () => statusOf(phone, cold.id) === 'idle' && !phone.session(cold.id)?.offlineSince,
  )
  await rig.pass(2 * SECOND)
  same(phone, cold)

  // Overnight: the machine sleeps, and for a part of it the relay cannot reach anybody either.
  const rows = phone.rows(id).length
  session.set({ connection_status: 'disconnected' })
  await rig.eventually(() => phone.session(id)?.offlineSince)
  await rig.pass(HOUR)
  const away = rig.api.faults.add({ kind: 'refuse' })
  session.cutStreams()
  rig.api.faults.add({ kind: 'cut', afterFrames: 0 }, { path: /watch/, times: 1 })
  await rig.pass(HOUR / 2)
  away[Symbol.dispose]()
  await rig.pass(HOUR)
  expect(endings()).toEqual([])
  session.set({ connection_status: 'connected' })
  session.emit(personSays('good morning'))
  session.emit(agentSays('Good morning.'))
  session.emit(turnEnds())
  await told(rig, phone, id, 'Good morning.', 2 * MINUTE)
  await rig.eventually(() => !phone.session(id)?.offlineSince)
  expect(phone.rows(id).slice(0, rows)).toHaveLength(rows)
  expect(statusOf(phone, id)).toBe('idle')
  same(phone, played)
  expect(endings()).toEqual([])
  for (const worker of workers) worker[Symbol.dispose]()
})
