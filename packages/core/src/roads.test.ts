import { expect, test } from 'vitest'
import { parseEvent, type SessionEvent } from './events/index.ts'
import { reduceSession } from './reduce-session.ts'
import { outOfReachSince, roadFor, roadOf, roadsOf } from './roads.ts'
import type { Session } from './session.ts'

let position = 0
const event = (type: string, fields: object): SessionEvent => {
  position += 1
  const parsed = parseEvent({
    eventId: `evt_${position}`,
    cursor: `loga.${position}`,
    sessionId: 'ses_1',
    at: '2026-01-01T00:00:00.000Z',
    type,
    ...fields,
  })
  if (!parsed || parsed.type === 'unknown') throw new Error(`not an event: ${type}`)
  return parsed
}
const fold = (...events: SessionEvent[]): Session => {
  const session = events.reduce<Session | undefined>(reduceSession, undefined)
  if (!session) throw new Error('no session')
  return session
}
const started = (capabilities: string[]) =>
  event('session.started', { sourceId: 'near', machine: 'desk', capabilities })
const road = (capabilities: string[]) =>
  event('session.road', { roadSourceId: 'far', capabilities })

test('[CM-9] a session that another source reaches too can be asked what any of them can', () => {
  const session = fold(started(['prompt_as_peer', 'edit_input']), road(['prompt', 'set_model']))
  expect(session.capabilities).toEqual(['prompt_as_peer', 'edit_input', 'prompt', 'set_model'])
  expect(roadsOf(session).map(({ sourceId }) => sourceId)).toEqual(['near', 'far'])
})

test('[CM-9] the best capability chooses the road, and of equal roads the session’s own', () => {
  const anyOf = ['prompt', 'prompt_as_peer'] as const
  const peer = fold(started(['prompt_as_peer']), road(['prompt']))
  expect(roadFor(peer, anyOf)?.sourceId).toBe('far')
  const both = fold(started(['prompt']), road(['prompt']))
  expect(roadFor(both, anyOf)?.sourceId).toBe('near')
  expect(roadFor(both, ['archive'])).toBeUndefined()
})

test('[CM-9] what changes on the own road leaves the other, and a road without capabilities is gone', () => {
  const session = fold(
    started(['prompt']),
    road(['set_model']),
    event('session.changed', { capabilities: ['interrupt'] }),
  )
  expect(session.capabilities).toEqual(['interrupt', 'set_model'])
  const alone = reduceSession(session, road([]))
  expect(alone?.capabilities).toEqual(['interrupt'])
  expect(alone).not.toHaveProperty('roads')
})

test('[CM-9] a permission is answered by the road it came by', () => {
  const session = fold(
    started(['prompt']),
    road(['decide_permission']),
    event('permission.requested', {
      permissionId: 'per_1',
      sourceId: 'far',
      toolCallId: 'toolu_1',
      ask: {
        kind: 'tool',
        tool: { kind: 'shell', name: 'Bash', command: 'ls' },
        input: { command: 'ls' },
        suggestions: [],
      },
    }),
  )
  const [wait] = session.waits
  if (!wait) throw new Error('nothing waits')
  expect(wait).toMatchObject({ sourceId: 'far', toolCallId: 'toolu_1' })
  expect(roadOf(session, wait)?.capabilities).toEqual(['decide_permission'])
})

test('[EV-7] a session is joined to another one, and shown by itself again', () => {
  const joined = fold(started([]), event('session.joined', { into: 'ses_2' }))
  expect(joined.joinedTo).toBe('ses_2')
  expect(reduceSession(joined, event('session.joined', { into: null }))).not.toHaveProperty(
    'joinedTo',
  )
})

test('[EV-3] facts that can be taken back are: the run’s key, and being out of reach', () => {
  const at = '2026-01-01T00:00:00.000Z'
  const session = fold(
    started([]),
    event('session.changed', { runKey: 'remote:x', offlineSince: at, contextUsed: 0.5 }),
  )
  expect(session).toMatchObject({ runKey: 'remote:x', offlineSince: at, contextUsed: 0.5 })
  const back = reduceSession(
    session,
    event('session.changed', { runKey: null, offlineSince: null }),
  )
  expect(back).not.toHaveProperty('runKey')
  expect(back).not.toHaveProperty('offlineSince')
  expect(back?.contextUsed).toBe(0.5)
})

test('[EV-8] what is not followed cannot be asked and says since when; followed again it is as it was', () => {
  const session = fold(started(['prompt', 'edit_input']), road(['set_model']))
  const followed = (followedSourceId: string, isFollowed: boolean) =>
    event('session.followed', { followedSourceId, isFollowed })
  const farGone = reduceSession(session, followed('far', false))
  if (!farGone) throw new Error('no session')
  expect(farGone.capabilities).toEqual(['prompt', 'edit_input'])
  expect(outOfReachSince(farGone)).toBeUndefined()
  const nearGone = fold(started(['prompt']), followed('near', false))
  expect(nearGone.capabilities).toEqual([])
  expect(roadFor(nearGone, ['prompt'])).toBeUndefined()
  expect(outOfReachSince(nearGone)).toBe('2026-01-01T00:00:00.000Z')
  const back = reduceSession(nearGone, followed('near', true))
  expect(back?.capabilities).toEqual(['prompt'])
  expect(back && outOfReachSince(back)).toBeUndefined()
  expect(reduceSession(farGone, followed('far', true))?.capabilities).toContain('set_model')
})
