import type { SessionEvent } from '@bellhop/core'
import { expect, test } from 'vitest'
import { due, isTaken, type Outgoing, receive, settle } from './outbox-rules.ts'

const outgoing = (id: string, stage: Outgoing['stage'], sessionId = 'ses_a'): Outgoing =>
  ({
    command: { type: 'prompt', commandId: id, sessionId, text: id },
    writtenAtMs: 0,
    atMs: 0,
    stage,
  }) as unknown as Outgoing
const event = (fields: object) => fields as unknown as SessionEvent

test('messages of one session go out one after the other, in the order they were written', () => {
  const outbox = [outgoing('a', 'kept'), outgoing('b', 'kept'), outgoing('c', 'kept', 'ses_b')]
  expect(due(outbox).map((one) => one.command.commandId)).toEqual(['a', 'c'])
  expect(due([outgoing('a', 'sending'), outgoing('b', 'kept')])).toEqual([])
})

test('[CM-5] a receipt says how far a message got, and why it was not taken', () => {
  const receipt = {
    commandId: 'a' as never,
    state: 'refused' as const,
    code: 'session_ended',
    text: 'Over.',
  }
  expect(receive(outgoing('a', 'sending'), receipt, 5)).toMatchObject({
    stage: 'refused',
    code: 'session_ended',
    text: 'Over.',
    atMs: 5,
  })
})

test('[CM-6] a message leaves the outbox when it arrives in the transcript', () => {
  const outbox = [outgoing('a', 'relay'), outgoing('b', 'relay')]
  const after = settle(outbox, [event({ type: 'message.person', causedBy: 'a' })], 1)
  expect(after.map((one) => one.command.commandId)).toEqual(['b'])
  expect(settle(after, [event({ type: 'message.person', causedBy: 'x' })], 1)).toBe(after)
})

test('[CM-6] a command that was refused later is told so, and its text is kept', () => {
  const refused = event({
    type: 'command.settled',
    commandId: 'a',
    outcome: 'refused',
    code: 'source_refused',
  })
  expect(settle([outgoing('a', 'relay')], [refused], 9)).toMatchObject([
    { stage: 'refused', atMs: 9 },
  ])
})

test('[CM-8] a message that was not confirmed is neither taken nor refused, and a later stage settles it', () => {
  const doubt = event({
    type: 'command.settled',
    commandId: 'a',
    outcome: 'unconfirmed',
    text: 'Stored. Its machine is not connected.',
  })
  const stage = (name: string) => event({ type: 'command.progressed', commandId: 'a', stage: name })
  const [unsure] = settle([outgoing('a', 'relay')], [stage('stored'), doubt], 3)
  expect(unsure).toMatchObject({
    stage: 'unconfirmed',
    text: 'Stored. Its machine is not connected.',
  })
  expect(unsure && isTaken(unsure)).toBe(false)
  const [there] = settle([unsure as Outgoing], [stage('received')], 4)
  expect(there).toMatchObject({ stage: 'taken', atMs: 4 })
  expect(there).not.toHaveProperty('text')
  expect(there && isTaken(there)).toBe(true)
  const [worked] = settle([there as Outgoing], [stage('processing')], 5)
  expect(worked?.trail).toEqual([
    { stage: 'stored', atMs: 3 },
    { stage: 'unconfirmed', atMs: 3 },
    { stage: 'taken', atMs: 4 },
    { stage: 'processing', atMs: 5 },
  ])
})

test('[CM-8] a stage that is heard of late takes a message nowhere it has been before', () => {
  const late = event({ type: 'command.progressed', commandId: 'a', stage: 'stored' })
  const outbox = [outgoing('a', 'taken')]
  expect(settle(outbox, [late], 1)).toBe(outbox)
})

test('[CM-9] a message that went by another road is known by its words when it arrives, once and only in its session', () => {
  const said = (text: string, sessionId = 'ses_a', from = 'person') =>
    event({ type: 'message.person', messageId: 'm', sessionId, text, from })
  const outbox = [outgoing('go on', 'taken'), { ...outgoing('b', 'taken') }]
  const left = (...events: SessionEvent[]) =>
    settle(outbox, events, 1).map((one) => one.command.commandId)
  expect(left(said('go on '))).toEqual(['b'])
  expect(left(said('go on', 'ses_b'))).toEqual(['go on', 'b'])
  expect(left(said('go on', 'ses_a', 'peer'))).toEqual(['go on', 'b'])
  expect(settle([outgoing('go on', 'kept')], [said('go on')], 1)).toHaveLength(1)
})
