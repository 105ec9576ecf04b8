import type { SessionEvent } from '@bellhop/core'
import { expect, test } from 'vitest'
import {
  appendEvents,
  goesOn,
  joinNewest,
  newestOf,
  prependPage,
  trimOldest,
} from './event-window.ts'

const events = (...ids: number[]) =>
  ids.map((id) => ({ eventId: `evt_${id}`, cursor: `logx.${id}` }) as unknown as SessionEvent)
const ids = (window: { events: readonly SessionEvent[] }) =>
  window.events.map((event) => Number(event.eventId.slice(4)))

test('[I5] an event that comes twice is shown once', () => {
  const window = { events: events(1, 2), hasMore: false }
  expect(ids(appendEvents(window, events(2, 3)))).toEqual([1, 2, 3])
  expect(appendEvents(window, events(1, 2))).toBe(window)
})

test('kept events are continued by the newest page when the two overlap', () => {
  const kept = { events: events(1, 2, 3), hasMore: true }
  expect(ids(joinNewest(kept, { events: events(3, 4), hasMore: true }))).toEqual([1, 2, 3, 4])
})

test('kept events are given up when there may be a gap before the newest page', () => {
  const kept = { events: events(1, 2), hasMore: false }
  expect(joinNewest(kept, { events: events(5, 6), hasMore: true })).toEqual({
    events: events(5, 6),
    hasMore: true,
  })
})

test('an older page comes in front and says whether there is more', () => {
  const window = prependPage(
    { events: events(3, 4), hasMore: true },
    { events: events(1, 2, 3), hasMore: false },
  )
  expect(ids(window)).toEqual([1, 2, 3, 4])
  expect(window.hasMore).toBe(false)
})

test('[I6] a window over its limit gives up its older half and says there is more', () => {
  const window = trimOldest({ events: events(1, 2, 3, 4, 5), hasMore: false }, 4)
  expect(ids(window)).toEqual([4, 5])
  expect(window.hasMore).toBe(true)
})

const past = (...ids: number[]) =>
  ids.map((id) => ({ eventId: `evt_p${id}`, cursor: 'logx.0' }) as unknown as SessionEvent)

test('[ST-10] a page from the source comes in front and says where to read on', () => {
  const window = { events: events(1, 2), hasMore: false, past: 'a' }
  const after = prependPage(window, { events: past(1, 2), hasMore: false, past: 'b' })
  expect(after.events).toEqual([...past(1, 2), ...events(1, 2)])
  expect(goesOn(after) && after.past).toBe('b')
  expect(goesOn(prependPage(after, { events: [], hasMore: false }))).toBe(false)
})

test('[ST-10] what is kept ends where the log does, and says that there is more before it', () => {
  const window = { events: [...past(1, 2), ...events(1, 2)], hasMore: false }
  expect(newestOf(window, 10)).toEqual({ events: events(1, 2), hasMore: true })
  expect(newestOf({ events: events(1, 2), hasMore: false, past: 'a' }, 10).hasMore).toBe(true)
  expect(newestOf({ events: events(1, 2), hasMore: false }, 10).hasMore).toBe(false)
})
