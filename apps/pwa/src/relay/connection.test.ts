import { expect, test } from 'vitest'
import { connectionAt, type Line } from './connection.ts'

const line = (changes: Partial<Line>): Line => ({
  paired: true,
  stream: { state: 'live' },
  changedMs: 0,
  heardMs: 0,
  wasLive: true,
  online: true,
  ...changes,
})

test('a break of under three seconds is not shown', () => {
  const broken = line({ stream: { state: 'lost' }, changedMs: 1_000, heardMs: 900 })
  expect(connectionAt(broken, 3_900)).toEqual({ state: 'live' })
  expect(connectionAt(broken, 4_000)).toEqual({ state: 'stale', sinceMs: 900 })
})

test('opening from the cache is connecting first, and stale with its time after that', () => {
  const opening = line({ stream: { state: 'connecting' }, wasLive: false, heardMs: 500 })
  expect(connectionAt(opening, 2_999)).toEqual({ state: 'connecting' })
  expect(connectionAt(opening, 3_000)).toEqual({ state: 'stale', sinceMs: 500 })
})

test('no network is told apart from a silent relay', () => {
  const offline = line({ stream: { state: 'lost' }, online: false, wasLive: false })
  expect(connectionAt(offline, 10)).toEqual({ state: 'offline', sinceMs: 0 })
})

test('a phone the relay no longer knows is removed, whatever the network does', () => {
  const removed = line({ stream: { state: 'refused', code: 'device_removed' }, online: false })
  expect(connectionAt(removed, 10)).toEqual({ state: 'removed', code: 'device_removed' })
  expect(connectionAt(line({ paired: false }), 10)).toEqual({ state: 'unpaired' })
})
