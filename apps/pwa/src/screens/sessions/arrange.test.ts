import type { Session } from '@bellhop/core'
import { expect, test } from 'vitest'
import { arrange, headline, holdOrder, lineOf, shapeOf, tally } from './arrange.ts'

const session = (id: string, fields: Partial<Session>): Session =>
  ({
    sessionId: id,
    waits: [],
    statusAt: '',
    lastOutcome: null,
    lastLine: null,
    ...fields,
  }) as unknown as Session
const waits = (askedAt: string) => [{ askedAt }] as unknown as Session['waits']
const ids = (part: readonly Session[]) => part.map((one) => one.sessionId)

const ALL = [
  session('w2', { status: 'waiting', waits: waits('2026-02') }),
  session('w1', { status: 'waiting', waits: waits('2026-01') }),
  session('k', { status: 'working', statusAt: '2026-03' }),
  session('f', { status: 'idle', lastOutcome: 'failed', statusAt: '2026-05' }),
  session('e1', { status: 'ended', statusAt: '2026-03' }),
  session('e2', { status: 'idle', statusAt: '2026-04' }),
]
const since = () => '2026-04'

test('who waits longest stands first; what changed since it was opened stands before the rest', () => {
  const list = arrange(ALL, since)
  expect(ids(list.waiting)).toEqual(['w1', 'w2'])
  expect(ids(list.working)).toEqual(['k'])
  expect(ids(list.fresh)).toEqual(['f'])
  expect(ids(list.earlier)).toEqual(['e2', 'e1'])
  expect(tally(list)).toBe('1 working, 1 failed')
})

test('while a finger is down the order stays: a row still tells the newest, a slip keeps what it asks', () => {
  const before = arrange(ALL, since)
  const after = arrange(
    ALL.map((one) =>
      one.sessionId === 'w1' || one.sessionId === 'k'
        ? { ...one, status: 'idle' as const, waits: [] }
        : one,
    ),
    since,
  )
  const held = holdOrder(before, after)
  expect(ids(held.waiting)).toEqual(['w1', 'w2'])
  expect(held.waiting[0]?.waits).toHaveLength(1)
  expect(held.working[0]?.status).toBe('idle')
})

test('the title is the answer, in the past tense when it may no longer be true', () => {
  expect([headline(3, true), headline(1, true), headline(0, true)]).toEqual([
    '3 need you',
    '1 needs you',
    'All quiet',
  ])
  expect(headline(3, false)).toBe('3 needed you')
})

test('a row says what went wrong, and what is going on before what was said last', () => {
  expect(
    lineOf(
      session('a', { status: 'idle', lastOutcome: 'failed', lastError: 'overloaded' }),
      undefined,
    ),
  ).toBe('Stopped: overloaded')
  expect(lineOf(session('a', { status: 'working', lastLine: 'ls' }), 'Running tests')).toBe(
    'Running tests',
  )
  expect(shapeOf(session('a', { status: 'ended' }))).toBe('ended')
  expect(shapeOf(session('a', { status: 'idle', lastOutcome: 'finished' }))).toBe('done')
})

test('a session whose machine is out of reach is not said to work', () => {
  const away = session('a', { status: 'working', offlineSince: '2026-05', statusAt: '2026-03' })
  const list = arrange([...ALL, away], since)
  expect(ids(list.working)).toEqual(['k'])
  expect(ids(list.earlier)).toContain('a')
})
