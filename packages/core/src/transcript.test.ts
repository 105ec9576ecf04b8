import { expect, test } from 'vitest'
import { parseEvent, type SessionEvent } from './events/index.ts'
import { emptyTranscript, reduceTranscript, type TranscriptRow } from './transcript.ts'

let position = 0
const event = (type: string, fields: object = {}): SessionEvent => {
  position += 1
  const parsed = parseEvent({
    eventId: `evt_${position}`,
    cursor: `loga.${position}`,
    sessionId: 'ses_1',
    at: '2026-01-01T00:00:00.000Z',
    type,
    ...fields,
  })
  if (!parsed) throw new Error(`not an event: ${type}`)
  return parsed
}
const rows = (...events: SessionEvent[]): readonly TranscriptRow[] =>
  reduceTranscript(emptyTranscript, events).rows
const shell = (command: string) => ({ kind: 'shell', name: 'Bash', command })
const call = (toolCallId: string, command = 'ls') =>
  event('tool.started', { toolCallId, tool: shell(command) })
const ended = (toolCallId: string, outcome = 'ok') =>
  event('tool.ended', { toolCallId, outcome, result: { text: 'out' } })
const asked = (permissionId: string, toolCallId?: string) =>
  event('permission.requested', {
    permissionId,
    toolCallId,
    ask: { kind: 'tool', tool: shell('ls'), input: { command: 'ls' }, suggestions: [] },
  })
const resolved = (permissionId: string, outcome: string, more: object = {}) =>
  event('permission.resolved', { permissionId, outcome, by: { kind: 'terminal' }, ...more })

test('[TR-1] folding piece by piece gives the rows of folding in one go', () => {
  const events = [
    event('message.person', { messageId: 'p', text: 'hello', from: 'person' }),
    call('t1'),
    asked('per_a', 't1'),
    resolved('per_a', 'allowed'),
    ended('t1'),
    event('message.agent', { messageId: 'm', text: 'done' }),
    event('tasks.changed', { tasks: [{ text: 'one', state: 'open' }] }),
    event('turn.ended', { outcome: 'failed', error: 'Overloaded' }),
    event('turn.rewound'),
  ]
  const inOne = reduceTranscript(emptyTranscript, events)
  const piecewise = events.reduce(
    (transcript, one) => reduceTranscript(transcript, [one]),
    emptyTranscript,
  )
  expect(piecewise.rows).toEqual(inOne.rows)
  expect(inOne.rows.map((row) => row.kind)).toEqual([
    'person',
    'tool',
    'agent',
    'tasks',
    'turn',
    'unknown',
  ])
})

test('[TR-1] a tool call is one row from its start to its end, and keeps its place', () => {
  const [first, second] = rows(call('t1'), call('t2'), ended('t1', 'failed'))
  expect(first).toMatchObject({ kind: 'tool', state: 'failed', result: { text: 'out' } })
  expect(second).toMatchObject({ kind: 'tool', state: 'running' })
})

test('[TR-2] an end without its beginning is left out, and appears once the beginning is read', () => {
  expect(rows(ended('t1'))).toEqual([])
  expect(rows(call('t1'), ended('t1'))).toHaveLength(1)
})

test('[PE-3] the decision is written under the call, and the first one stays', () => {
  const [row] = rows(
    call('t1'),
    asked('per_a', 't1'),
    resolved('per_a', 'denied', { text: 'not now' }),
    resolved('per_a', 'allowed'),
  )
  expect(row).toMatchObject({ kind: 'tool', decision: { outcome: 'denied', text: 'not now' } })
})

test('[PE-1] an open permission shows on its call; without a call it has a row of its own', () => {
  expect(rows(call('t1'), asked('per_a', 't1'))[0]).toMatchObject({ kind: 'tool', state: 'asking' })
  expect(rows(asked('per_a'))[0]).toMatchObject({ kind: 'permission', open: true })
  expect(rows(asked('per_a'), resolved('per_a', 'withdrawn'))[0]).toMatchObject({
    kind: 'permission',
    open: false,
  })
})

test('[I8] an unknown event is a plain row with its raw text', () => {
  const [row] = rows(event('turn.rewound', { to: 3 }))
  expect(row).toMatchObject({ kind: 'unknown', title: 'turn.rewound' })
  expect(row?.kind === 'unknown' && row.raw).toContain('"to": 3')
})

test('[TR-1] rows that did not change keep their identity', () => {
  const before = reduceTranscript(emptyTranscript, [call('t1'), call('t2')])
  const after = reduceTranscript(before, [ended('t2')])
  expect(after.rows[0]).toBe(before.rows[0])
  expect(after.rows[1]).not.toBe(before.rows[1])
  expect(before.rows[1]).toMatchObject({ state: 'running' })
})
