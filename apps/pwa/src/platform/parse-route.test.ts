import { expect, test } from 'vitest'
import { parseRoute, sessionPath } from './parse-route.ts'

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
