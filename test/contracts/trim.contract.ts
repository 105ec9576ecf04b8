import type { SessionEvent, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { EventLog } from '../../apps/relay/src/sessions/event-log.ts'
import { said, stamped, started } from '../support/drafts.ts'
import type { OpenFresh } from './backend.contract.ts'

const ses = (name: string) => `ses_${name}` as SessionId
const texts = (events: readonly SessionEvent[]) =>
  events.map((event) => (event.type === 'message.agent' ? event.text : event.type))

const trimAll = async (log: EventLog, limits: Parameters<EventLog['trim']>[0]) => {
  let removed = 0
  for (;;) {
    const done = await log.trim(limits)
    removed += done.removed
    if (!done.more) return removed
  }
}
const KEEP_ALL = { keepPerSession: 1_000_000, beforeMs: 0 }

/** What a log promises about forgetting. */
export const trimContract = (open: OpenFresh): void => {
  test('[I6] [ST-1] the oldest events beyond a session’s share go, and cursors before them get reset', async () => {
    await using one = await open()
    const { log } = one.backend
    const start = await log.head()
    await log.append([started('a'), started('b'), said('b', 'other')])
    const events = await log.append(Array.from({ length: 9 }, (_, at) => said('a', `${at}`)))
    expect(await trimAll(log, { ...KEEP_ALL, keepPerSession: 4 })).toBe(6)
    const kept = await log.readBack({ sessionId: ses('a'), limit: 100 })
    expect(texts(kept.events)).toEqual(['5', '6', '7', '8'])
    expect(kept.hasMore).toBe(false)
    expect(texts((await log.readBack({ sessionId: ses('b'), limit: 9 })).events)).toEqual([
      'session.started',
      'other',
    ])
    expect((await log.read({ after: start, limit: 100 })).reset).toBe(true)
    expect((await log.read({ after: events[3]?.cursor ?? start, limit: 100 })).reset).toBe(true)
    const page = await log.read({ after: events[4]?.cursor ?? start, limit: 100 })
    expect(texts(page.events)).toEqual(['5', '6', '7', '8'])
  })

  test('[I6] events stored before a moment go, whatever time they tell of themselves', async () => {
    await using one = await open()
    const { log } = one.backend
    await log.append([started('a'), said('a', 'old')])
    one.clock.ms += 1000
    const beforeMs = one.clock.ms
    await log.append([said('a', 'new', { at: '2001-01-01T00:00:00Z' })])
    expect(await trimAll(log, { ...KEEP_ALL, beforeMs })).toBe(2)
    expect(texts((await log.readBack({ sessionId: ses('a'), limit: 9 })).events)).toEqual(['new'])
  })

  test('[I4] [EV-2] what was trimmed stays part of its session, and still makes a draft a repeat', async () => {
    await using one = await open()
    const { log, sessions } = one.backend
    await log.append([started('a', { title: 'Refunds' }), said('a', '1'), said('a', '2')])
    const before = await sessions.get(ses('a'))
    await trimAll(log, { ...KEEP_ALL, keepPerSession: 1 })
    expect(await sessions.get(ses('a'))).toEqual(before)
    await sessions.rebuild()
    expect(await sessions.get(ses('a'))).toEqual(before)
    expect(await log.append([said('a', '1')])).toEqual([])
    await log.append([said('a', '3')])
    expect(await sessions.get(ses('a'))).toMatchObject({ title: 'Refunds', lastLine: '3' })
  })

  test('[I6] a session that has ended and has no events left is forgotten; one that goes on is not', async () => {
    await using one = await open()
    const { log, sessions } = one.backend
    await log.append([started('over'), stamped('over', 'session.ended', { reason: 'exited' })])
    await log.append([started('idle')])
    one.clock.ms += 1000
    const head = await log.head()
    expect(await trimAll(log, { ...KEEP_ALL, beforeMs: one.clock.ms })).toBe(3)
    const left = await sessions.list()
    expect(left.sessions.map((session) => session.sessionId)).toEqual([ses('idle')])
    expect(left.cursor).toBe(head)
    const [again] = await log.append([started('over')])
    expect(again?.cursor).toBe(await log.head())
    expect(again?.cursor).not.toBe(head)
  })

  test('[I6] nothing goes while everything is within its limits', async () => {
    await using one = await open()
    const { log } = one.backend
    const start = await log.head()
    await log.append([started('a'), said('a', '1')])
    expect(await log.trim(KEEP_ALL)).toEqual({ removed: 0, more: false })
    expect((await log.read({ after: start, limit: 9 })).events).toHaveLength(2)
  })
}
