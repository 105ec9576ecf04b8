import type { SessionEvent } from '@bellhop/core'
import { expect, test } from 'vitest'
import { due, type Outgoing, receive, settle } from './outbox-rules.ts'

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
