import { expect, test } from 'vitest'
import { parseEvent, type SessionEvent } from './events/index.ts'
import { reduceSession } from './reduce-session.ts'
import type { Session } from './session.ts'

let position = 0
const event = (type: string, fields: object = {}): SessionEvent => {
  position += 1
  const parsed = parseEvent({
    eventId: `evt_${position}`,
    cursor: `loga.${position}`,
    sessionId: 'ses_1',
    at: `2026-01-01T00:00:${String(position % 60).padStart(2, '0')}.000Z`,
    type,
    ...fields,
  })
  if (!parsed) throw new Error(`not an event: ${type}`)
  return parsed
}
const started = () =>
  event('session.started', { sourceId: 'sim', machine: 'desk', project: 'shop-api' })
const shell = (command: string) => ({ kind: 'shell', name: 'Bash', command })
const asks = (permissionId: string) =>
  event('permission.requested', {
    permissionId,
    ask: { kind: 'tool', tool: shell('ls'), input: { command: 'ls' }, suggestions: [] },
  })
const resolves = (permissionId: string, outcome = 'allowed') =>
  event('permission.resolved', { permissionId, outcome, by: { kind: 'terminal' } })
const fold = (...events: SessionEvent[]): Session => {
  const session = events.reduce<Session | undefined>(reduceSession, undefined)
  if (!session) throw new Error('no session')
  return session
}

test('[EV-3] an event before the session started gives nothing', () => {
  expect(reduceSession(undefined, event('turn.started'))).toBeUndefined()
})

test('[EV-3] a turn makes a session work, its end makes it idle with the outcome', () => {
  expect(fold(started(), event('turn.started'))).toMatchObject({
    status: 'working',
    lastOutcome: null,
  })
  expect(
    fold(
      started(),
      event('turn.started'),
      event('turn.ended', { outcome: 'failed', error: 'Overloaded' }),
    ),
  ).toMatchObject({
    status: 'idle',
    lastOutcome: 'failed',
    lastError: 'Overloaded',
  })
})

test('[PE-1] a session waits while any permission is open, oldest first', () => {
  const session = fold(
    started(),
    event('turn.started'),
    asks('per_a'),
    asks('per_b'),
    resolves('per_a'),
  )
  expect(session.status).toBe('waiting')
  expect(session.waits.map((wait) => wait.permissionId)).toEqual(['per_b'])
  expect(fold(started(), event('turn.started'), asks('per_a'), resolves('per_a')).status).toBe(
    'working',
  )
})

test('[PE-1] the same permission asked twice waits once', () => {
  expect(fold(started(), asks('per_a'), asks('per_a')).waits).toHaveLength(1)
})

test('[PE-4] a permission withdrawn after its turn ended leaves the session idle', () => {
  const session = fold(
    started(),
    event('turn.started'),
    asks('per_a'),
    event('turn.ended', { outcome: 'interrupted' }),
    resolves('per_a', 'withdrawn'),
  )
  expect(session).toMatchObject({ status: 'idle', lastOutcome: 'interrupted', waits: [] })
})

test('[PE-4] the end of a session closes what was open, and a late answer does not wake it', () => {
  const session = fold(
    started(),
    asks('per_a'),
    event('session.ended', { reason: 'exited' }),
    resolves('per_a'),
  )
  expect(session).toMatchObject({ status: 'ended', waits: [] })
})

test('[EV-3] facts change one by one; null takes a branch away', () => {
  const session = fold(
    started(),
    event('session.changed', { title: 'Refunds', branch: 'main' }),
    event('session.changed', { branch: null, capabilities: ['prompt'] }),
  )
  expect(session).toMatchObject({
    title: 'Refunds',
    branch: null,
    capabilities: ['prompt'],
    project: 'shop-api',
  })
})

test('[EV-4] an unknown event moves the cursor and changes nothing else', () => {
  const before = fold(started())
  const after = reduceSession(before, event('turn.rewound'))
  expect(after).toMatchObject({ status: before.status, cursor: `loga.${position}` })
})

test('[EV-3] the last line is the newest words or call of the session itself', () => {
  const subagent = { agentId: 'a1' }
  const session = fold(
    started(),
    event('message.agent', { messageId: 'm', text: 'Looking\n  at it' }),
    event('tool.started', { toolCallId: 't', tool: shell('pnpm test') }),
    event('message.agent', { messageId: 'n', text: 'inner', subagent }),
  )
  expect(session.lastLine).toBe('pnpm test')
})
