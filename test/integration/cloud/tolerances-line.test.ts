import type { SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { faultAnswers } from '../../session-api/error-answers.ts'
import {
  agentMessage,
  agentSays,
  callOf,
  messageBegins,
  partOfText,
  personSays,
  resultOf,
  textBegins,
  turnEnds,
} from '../../support/cloud-payloads.ts'
import { type CloudRelay, startCloudRelay } from '../../support/cloud-relay.ts'
import { linesOf, openedRows, sideBySide } from '../../support/cloud-transcript.ts'
import type { VirtualPhone } from '../../support/virtual-phone.ts'
import { createVirtualTime } from '../../support/virtual-time.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const streams = /events\/stream/
const start = () => startCloudRelay({ time: createVirtualTime(Date.now()) })

const textsOf = (phone: VirtualPhone, id: SessionId) =>
  linesOf(phone.rows(id)).flatMap((line) => ('text' in line ? line.text : []))

/** A session that is on the phone’s screen and streamed. */
const watched = async (rig: CloudRelay, phone: VirtualPhone, kind?: 'cloud') => {
  const { session, id } = rig.addSession({ title: 'watched', ...(kind && { kind }) })
  session.emit(personSays('begin'))
  await rig.listed(phone, id)
  await rig.look(phone, id)
  await rig.eventually(() => rig.api.openStreams.events === 1)
  const told = (text: string, withinMs?: number) =>
    rig.eventually(() => textsOf(phone, id).includes(text), {
      what: `“${text}” on the phone`,
      ...(withinMs !== undefined && { withinMs }),
    })
  return { session, id, told }
}

test('[tolerance 5] [A-28] [A-37] [A-39] [A-40] what a replay leaves out is read from history: cut short, place gone, silent stream, a watch that says nothing', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const { session, id, told } = await watched(rig, phone)
  const same = () => {
    const { stored, shown } = sideBySide(session, phone.rows(id))
    expect(shown).toEqual(stored)
  }

  // Much happens while the line is down, and the replay says that it leaves out the most of it.
  const down = rig.api.faults.add({ kind: 'refuse' }, { path: /events/ })
  session.cutStreams()
  for (let at = 0; at < 700; at += 1) session.emit(agentSays(`meanwhile ${at}`))
  const cutShort = rig.api.faults.add({ kind: 'gap', events: 650 }, { path: streams, times: 1 })
  down[Symbol.dispose]()
  // Some of it comes between the reading of history and the opening of the stream.
  rig.api.faults.add({ kind: 'slow', ms: 2 * SECOND }, { path: streams, times: 1 })
  await rig.eventually(() => textsOf(phone, id).includes('meanwhile 699'), { withinMs: MINUTE })
  for (let at = 0; at < 30; at += 1) session.emit(agentSays(`in between ${at}`))
  await told('in between 29')
  expect(rig.api.faults.struck.gap).toBe(1)
  cutShort[Symbol.dispose]()
  same()

  // A live stream that left something out without a word.
  session.emitBytes('event: catch_up_truncated\ndata: {}\n\n')
  session.emit(agentSays('after a word of nothing missing'))
  await told('after a word of nothing missing')
  same()

  // The place is gone for streams, for as long as it takes.
  const gone = rig.api.faults.add(faultAnswers.gone410, { path: streams })
  session.cutStreams()
  session.emit(agentSays('while the place is gone'))
  await told('while the place is gone', 30 * SECOND)
  session.emit(agentSays('and more of it'))
  await told('and more of it', 10 * SECOND)
  gone[Symbol.dispose]()
  same()

  // A stream that opens and stays silent is not believed for long.
  const silent = rig.api.faults.add({ kind: 'silent' }, { path: streams })
  await rig.eventually(() => rig.api.faults.struck.silent, { withinMs: 15 * MINUTE })
  session.emit(agentSays('behind a silent stream'))
  await told('behind a silent stream', 45 * SECOND)
  await rig.pass(2 * MINUTE)
  session.emit(agentSays('behind two of them'))
  await told('behind two of them', 10 * SECOND)
  same()
  silent[Symbol.dispose]()

  // The account cannot be reached for longer than the watch’s place is good for.
  const away = rig.api.faults.add({ kind: 'refuse' })
  rig.api.faults.add({ kind: 'cut', afterFrames: 0 }, { path: /watch/, times: 1 })
  await rig.pass(5 * MINUTE)
  const meanwhile = rig.addSession({ title: 'begun meanwhile' })
  away[Symbol.dispose]()
  await rig.listed(phone, meanwhile.id, { withinMs: MINUTE })
  // And a watch that opens and never says a thing.
  rig.api.faults.add({ kind: 'silent' }, { path: /watch/ })
  await rig.restart()
  await rig.pass(5 * SECOND)
  const unheard = rig.addSession({ title: 'begun behind a silent watch' })
  await rig.listed(phone, unheard.id, { withinMs: 5 * MINUTE })
})

test('[tolerance 6] [A-35] [A-71] partial text may be absent, unfinished or late, blocks of one message stand together, and words taken back are gone', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const { session, id, told } = await watched(rig, phone, 'cloud')
  const partials = () =>
    phone.signals.flatMap((signal) =>
      signal.type === 'text.partial' && signal.sessionId === id ? [signal.text] : [],
    )

  // Without any.
  session.emit(agentSays('Whole at once.'))
  await told('Whole at once.')
  expect(partials().filter((text) => text !== '')).toEqual([])

  // Some that nothing comes of: they are taken back when the turn is over.
  session.ephemeral(messageBegins('msg_half'))
  session.ephemeral(textBegins())
  session.ephemeral(partOfText('Half a '))
  session.ephemeral(partOfText('thought'))
  await rig.eventually(() => partials().at(-1) === 'Half a thought')
  session.emit(turnEnds({ terminal_reason: 'aborted_streaming' }))
  await rig.eventually(() => partials().at(-1) === '')

  // The whole words first, and some of their pieces after them.
  session.emit(personSays('again'))
  session.ephemeral(messageBegins('msg_late'))
  session.ephemeral(textBegins())
  session.ephemeral(partOfText('Said be'))
  await rig.eventually(() => partials().at(-1) === 'Said be')
  session.emit(agentSays('Said before its end.', { id: 'msg_late' }))
  await told('Said before its end.')
  const before = partials().length
  session.ephemeral(partOfText('fore its'))
  session.ephemeral(partOfText(' end.'))
  // What comes after them on the same line has come, so they would have.
  session.ephemeral({ type: 'system', subtype: 'status', status: 'compacting' })
  await rig.eventually(() => phone.signals.some(({ type }) => type === 'activity'))
  session.emit(agentSays('Then more.', { id: 'msg_late' }))
  await told('Then more.')
  expect(partials().slice(before)).not.toContainEqual(expect.stringMatching(/\S/))

  // Several events of one message, each with a block of it.
  const id1 = 'msg_blocks'
  const call = callOf('toolu_1', 'Bash', { command: 'ls' })
  session.emit(agentMessage([{ type: 'thinking', thinking: '', signature: 's' }], { id: id1 }))
  session.emit(agentSays('Let me look.', { id: id1 }))
  session.emit(agentMessage([call], { id: id1 }))
  session.emit(resultOf('toolu_1', 'a b c'))
  session.emit(agentSays('Let me look.', { id: 'msg_other' }))
  session.emit(agentSays('Three of them.', { id: id1 }))
  await told('Three of them.')
  const { stored, shown } = sideBySide(session, phone.rows(id))
  expect(shown).toEqual(stored)

  // A server that sends the message anew as it grows.
  session.emit(agentSays('It grows', { id: 'msg_grows' }))
  session.emit(agentSays('It grows and grows.', { id: 'msg_grows' }))
  await told('It grows and grows.')
  expect(textsOf(phone, id)).not.toContain('It grows')

  // Words that a later event takes back, be it with others in their place or without.
  const wrong = agentSays('This is wrong.')
  const alsoWrong = agentSays('And so is this.')
  session.emit(wrong)
  session.emit(alsoWrong)
  session.emit(agentSays('This is right.', { supersedes: [wrong.uuid, alsoWrong.uuid] }))
  session.emit(turnEnds())
  await told('This is right.')
  const words = textsOf(phone, id)
  expect(words).not.toContain('This is wrong.')
  expect(words).not.toContain('And so is this.')
  expect(words.filter((text) => text === 'This is right.')).toHaveLength(1)
  // Whoever opens the session later reads the same.
  expect(linesOf(await openedRows(phone, id))).toEqual(linesOf(phone.rows(id)))
})

test('[tolerance 7] [A-38] a line that says something now and then is kept, one that says nothing for 35 s is left, and what cannot be opened is tried in pauses that grow and differ', async () => {
  await using rig = await start()
  await using phone = await rig.phone()
  const { session, told } = await watched(rig, phone)
  const opened = () => rig.api.requestsTo(streams).map(({ atMs }) => atMs)

  // Comments and frames without a name, and nothing else.
  for (let at = 0; at < 10; at += 1) {
    await rig.pass(MINUTE)
    session.emitBytes('data: {}\n\n')
  }
  expect(opened()).toHaveLength(1)
  expect(rig.api.openStreams.events).toBe(1)

  // Not a byte.
  rig.api.faults.add({ kind: 'silent' }, { path: streams, times: 1 })
  session.cutStreams()
  await rig.eventually(() => opened().length === 2)
  session.emit(agentSays('into the silence'))
  await rig.eventually(() => opened().length === 3, { withinMs: MINUTE })
  const [, silentAtMs = 0, nextAtMs = 0] = opened()
  expect(nextAtMs - silentAtMs).toBeGreaterThanOrEqual(35 * SECOND)
  expect(nextAtMs - silentAtMs).toBeLessThanOrEqual(37 * SECOND)
  await told('into the silence', SECOND)

  // Nobody there, for minutes.
  await rig.pass(30 * SECOND)
  const away = rig.api.faults.add({ kind: 'refuse' }, { path: streams })
  session.cutStreams()
  const known = opened().length
  await rig.pass(4 * MINUTE)
  session.emit(agentSays('while nobody was there'))
  const tries = opened().slice(known)
  const pauses = tries.slice(1).map((atMs, at) => atMs - (tries[at] ?? 0))
  expect(pauses.length).toBeGreaterThanOrEqual(8)
  for (const [at, pause] of pauses.entries()) {
    const fullMs = Math.min(30 * SECOND, 2 ** (at + 1) * SECOND)
    expect(pause, `pause ${at}`).toBeGreaterThanOrEqual(fullMs / 2)
    expect(pause, `pause ${at}`).toBeLessThanOrEqual(fullMs + 200)
  }
  const longest = pauses.slice(5)
  expect(new Set(longest.map((pause) => Math.round(pause / 10))).size).toBeGreaterThan(1)
  away[Symbol.dispose]()
  await told('while nobody was there', 31 * SECOND)
  await rig.eventually(() => rig.api.openStreams.events === 1, { withinMs: 31 * SECOND })
})
