import { randomUUID } from 'node:crypto'
import type { ResponseOf, SessionEvent } from '@bellhop/core'
import { expect, test } from 'vitest'
import { hostileText } from '../../session-api/hostile-payloads.ts'
import type { Fields } from '../../session-api/types.ts'
import {
  agentMessage,
  agentSays,
  asksLeave,
  callOf,
  personSays,
  resultOf,
  turnEnds,
} from '../../support/cloud-payloads.ts'
import { startCloudRelay } from '../../support/cloud-relay.ts'
import { openedRows, sideBySide } from '../../support/cloud-transcript.ts'
import { watchingFetch } from '../../support/leak-watch.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

const SECOND = 1_000
const start = () => startCloudRelay({ time: createVirtualTime(Date.now()) })

/** A fetch that counts the bytes of all that comes back. */
const countingFetch = () => {
  const under = watchingFetch()
  const counted = { bytes: 0 }
  const fetching: typeof fetch = async (input, init) => {
    const response = await under(input, init)
    if (response.body === null) return response
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        counted.bytes += chunk.length
        controller.enqueue(chunk)
      },
    })
    const { status, statusText, headers } = response
    const copy = new Response(response.body.pipeThrough(count), { status, statusText, headers })
    Object.defineProperty(copy, 'url', { value: response.url })
    return copy
  }
  return { counted, fetch: fetching }
}

test('[tolerance 21] [A-30] a session of 200,000 events opens from its newest end with three calls upstream and 250 KB to the phone, and its past is read page by page without a gap', async () => {
  await using rig = await start()
  const { session, id } = rig.addSession({ title: 'huge' })
  const many = 200_000
  for (let at = 1; at <= many; at += 4) {
    const call = `toolu_${at}`
    session.emit(
      personSays(`Person ${at}. ${'Words that make it as long as messages are. '.repeat(4)}`),
    )
    session.emit(agentMessage([callOf(call, 'Bash', { command: `make part-${at}` })]))
    session.emit(resultOf(call, `${'a line of what it put out\n'.repeat(20)}${at}`))
    session.emit(agentSays(`Agent ${at + 3}. ${'An answer of a few sentences. '.repeat(10)}`))
  }
  session.emit(turnEnds())
  const { counted, fetch } = countingFetch()
  await using phone = await rig.phone({ fetch })
  await rig.listed(phone, id, { withinMs: 10 * 60 * SECOND })
  expect(rig.api.requestsTo(new RegExp(session.id))).toEqual([])

  // The phone opens it: what it holds is read, and followed from there.
  const asked = rig.api.requests.length
  const bytes = counted.bytes
  let page: ResponseOf<'history'> | undefined
  void phone.client.call('history', { sessionId: id, limit: 100 }).then((opened) => {
    page = opened
  })
  await rig.look(phone, id)
  await rig.eventually(() =>
    phone.rows(id).some((row) => row.kind === 'agent' && row.text.startsWith(`Agent ${many}.`)),
  )
  await rig.eventually(() => page)
  const opening = rig.api.requests.slice(asked).filter(({ path }) => path.includes(session.id))
  expect(opening.length).toBeLessThanOrEqual(3)
  expect(counted.bytes - bytes).toBeLessThanOrEqual(250_000)
  const { stored } = sideBySide(session, [])
  const newest = sideBySide(session, phone.rows(id)).shown
  expect(newest.length).toBeGreaterThan(30)
  expect(newest).toEqual(stored.slice(-newest.length))

  // And further back, as far as somebody scrolls.
  const told = await phone.client.call('history', { sessionId: id, limit: 500 })
  let past = told.past
  let shown = newest
  for (let pages = 0; pages < 5 && past !== undefined; pages += 1) {
    let earlier: ResponseOf<'history'> | undefined
    void phone.client.call('history', { sessionId: id, limit: 100, past }).then((one) => {
      earlier = one
    })
    const found = await rig.eventually(() => earlier)
    const texts = (found.events as SessionEvent[]).flatMap((event) =>
      event.type === 'message.agent' || event.type === 'message.person' ? event.text : [],
    )
    const before = stored.slice(0, stored.length - shown.length)
    const expected = before.flatMap((line) => ('text' in line ? line.text : []))
    expect(texts.length).toBeGreaterThan(10)
    expect(texts).toEqual(expected.slice(-texts.length))
    const lines = before.findLastIndex((line) => 'text' in line && line.text === texts[0])
    shown = stored.slice(lines)
    past = found.past
  }
  expect(shown.length).toBeGreaterThan(newest.length + 100)
  expect(
    rig.api.requests.slice(asked).filter(({ path }) => path.includes(session.id)).length,
  ).toBeLessThanOrEqual(3 + 5 + 2)
})

test('[tolerance 22] [A-31] NUL, control characters, escapes and turned writing reach the phone as text that does no harm, and an answer gives them back as they were', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const { session, id } = rig.addSession({ title: `${hostileText}\nsecond line` })
  const input = { command: `echo ${hostileText}`, [hostileText]: hostileText }
  await rig.listed(phone, id)
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === 1)
  session.setMetadata({ task_summary: hostileText, model: hostileText })
  session.emit(personSays(hostileText))
  session.emit(agentSays(hostileText))
  session.emit(agentMessage([{ type: 'thinking', thinking: hostileText, signature: '' }]))
  session.emit(agentMessage([callOf('toolu_hostile', 'Bash', input)]))
  session.emit(asksLeave('r-hostile', 'toolu_hostile', 'Bash', input, { description: hostileText }))
  session.emit({ type: hostileText, subtype: hostileText, uuid: randomUUID() })
  session.emit({
    type: 'system',
    uuid: randomUUID(),
    subtype: 'informational',
    level: 'warning',
    content: hostileText,
  })
  const wait = await rig.eventually(() => phone.session(id)?.waits[0])
  const answer = rig.send(phone, {
    type: 'decide_permission',
    sessionId: id,
    permissionId: wait.permissionId,
    shownHash: await phone.shown(wait.ask),
    decision: { behavior: 'allow' },
  })
  const posted = await rig.eventually(() =>
    session.sent.find(({ payload }) => payload.type === 'control_response'),
  )
  session.delivery(posted.eventId, 'received')
  expect((await answer).state).toBe('done')
  const { updatedInput } = (posted.payload.response as Fields).response as Fields
  expect(updatedInput).toEqual(input)
  expect(JSON.stringify(updatedInput)).toContain('\\u0000')
  session.emit(resultOf('toolu_hostile', hostileText, true))
  session.emit(turnEnds({ result: hostileText, is_error: true, errors: [hostileText] }))
  session.emit(agentSays('After all of it.'))
  await rig.eventually(() =>
    phone.rows(id).some((row) => row.kind === 'agent' && row.text === 'After all of it.'),
  )

  const { stored, shown } = sideBySide(session, phone.rows(id))
  expect(shown).toEqual(stored)
  expect(sideBySide(session, await openedRows(phone, id)).shown).toEqual(stored)
  // Nothing anywhere that no store and no screen takes; the rest of the words is whole.
  const everything = JSON.stringify([phone.events, phone.signals, [...phone.sessions.values()]])
  expect(everything).not.toContain('\\u0000')
  expect(everything).toContain('gnp.exe')
  // What stands on one line of a list is one line.
  const listed = phone.session(id)
  for (const line of [listed?.title, listed?.model, listed?.lastLine])
    expect(line ?? '').not.toMatch(/[\n\r]/)
  expect(listed?.title).toContain('gnp.exe')
  const health = await rig.health(phone)
  expect(health.state).toBe('ok')
})

test('[tolerance 23] [A-66] other clients on the same session change nothing but what they did: their words are shown as the person’s, their questions to the worker are nobody’s prompt, and their leaving is not felt', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const { session, worker, id } = rig.seat({ title: 'shared' })
  await rig.listed(phone, id)
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === 1)
  const headers = {
    authorization: `Bearer ${rig.api.accessToken}`,
    'anthropic-version': '2023-06-01',
    'anthropic-client-platform': 'ios',
    'content-type': 'application/json',
  }
  const base = `${rig.api.url}/v1/code/sessions/${session.rowId}`
  const leaving = new AbortController()
  const theirs = await fetch(`${base}/events/stream`, { headers, signal: leaving.signal })
  expect(theirs.status).toBe(200)
  const post = async (payload: Fields) => {
    const body = JSON.stringify({ events: [{ event_type: payload.type, payload }] })
    const { status } = await fetch(`${base}/events`, { method: 'POST', headers, body })
    expect(status).toBe(200)
  }
  const asks = (request: Fields) =>
    post({ type: 'control_request', uuid: randomUUID(), request_id: randomUUID(), request })

  // It says hello to the worker in its own way, and looks things up.
  await asks({ subtype: 'initialize', supportedDialogKinds: ['computer_use_access'] })
  await asks({ subtype: 'get_context_usage' })
  await asks({ subtype: 'no_such_thing' })
  await asks({
    subtype: 'can_use_tool',
    tool_name: 'Bash',
    input: { command: 'x' },
    tool_use_id: 't',
  })
  await asks({ subtype: 'set_permission_mode', mode: 'plan' })
  await rig.eventually(() => phone.session(id)?.permissionMode === 'plan')
  await asks({ subtype: 'set_permission_mode', mode: 'default' })
  await rig.eventually(() => phone.session(id)?.permissionMode === 'default')
  expect(phone.session(id)?.waits).toEqual([])
  expect(phone.rows(id).filter(({ kind }) => kind !== 'note')).toEqual([])

  // Both say something.
  const said = personSays('from the other client')
  await post({ ...said, origin: undefined })
  const ours = await rig.send(phone, { type: 'prompt', sessionId: id, text: 'from here' })
  expect(ours.state).toBe('done')
  await rig.eventually(() => worker.heard.length === 2)
  const persons = phone.rows(id).filter((row) => row.kind === 'person')
  expect(persons.map(({ text }) => text)).toEqual(['from the other client', 'from here'])
  expect(persons[0]).not.toHaveProperty('deviceName')
  expect(persons[1]).toHaveProperty('deviceName')

  // It answers what the worker asks: the prompt goes from here, and is nobody’s of ours.
  worker.push({ tool: 'Bash', input: { command: 'touch a' } }, { text: 'Made.' })
  await rig.send(phone, { type: 'prompt', sessionId: id, text: 'make it' })
  const wait = await rig.eventually(() => phone.session(id)?.waits[0])
  await post({
    type: 'control_response',
    uuid: randomUUID(),
    response: {
      subtype: 'success',
      request_id: worker.pending?.requestId,
      response: { behavior: 'allow', updatedInput: { command: 'touch a' } },
    },
  })
  await rig.eventually(() => phone.session(id)?.waits.length === 0)
  await rig.eventually(() => worker.ran('touch a'))
  const late = await rig.send(phone, {
    type: 'decide_permission',
    sessionId: id,
    permissionId: wait.permissionId,
    shownHash: await phone.shown(wait.ask),
    decision: { behavior: 'deny' },
  })
  expect(late.code).toBe('permission_already_decided')
  const decided = phone.rows(id).find((row) => row.kind === 'tool')
  expect(decided).toMatchObject({ decision: { outcome: 'allowed', by: { kind: 'source' } } })

  // It stops the turn, and goes.
  worker.push({ text: 'A long story.', delayMs: 60 * SECOND })
  await rig.send(phone, { type: 'prompt', sessionId: id, text: 'tell' })
  await rig.eventually(() => phone.session(id)?.status === 'working')
  await asks({ subtype: 'interrupt' })
  await rig.eventually(() => phone.session(id)?.status === 'idle')
  expect(phone.session(id)?.lastOutcome).toBe('interrupted')
  leaving.abort()
  await rig.pass(60 * SECOND)
  expect(rig.api.openStreams.events).toBe(1)
  const { stored, shown } = sideBySide(session, phone.rows(id))
  expect(shown).toEqual(stored)
  // Of our own we declared no kind of dialog, be we the first or not.
  const declared = session.sent
    .filter(({ platform }) => platform === 'web_claude_ai')
    .map(({ payload }) => JSON.stringify(payload))
  expect(declared.join()).not.toContain('supportedDialogKinds')
})
