import { expect, test } from 'vitest'
import { check } from './check.ts'
import { ENDPOINTS } from './endpoints.ts'
import { parseEvent } from './events/index.ts'
import { PROTOCOL_VERSION } from './version.ts'

test('[VE-1] a reader of version 1 reads what a later relay adds, so adding it does not raise the version', () => {
  expect(PROTOCOL_VERSION).toBe(1)
  const health = { ok: true, instanceId: 'i', version: '9.0.0', protocol: 1, mood: 'good' }
  expect(check(ENDPOINTS.health.response, health)).toMatchObject({ ok: true })
  const envelope = {
    eventId: 'evt_1',
    cursor: 'loga.1',
    sessionId: 'ses_1',
    at: '2026-01-01T00:00:00Z',
  }
  expect(
    parseEvent({ ...envelope, type: 'turn.ended', outcome: 'finished', cost: 3 }),
  ).toMatchObject({
    type: 'turn.ended',
  })
  expect(parseEvent({ ...envelope, type: 'turn.rewound' })).toMatchObject({ type: 'unknown' })
})
