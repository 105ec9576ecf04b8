import { expect, test } from 'vitest'
import { openAttentions, stillNeeded } from './attention.ts'
import { parseEvent, type SessionEvent } from './events/index.ts'
import { ownStatus, reduceSession, withoutHeld } from './reduce-session.ts'
import { roadOf } from './roads.ts'
import type { Session } from './session.ts'

let position = 0
const event = (type: string, fields: object = {}): SessionEvent => {
  position += 1
  const parsed = parseEvent({
    eventId: `evt_${position}`,
    cursor: `loga.${position}`,
    sessionId: 'ses_1',
    at: new Date(Date.UTC(2026, 0, 1) + position * 1000).toISOString(),
    type,
    ...fields,
  })
  if (!parsed || parsed.type === 'unknown') throw new Error(`not an event: ${type}`)
  return parsed
}
const started = () => event('session.started', { sourceId: 'sim', machine: 'desk' })
const held = (permissionId: string) =>
  event('permission.requested', {
    permissionId,
    ask: {
      kind: 'agent',
      deviceId: 'dev_aaaaaaaa',
      agentName: 'desktop',
      command: { type: 'prompt', text: 'Go on' },
    },
  })
const asks = (permissionId: string) =>
  event('permission.requested', { permissionId, ask: { kind: 'plan', plan: 'p', modes: [] } })
const resolves = (permissionId: string) =>
  event('permission.resolved', { permissionId, outcome: 'denied', by: { kind: 'terminal' } })
const working = () => event('turn.started')
const ends = () => event('turn.ended', { outcome: 'finished' })
const fold = (...events: SessionEvent[]): Session => {
  const session = events.reduce<Session | undefined>(reduceSession, undefined)
  if (!session) throw new Error('no session')
  return session
}
const statuses = (session: Session) => [session.status, ownStatus(session)]
const ids = (session: Session) => session.waits.map((wait) => wait.permissionId)

test('[HC-3] a session needs a person while a command of an agent is held, and says how it is itself', () => {
  expect(statuses(fold(started(), held('per_1')))).toEqual(['waiting', 'idle'])
  expect(statuses(fold(started(), working(), held('per_1')))).toEqual(['waiting', 'working'])
  const both = fold(started(), working(), held('per_1'), asks('per_2'))
  expect(statuses(both)).toEqual(['waiting', 'waiting'])
  expect(withoutHeld(both).waits.map((wait) => wait.permissionId)).toEqual(['per_2'])
})

test('[HC-3] when it is over the session is as if nothing had been held', () => {
  const fresh = fold(started(), held('per_1'), resolves('per_1'))
  expect(fresh).toMatchObject({ status: 'idle', waits: [] })
  expect('ownStatus' in fresh).toBe(false)
  const begun = fold(started(), held('per_1'), working(), resolves('per_1'))
  expect(begun.status).toBe('working')
  const done = fold(started(), working(), held('per_1'), ends(), resolves('per_1'))
  expect(done).toMatchObject({ status: 'idle', lastOutcome: 'finished' })
})

test('[HC-3] of two held commands the second goes on waiting, and so does a permission beside them', () => {
  const session = fold(started(), held('per_1'), asks('per_2'), held('per_3'), held('per_3'))
  expect(ids(session)).toEqual(['per_1', 'per_2', 'per_3'])
  const rest = [resolves('per_2'), resolves('per_1')].reduce<Session | undefined>(
    reduceSession,
    session,
  )
  expect(rest && [ids(rest), rest.status, rest.ownStatus]).toEqual([
    ['per_3'],
    'waiting',
    'working',
  ])
})

test('[PE-4] the end of the session ends what is held there', () => {
  const session = fold(started(), held('per_1'), event('session.ended', { reason: 'exited' }))
  expect(session).toMatchObject({ status: 'ended', waits: [] })
  expect('ownStatus' in session).toBe(false)
})

test('[HC-1] the relay itself asks for an agent, whatever the session can be asked', () => {
  const session = fold(started(), held('per_1'))
  const [wait] = session.waits
  expect(wait && roadOf(session, wait)).toEqual({
    sourceId: 'agents',
    capabilities: ['decide_permission'],
  })
})

test('[PU-3] what an agent wants rings as a permission, and the end of a turn beside it rings too', () => {
  const session = fold(started(), working(), held('per_1'), ends())
  const at = '2026-01-01T00:00:00.000Z'
  expect(openAttentions(session)).toMatchObject([{ kind: 'permission', permissionId: 'per_1' }])
  const finished = { kind: 'finished', sessionId: session.sessionId, tag: 't', at } as const
  expect(stillNeeded(finished, session)).toBe(true)
})
