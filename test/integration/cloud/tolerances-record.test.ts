import { randomUUID } from 'node:crypto'
import type { Session } from '@bellhop/core'
import { expect, test } from 'vitest'
import { runKeyOf } from '../../../apps/relay/src/claude-format/run-key.ts'
import { malformedRows, strangePayloads } from '../../session-api/hostile-payloads.ts'
import { agentSays, personSays } from '../../support/cloud-payloads.ts'
import { startCloudRelay } from '../../support/cloud-relay.ts'
import { openedRows, sideBySide } from '../../support/cloud-transcript.ts'
import type { VirtualPhone } from '../../support/virtual-phone.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

const start = () => startCloudRelay({ time: createVirtualTime(Date.now()) })
const visible = (phone: VirtualPhone): Session[] =>
  [...phone.sessions.values()].filter(({ joinedTo }) => joinedTo === undefined)
const textsOf = (phone: VirtualPhone, id: Session['sessionId']) =>
  phone.rows(id).flatMap((row) => (row.kind === 'agent' || row.kind === 'person' ? row.text : []))

test('[tolerance 1] [A-14] [A-15] a session spelled one way here and another way there is one row, read, written and joined to its local run as one', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const far = rig.seat({ title: 'far' })
  const near = rig.seat({ title: 'near' })
  // The list spells them `session_…`, the streams and, once it is there, the watch `cse_…`.
  for (const { session } of [far, near])
    rig.api.faults.add(
      { kind: 'stale_row', fields: { id: session.rowId } },
      { path: new RegExp(`${session.id}$`) },
    )
  rig.api.families.watch = false
  await rig.restart()
  const localId = await rig.local.start('near', {
    runKey: runKeyOf(near.session.rowId),
    capabilities: ['prompt', 'interrupt', 'decide_permission'],
  })
  await rig.listed(phone, far.id)
  await rig.eventually(() => phone.session(localId)?.roads?.length === 2, { what: 'two roads' })
  await rig.pass(10_000)
  expect(visible(phone).map(({ sessionId }) => sessionId)).toEqual(
    expect.arrayContaining([localId, far.id]),
  )
  expect(visible(phone)).toHaveLength(2)

  await rig.look(phone, far.id)
  far.session.emit({ ...agentSays('In one spelling.'), session_id: far.session.rowId })
  far.session.emit({ ...agentSays('In the other.'), session_id: far.session.id })
  far.session.emit({ ...agentSays('In neither.'), session_id: randomUUID() })
  const said = await rig.send(phone, { type: 'prompt', sessionId: far.id, text: 'hello' })
  expect(said.state).toBe('done')
  far.worker.push({ tool: 'Bash', input: { command: 'touch a' } }, { text: 'Done.' })
  await rig.send(phone, { type: 'prompt', sessionId: far.id, text: 'go on' })
  const wait = await rig.eventually(() => phone.session(far.id)?.waits[0])
  const answered = await rig.send(phone, {
    type: 'decide_permission',
    sessionId: far.id,
    permissionId: wait.permissionId,
    shownHash: await phone.shown(wait.ask),
    decision: { behavior: 'allow' },
  })
  expect(answered.state).toBe('done')
  await rig.eventually(() => far.worker.ran('touch a'))
  await rig.pass(2_000)
  const { stored, shown } = sideBySide(far.session, phone.rows(far.id))
  expect(shown).toEqual(stored)

  // What only the road through the cloud can do is done by it, to the same session.
  const renamed = await rig.send(phone, { type: 'rename', sessionId: localId, title: 'nearer' })
  expect(renamed.state).toBe('done')
  expect(near.session.row.title).toBe('nearer')
  rig.api.families.watch = true
  await rig.eventually(() => rig.api.openStreams.watch === 1, { withinMs: 60 * 60_000 })
  far.session.set({ title: 'farther' })
  await rig.eventually(() => phone.session(far.id)?.title === 'farther')
  expect(visible(phone)).toHaveLength(2)
})

test('[tolerance 2] [A-27] a sequence number is read as text and as a number, past the places where text sorts otherwise, with and without an event type beside it', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const { session, id } = rig.addSession()
  const say = (text: string) => {
    const sequence = session.log.length + 1
    const asNumber = sequence % 3 === 0
    session.emit(agentSays(text), {
      envelope: {
        ...(asNumber && { sequence_num: sequence }),
        ...(sequence % 4 === 0 && { event_type: undefined }),
      },
    })
  }
  session.emit(personSays('count'))
  for (let at = 2; at <= 8; at += 1) say(`history ${at}`)
  rig.api.faults.add({ kind: 'number_sequence' }, { path: /events\/stream/, times: 1 })
  await rig.listed(phone, id)
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === 1)
  for (let at = 9; at <= 105; at += 1) say(`live ${at}`)
  await rig.eventually(() => textsOf(phone, id).length === 105)
  session.cutStreams()
  for (let at = 106; at <= 112; at += 1) say(`missed ${at}`)
  await rig.eventually(() => rig.api.openStreams.events === 1)
  for (let at = 113; at <= 120; at += 1) say(`live again ${at}`)
  await rig.eventually(() => textsOf(phone, id).length >= 120)
  const { stored, shown } = sideBySide(session, phone.rows(id))
  expect(shown).toEqual(stored)
  expect(shown).toHaveLength(120)
  // No number was taken for a gap, and none was lost: history is read once for each connection.
  const { length: connections } = rig.api.requestsTo(/events\/stream/)
  expect(rig.api.requestsTo(/\/events\?/)).toHaveLength(connections)
  const health = await rig.health(phone)
  expect(health.details).toContain('Not understood and passed over: nothing')
})

test('[tolerance 3] [A-18] [A-19] [A-33] [A-69] what nobody knows or nobody can read costs only the row it stands in, and is counted or shown plainly', async () => {
  await using rig = await start()
  rig.api.families.watch = false
  await using phone = await rig.phone()
  const odd = rig.addSession({
    title: 'odd',
    row: {
      worker_status: 'juggling',
      connection_status: 'teleporting',
      environment_kind: 'moon',
      tags: 7 as never,
      user_message_count: {} as never,
      unheard_of: [{ deeply: null }],
      config: 'nothing' as never,
      external_metadata: { pending_action: 'touch a', post_turn_summary: null, context_usage: '' },
    },
  })
  rig.api.faults.add(
    { kind: 'stale_row', fields: { status: 'pondering' } },
    { path: new RegExp(`${odd.session.id}$`) },
  )
  const broken = rig.addSession({ title: 'broken' })
  const { session, id } = rig.addSession({ title: 'plain' })
  const breaks = rig.api.faults.add(
    { kind: 'stale_row', fields: { id: { not: 'an id' } } },
    { path: new RegExp(`${broken.session.id}$`) },
  )
  await rig.restart()
  await rig.listed(phone, odd.id)
  await rig.listed(phone, id)
  expect(phone.session(broken.id)).toBeUndefined()
  expect(phone.session(odd.id)).toMatchObject({ title: 'odd', status: 'idle' })

  rig.api.faults.add({ kind: 'strange' }, { path: /events\/stream/ })
  rig.api.faults.add({ kind: 'broken_json' }, { path: /events\/stream/ })
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === 1)
  const hostile = [
    ...malformedRows.map((row) => () => void session.emitRaw(row)),
    ...strangePayloads.map((payload) => () => void session.emit(payload)),
    () => session.emitBytes('event: client_event\nid: many\ndata: {"sequence_num":"-3"}\n\n'),
    () => session.emitBytes('nonsense without a colon\n\n: a remark\n\n'),
  ]
  session.emit(personSays('begin'))
  for (const [at, play] of hostile.entries()) {
    play()
    session.emit(agentSays(`after ${at}`))
    await rig.pass(500)
  }
  await rig.eventually(() => textsOf(phone, id).includes(`after ${hostile.length - 1}`))
  await rig.pass(5_000)
  const { stored, shown } = sideBySide(session, phone.rows(id))
  expect(shown).toEqual(stored)
  const plainly = phone.rows(id).flatMap((row) => (row.kind === 'unknown' ? row.title : []))
  expect(plainly.join('\n')).toMatch(/tide_turned/)
  expect(plainly.join('\n')).toMatch(/weather_changed/)
  // The same rows by way of history, as somebody sees them who comes later.
  await rig.restart()
  await using late = await rig.phone()
  expect(sideBySide(session, await openedRows(late, id)).shown).toEqual(stored)

  breaks[Symbol.dispose]()
  await rig.listed(phone, broken.id, { withinMs: 120_000 })
  await rig.pass(20_000)
  const troubles = phone.signals.filter(
    (signal) => signal.type === 'source.health' && signal.state !== 'ok',
  )
  expect(troubles).toEqual([])
  const health = await rig.health(phone)
  expect(health.state).toBe('ok')
  expect(health.details?.join('\n')).toMatch(/passed over: .*\d+ × /)
})

test('[tolerance 4] [A-29] [A-70] events stand in the order of their numbers alone, and one that comes twice, by number or by uuid, is told once', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const { session, id } = rig.addSession({ title: 'one' })
  const other = rig.addSession({ title: 'other' })
  rig.api.faults.add({ kind: 'reorder' }, { path: /events\/stream/ })
  rig.api.faults.add({ kind: 'duplicate' }, { path: /events\/stream/ })
  await rig.listed(phone, id)
  await rig.listed(phone, other.id)
  const atMs = rig.time.nowMs()
  // Times that go back and forth.
  const createdAt = (at: number) => new Date(atMs + ((at * 7_919) % 60_000) - 30_000).toISOString()
  const asked = personSays('go')
  for (const one of [session, other.session]) {
    // The same ids in two sessions are two events.
    one.emit(asked)
    one.emit({ ...agentSays('first'), uuid: '11111111-1111-4111-8111-111111111111' })
  }
  await rig.look(phone, id)
  await rig.look(phone, other.id)
  await rig.eventually(() => rig.api.openStreams.events === 2)
  const uuids: string[] = []
  for (let at = 0; at < 40; at += 1) {
    const uuid = randomUUID()
    uuids.push(uuid)
    session.emit({ ...agentSays(`word ${at}`), uuid }, { createdAt: createdAt(at) })
    // A worker posts once more what is stored already: another number, the same uuid.
    const again = uuids[at - 5]
    if (at % 5 === 4 && again) {
      const known = session.events.find(({ event_id: known }) => known === again)
      session.emit(known?.payload ?? {}, { again: true, createdAt: createdAt(at) })
    }
    if (at % 10 === 9) session.emit(asked, { again: true })
    if (at % 8 === 7) await rig.pass(100)
  }
  await rig.eventually(() => textsOf(phone, id).includes('word 39'))
  await rig.pass(3_000)
  const { stored, shown } = sideBySide(session, phone.rows(id))
  expect(shown).toEqual(stored)
  expect(shown.map((line) => 'text' in line && line.text)).toEqual([
    'go',
    'first',
    ...uuids.map((_, at) => `word ${at}`),
  ])
  expect(textsOf(phone, other.id)).toEqual(['go', 'first'])
  // A relay that starts again, and a stream that is cut, tell nothing of it once more.
  await rig.restart()
  session.cutStreams()
  await rig.pass(40_000)
  expect(sideBySide(session, phone.rows(id)).shown).toEqual(stored)
  expect(sideBySide(session, await openedRows(phone, id)).shown).toEqual(stored)
})
