import { expect, test } from 'vitest'
import { agentWords } from '../agent-words.ts'
import { parseEvent, type SessionEvent } from '../events/index.ts'
import type { CommandId } from '../ids.ts'
import { foldReply, type ReplyState, replyWords, startReply } from './reply-state.ts'

const own = 'cmd_own00000' as CommandId
const other = 'cmd_other000'

let count = 0
const event = (type: string, fields: object = {}): SessionEvent => {
  count += 1
  const envelope = { eventId: `evt_${count}`, cursor: `loga.${count}`, sessionId: 'ses_1' }
  const read = parseEvent({ ...envelope, at: '2026-01-02T03:04:05.678Z', type, ...fields })
  if (!read || read.type === 'unknown') throw new TypeError(`no event: ${type}`)
  return read
}

const begins = () => event('turn.started')
const ends = (outcome = 'finished') => event('turn.ended', { outcome })
const says = (text: string, messageId = text) => event('message.agent', { messageId, text })
const stage = (name: string, commandId: string = own) =>
  event('command.progressed', { commandId, stage: name })
const settles = { commandId: own, commandType: 'prompt', by: { kind: 'source' } }
const taken = () => event('command.settled', { ...settles, outcome: 'done' })
const hears = (text: string, causedBy?: string) =>
  event('message.person', { messageId: text, text, from: 'person', ...(causedBy && { causedBy }) })

const fold = (events: readonly SessionEvent[], wasIdle = true): ReplyState =>
  events.reduce(foldReply, startReply({ commandId: own, text: 'go\ton ', wasIdle, waits: [] }))
const result = (events: readonly SessionEvent[], wasIdle = true) => {
  const state = fold(events, wasIdle)
  return [state.end?.outcome, ...replyWords(state)]
}

test('[MC-6] a message that is read as it is worked on is answered by the turn it stands in', () => {
  const turn = [begins(), hears('go', own), says('one'), says('two'), ends()]
  expect(result(turn)).toEqual(['finished', 'one', 'two'])
  const before = [begins(), says('old'), ends()]
  expect(result([...before.slice(1), ...turn], false)).toEqual(['finished', 'one', 'two'])
})

test('[MC-6] a message taken in while the agent works is answered by the turn under way', () => {
  const events = [says('before'), hears('go', own), says('after'), ends('interrupted')]
  expect(result(events, false)).toEqual(['interrupted', 'after'])
})

test('[MC-6] two messages taken up at once are answered together', () => {
  const turn = [begins(), hears('other', other), begins(), hears('go', own), says('both'), ends()]
  expect(result(turn, false)).toEqual(['finished', 'both'])
  const turned = [begins(), hears('go', own), begins(), hears('other', other), says('both'), ends()]
  expect(result(turned, false)).toEqual(['finished', 'both'])
  const later = [begins(), hears('go', own), says('one'), begins(), says('two'), ends()]
  expect(result(later, false)).toEqual(['finished', 'one', 'two'])
})

test('[MC-6] a record that names no command is known by its words, however they are spaced', () => {
  expect(result([begins(), hears('go on'), says('a'), ends()], false)).toEqual(['finished', 'a'])
  expect(result([begins(), hears('go off'), says('a'), ends()], false)).toEqual([undefined])
  const agent = hears(agentWords('desktop', 'go on'))
  expect(result([begins(), agent, says('a'), ends()], false)).toEqual(['finished', 'a'])
  // By another road: what is at its machine has been written down there, so it is worked on.
  const road = [stage('stored'), stage('received'), begins(), hears('go on'), says('a'), ends()]
  expect(result(road, false)).toEqual(['finished', 'a'])
})

test('[MC-6] a command of the program, which no record names, is answered by the next turn', () => {
  expect(result([taken(), begins(), says('a'), ends()])).toEqual(['finished', 'a'])
  expect(result([begins(), says('a'), ends(), taken()])).toEqual(['finished', 'a'])
  expect(result([begins(), says('a'), ends()])[0]).toBeUndefined()
  const typed = [begins(), hears('typed', other), says('a'), ends(), taken()]
  expect(result(typed)).toEqual([undefined])
  const stored = [begins(), says('a'), stage('stored'), says('b'), ends(), taken()]
  expect(result(stored)).toEqual([undefined])
  const named = [begins(), says('a'), ends(), begins(), hears('go', own), says('b'), ends()]
  expect(result(named)).toEqual(['finished', 'b'])
  expect(result([says('tail'), ends()])).toEqual([undefined])
})

test('[MC-6] [CM-8] a message that waits at its machine is not answered by the turn before it', () => {
  const waits = [stage('stored'), hears('go', own), stage('received'), says('old'), ends()]
  const turn = [stage('processing'), begins(), says('new'), ends()]
  expect(result([...waits, ...turn], false)).toEqual(['finished', 'new'])
  // What it took into the turn under way.
  const merged = [...waits.slice(0, 4), stage('processing'), says('new'), ends()]
  expect(result(merged, false)).toEqual(['finished', 'new'])
})

test('[MC-6] [CM-8] of several that wait each is answered by its own turn', () => {
  const waits = [
    ...[stage('stored', other), hears('other', other), stage('received', other)],
    ...[stage('stored'), hears('go', own), stage('received')],
  ]
  const theirs = [stage('processing', other), begins(), says('theirs'), ends()]
  const ours = [stage('processing'), begins(), says('ours'), ends()]
  expect(result([...waits, ...theirs, ...ours], true)).toEqual(['finished', 'ours'])
  expect(result([...waits, ...theirs], true)[0]).toBeUndefined()
  // It begins before the word that ours was received, and before we are stored.
  const [begin, ...rest] = [begins(), says('theirs'), ends()]
  const between = [...waits.slice(0, -1), begin, stage('received'), ...rest, ...ours]
  expect(result(between as SessionEvent[], true)).toEqual(['finished', 'ours'])
  const unseen = [begin, ...waits.slice(3), ...rest, ...ours]
  expect(result(unseen as SessionEvent[], true)).toEqual(['finished', 'ours'])
  // The other one was stored before anybody looked, at a machine that slept.
  expect(result([...waits.slice(3), ...theirs, ...ours], true)).toEqual(['finished', 'ours'])
  // The word that it was received comes late.
  const early = [...waits.slice(0, -1), ...theirs, stage('received'), ...ours]
  expect(result(early, true)).toEqual(['finished', 'ours'])
})

test('[MC-6] [CM-8] the word of what is worked on may come after the work has begun, or ended', () => {
  const waits = [stage('stored'), hears('go', own), stage('received'), says('old'), ends()]
  const late = [begins(), says('new'), stage('processing'), says('more'), ends()]
  expect(result([...waits, ...late], false)).toEqual(['finished', 'new', 'more'])
  const later = [begins(), says('new'), ends(), stage('processing'), stage('processed')]
  expect(result([...waits, ...later], false)).toEqual(['finished', 'new'])
  const another = [begins(), says('theirs'), ends(), stage('processing'), begins(), says('ours')]
  expect(result([...waits, ...another, ends()], false)).toEqual(['finished', 'ours'])
})

test('[MC-6] a session that says no more than that it stored the message is believed', () => {
  const events = [stage('stored'), hears('go', own), says('old'), ends(), begins(), says('new')]
  expect(result([...events, ends()], false)).toEqual(['finished', 'new'])
})

test('[MC-6] a message told again replaces itself, and what a subagent says is not the reply', () => {
  const inner = event('message.agent', { messageId: 's', text: 's', subagent: { agentId: 'x' } })
  const events = [hears('go', own), says('draft', 'm'), inner, says('final', 'm'), ends()]
  expect(result(events)).toEqual(['finished', 'final'])
})

const holds = (commandId: string, permissionId = 'per_held') =>
  event('permission.requested', {
    permissionId,
    ask: {
      kind: 'agent',
      deviceId: 'dev_aaaaaaaa',
      agentName: 'desktop',
      command: { commandId, type: 'prompt', text: 'go on' },
    },
  })
const lets = (outcome = 'allowed') =>
  event('permission.resolved', { permissionId: 'per_held', outcome, by: { kind: 'terminal' } })

test('[HC-3] a message that waits for a person is not answered by what happens meanwhile', () => {
  const meanwhile = [begins(), says('old'), ends()]
  const turn = [begins(), hears('go', own), says('new'), ends()]
  expect(result([holds(own), ...meanwhile])).toEqual([undefined])
  expect(result([holds(own), ...meanwhile, lets(), ...turn])).toEqual(['finished', 'new'])
  const during = [holds(own), begins(), says('old'), lets(), says('more'), ends()]
  expect(result(during)).toEqual([undefined])
  expect(result([...during, ...turn])).toEqual(['finished', 'new'])
})

test('[HC-3] what other agents want does not block a reply', () => {
  const turn = [begins(), hears('go', own), holds(other), says('one'), ends()]
  expect(result(turn)).toEqual(['finished', 'one'])
  expect(fold([holds(other), holds(other, 'per_2')]).waits.size).toBe(0)
})

test('[HC-3] [MC-6] a held message that is refused, or whose session ends, ends the reply', () => {
  const settled = { commandId: own, commandType: 'prompt', outcome: 'refused' }
  const by = { kind: 'terminal' }
  const no = event('command.settled', { ...settled, code: 'agent_not_allowed', text: 'No.', by })
  expect(fold([holds(own), lets('denied'), no]).end).toEqual({
    outcome: 'refused',
    code: 'agent_not_allowed',
    text: 'No.',
  })
  expect(result([holds(own), event('session.ended', { reason: 'exited' })])).toEqual(['ended'])
})

test('[I6] of a reply without end the newest messages are kept', () => {
  const many = Array.from({ length: 600 }, (_, at) => says(`m${at}`))
  const words = replyWords(fold([hears('go', own), ...many]))
  expect([words.length, words[0], words.at(-1)]).toEqual([500, 'm100', 'm599'])
})

test('[MC-6] a failure, a refusal and an ended session end it, with why', () => {
  const failed = event('turn.ended', { outcome: 'failed', error: 'overloaded' })
  expect(fold([hears('go', own), failed]).end).toEqual({ outcome: 'failed', error: 'overloaded' })
  const refused = { ...settles, outcome: 'refused', code: 'source_refused', text: 'no' }
  expect(fold([event('command.settled', refused)]).end).toMatchObject({ code: 'source_refused' })
  const died = event('session.ended', { reason: 'died' })
  expect(fold([died]).end).toEqual({ outcome: 'ended', error: 'died' })
})
