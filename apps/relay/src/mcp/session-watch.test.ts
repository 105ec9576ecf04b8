import { parseEvent, type SessionEvent, type SessionId, wireEvent } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { Follower } from './follower.ts'
import type { RelayLink } from './relay-link.ts'
import { openSessionWatch } from './session-watch.ts'

const sessionId = 'ses_1' as SessionId
const events = ['one', 'two', 'three', 'four'].map((text, at) => {
  const envelope = { eventId: `evt_${at}`, cursor: `loga.${at}`, sessionId }
  const said = { type: 'message.agent', messageId: text, text }
  return parseEvent({ ...envelope, at: '2026-01-02T03:04:05.678Z', ...said }) as SessionEvent
})

test('[MC-4] what the line tells and what is read of the log are told once each, in order', async () => {
  // The line is open first, so it tells what is read after that as well.
  const read = events.slice(0, 3)
  const page = { events: read.map(wireEvent), hasMore: false, session: { sessionId, waits: [] } }
  const call = async () => ({ ...page, cursor: read.at(-1)?.cursor })
  const link = { call, follow: async () => ({}) } as unknown as RelayLink
  const follower: Follower = {
    listen: async ({ onEvent }) => {
      for (const event of events.slice(1)) onEvent(event)
      return { [Symbol.dispose]: () => {} }
    },
    [Symbol.dispose]: () => {},
  }
  const control = new AbortController()
  const [first] = events
  const after = first?.cursor
  const { signal } = control
  using watch = await openSessionWatch({ link, follower }, { sessionId, after, signal })
  const told: string[] = []
  for await (const event of watch.events()) {
    told.push(event.cursor)
    if (event.cursor === 'loga.3') control.abort()
  }
  expect(told).toEqual(['loga.1', 'loga.2', 'loga.3'])
  expect(watch.cursor).toBe('loga.3')
})
