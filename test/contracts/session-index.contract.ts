import { reduceSession, type Session, type SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { said, stamped, started } from '../support/drafts.ts'
import type { OpenFresh } from './backend.contract.ts'

const ses = (name: string) => `ses_${name}` as SessionId
const ask = { kind: 'question', questions: [{ question: 'Which?', multiple: false, choices: [] }] }

/** What the sessions an engine keeps promise. */
export const sessionIndexContract = (open: OpenFresh): void => {
  test('[EV-3] [I4] a session is the fold of its events', async () => {
    await using one = await open()
    const { log, sessions } = one.backend
    const start = await log.head()
    await log.append([
      started('a', { title: 'Refunds', branch: 'main' }),
      stamped('a', 'turn.started'),
      stamped('a', 'permission.requested', { permissionId: 'per_1', ask }),
      said('b', 'before its start'),
    ])
    await log.append([said('a', 'hello'), started('b')])
    const { events } = await log.read({ after: start, limit: 100 })
    const folded = new Map<SessionId, Session>()
    for (const event of events) {
      const next = reduceSession(folded.get(event.sessionId), event)
      if (next) folded.set(event.sessionId, next)
    }
    expect(await sessions.get(ses('a'))).toEqual(folded.get(ses('a')))
    expect(await sessions.get(ses('a'))).toMatchObject({ status: 'waiting', title: 'Refunds' })
    const byId = (one: Session, other: Session) => (one.sessionId < other.sessionId ? -1 : 1)
    expect([...(await sessions.list()).sessions].sort(byId)).toEqual(
      [...folded.values()].sort(byId),
    )
    expect(await sessions.get(ses('nobody'))).toBeUndefined()
  })

  test('[ST-8] the list comes with the place it is true at', async () => {
    await using one = await open()
    const { log, sessions } = one.backend
    await log.append([started('a'), said('a', 'old')])
    const { sessions: list, cursor } = await sessions.list()
    expect(list.map((session) => session.lastLine)).toEqual(['old'])
    await log.append([said('a', 'new')])
    const { events } = await log.read({ after: cursor, limit: 10 })
    expect(events).toMatchObject([{ text: 'new' }])
    const [first] = list
    expect(events.reduce<Session | undefined>(reduceSession, first)).toEqual(
      await sessions.get(ses('a')),
    )
  })

  test('[I4] sessions thrown away and folded again are the same', async () => {
    await using one = await open()
    const { log, sessions } = one.backend
    await log.append([started('a'), said('a', '1'), started('b'), stamped('b', 'turn.started')])
    const before = await sessions.list()
    await sessions.rebuild()
    expect(await sessions.list()).toEqual(before)
  })

  test('[I5] a source goes on from the last place it saved', async () => {
    await using one = await open()
    const { checkpoints } = one.backend
    expect(await checkpoints.get('s', 'k')).toBeUndefined()
    await checkpoints.set('s', 'k', '1')
    await checkpoints.set('s', 'k', '2')
    await checkpoints.set('s', 'other', '3')
    await checkpoints.set('t', 'k', '4')
    expect(await checkpoints.get('s', 'k')).toBe('2')
    expect(await checkpoints.get('t', 'k')).toBe('4')
  })
}
