import type { Session } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createMessageGuard } from './message-guard.ts'

const session = (fields: Partial<Record<'sessionId' | 'runKey' | 'joinedTo', string>>) =>
  ({ sessionId: 'ses_other', ...fields }) as Session

test('[MC-7] the session an agent runs in is known by its id, its run and what it is shown as', () => {
  const guard = createMessageGuard({ ownSession: 'abc', messagesPerMinute: 1 })
  for (const own of [{ sessionId: 'ses_abc' }, { runKey: 'abc' }, { joinedTo: 'ses_abc' }]) {
    expect(() => guard.checkTarget(session(own))).toThrow('session you run in')
  }
  guard.checkTarget(session({}))
  const nowhere = createMessageGuard({ ownSession: undefined, messagesPerMinute: 1 })
  nowhere.checkTarget(session({}))
})

test('[MC-7] messages beyond so many a minute are refused until the minute is over', () => {
  let now = 0
  const guard = createMessageGuard({
    ownSession: undefined,
    messagesPerMinute: 2,
    nowMs: () => now,
  })
  guard.take()
  now = 30_000
  guard.take()
  expect(() => guard.take()).toThrow('More than 2 messages a minute')
  now = 60_000
  guard.take()
  expect(() => guard.take()).toThrow('More than 2')
})
