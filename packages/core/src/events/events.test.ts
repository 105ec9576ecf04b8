import { expect, test } from 'vitest'
import { parseDraft, parseEvent } from './index.ts'

const envelope = {
  eventId: 'evt_1',
  cursor: 'loga.1',
  sessionId: 'ses_1',
  at: '2026-01-02T03:04:05.678Z',
}

test('[EV-4] a known event is read, and fields it does not name are left aside', () => {
  const event = parseEvent({ ...envelope, type: 'turn.ended', outcome: 'finished', later: 1 })
  expect(event).toEqual({ ...envelope, type: 'turn.ended', outcome: 'finished' })
})

test('[EV-4] [I8] an event of a kind not known is carried whole', () => {
  const raw = { ...envelope, type: 'turn.rewound', to: 3 }
  expect(parseEvent(raw)).toEqual({
    ...envelope,
    type: 'unknown',
    originalType: 'turn.rewound',
    raw,
  })
})

test('[EV-4] [I8] a known kind in a shape not known is carried whole too', () => {
  const raw = { ...envelope, type: 'turn.ended', outcome: 'vanished' }
  expect(parseEvent(raw)).toMatchObject({ type: 'unknown', originalType: 'turn.ended', raw })
})

test('[EV-4] a value without an envelope is nothing', () => {
  for (const value of [
    null,
    7,
    'x',
    [],
    {},
    { ...envelope, cursor: 'no' },
    { ...envelope, at: 'noon' },
  ]) {
    expect(parseEvent(value)).toBeUndefined()
  }
})

test('[EV-5] a draft that breaks a bound is refused with words, not thrown', () => {
  const draft = {
    sessionId: 'ses_1',
    at: envelope.at,
    dedupeKey: 'k',
    type: 'message.agent',
    messageId: 'm',
  }
  expect(parseDraft({ ...draft, text: 'ok' })).toMatchObject({ ok: true })
  expect(parseDraft({ ...draft, text: 'x'.repeat(200_001) })).toMatchObject({ ok: false })
  expect(parseDraft({ ...draft, type: 'nope' })).toEqual({ ok: false, issue: 'unknown event type' })
  expect(parseDraft(null)).toMatchObject({ ok: false })
})
