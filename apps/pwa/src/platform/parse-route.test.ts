import { expect, test } from 'vitest'
import { foundPath, parseRoute, searchPath, sessionPath } from './parse-route.ts'

test('a fragment names a session, and an ask in it', () => {
  expect(parseRoute('#/s/ses_a')).toEqual({ at: 'session', sessionId: 'ses_a' })
  expect(parseRoute(sessionPath('ses_a', 'per_b'))).toEqual({
    at: 'session',
    sessionId: 'ses_a',
    permissionId: 'per_b',
  })
})

test('every screen has its place', () => {
  expect(parseRoute('#/start')).toEqual({ at: 'start' })
  expect(parseRoute('#/settings/sources')).toEqual({ at: 'sources' })
  expect(parseRoute('#/settings/done')).toEqual({ at: 'done' })
})

test('a pairing address is told apart from the pairing screens', () => {
  expect(parseRoute('#/p/1/token/key')).toEqual({ at: 'pair-link' })
  expect(parseRoute('#/pair/code')).toEqual({ at: 'pair-code' })
})

test('what is not known leads to the list', () => {
  for (const hash of ['', '#', '#/', '#/nothing/here', '#/plain', '#/s/'])
    expect(parseRoute(hash)).toEqual({ at: 'sessions' })
})

test('a fragment names what is searched, and a place that was found', () => {
  expect(parseRoute(searchPath())).toEqual({ at: 'search' })
  expect(parseRoute(searchPath('ses_a'))).toEqual({ at: 'search', sessionId: 'ses_a' })
  const found = { eventId: 'evt_-b_', sessionId: 'ses_c', atMs: 1_700_000_000_000 }
  expect(parseRoute(foundPath('ses_a', found))).toEqual({
    at: 'session',
    sessionId: 'ses_a',
    found,
  })
})
