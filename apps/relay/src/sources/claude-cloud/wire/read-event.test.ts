import { expect, test } from 'vitest'
import { readBareEvent, readDelivery, readEphemeral, readEvent } from './read-event.ts'

test('[A-27] a number comes as text or as a number, or only as the id of its frame', () => {
  const event = { event_id: 'e', payload: { type: 'user' }, source: 'worker' }
  expect(readEvent({ ...event, sequence_num: '12' })?.sequence).toBe(12)
  expect(readEvent({ ...event, sequence_num: 12 })?.sequence).toBe(12)
  expect(readEvent(event, '12')?.sequence).toBe(12)
  for (const odd of [undefined, '', 'x', '1.5', 0, -1, {}])
    expect(readEvent({ ...event, sequence_num: odd })).toBeUndefined()
})

test('[A-27] a payload that does not say what it is is told by its envelope', () => {
  const event = { sequence_num: 1, event_type: 'user', payload: { message: {} } }
  expect(readEvent(event)).toMatchObject({ payload: { type: 'user', message: {} } })
  expect(readEvent({ ...event, event_type: 7 })).toBeUndefined()
  expect(readEvent({ ...event, payload: '{"type":"result"}' })).toMatchObject({
    payload: { type: 'result' },
  })
})

test('[A-29] [A-43] an event goes by its id, else by the uuid in it, else by its number', () => {
  expect(
    readEvent({ sequence_num: 1, event_id: 'e', payload: { type: 'x', uuid: 'u' } })?.eventId,
  ).toBe('e')
  expect(readEvent({ sequence_num: 1, payload: { type: 'x', uuid: 'u' } })?.eventId).toBe('u')
  expect(readEvent({ sequence_num: 1, payload: { type: 'x' } })?.eventId).toBe('sequence:1')
  expect(readEvent({ sequence_num: 1, source: 'moon', payload: { type: 'x' } })?.source).toBe(
    'unknown',
  )
})

test('[A-49] how far an event got is told by the last moment beside it', () => {
  const at = '2026-11-21T08:00:00.000000Z'
  const event = { sequence_num: 1, payload: { type: 'user' } }
  expect(readEvent(event)).not.toHaveProperty('delivered')
  expect(readEvent({ ...event, received_at: at })?.delivered).toBe('received')
  expect(readEvent({ ...event, received_at: at, processing_at: at })?.delivered).toBe('processing')
  const processed = { received_at: at, processing_at: null, processed_at: at }
  expect(readEvent({ ...event, ...processed })?.delivered).toBe('processed')
  expect(readEvent({ ...event, received_at: 7 })).not.toHaveProperty('delivered')
})

test('[A-81] a bare event goes by its uuid, or by the request it is about', () => {
  expect(
    readBareEvent({ type: 'assistant', uuid: 'u', created_at: '2026-11-21T08:00:00Z' }),
  ).toEqual({
    eventId: 'u',
    source: 'unknown',
    payload: { type: 'assistant', uuid: 'u', created_at: '2026-11-21T08:00:00Z' },
    createdAtMs: Date.parse('2026-11-21T08:00:00Z'),
  })
  expect(readBareEvent({ type: 'control_cancel_request', request_id: 'r' })?.eventId).toBe(
    'control_cancel_request:r',
  )
  expect(readBareEvent({ type: 'control_response', response: { request_id: 'r' } })?.eventId).toBe(
    'control_response:r',
  )
  for (const odd of [null, 'x', {}, { type: 'assistant' }, { uuid: 'u' }])
    expect(readBareEvent(odd)).toBeUndefined()
})

test('[A-34] [A-48] what streams tell beside events is read the same way', () => {
  expect(readEphemeral({ event_type: 'stream_event', payload: { event: {} } })).toEqual({
    type: 'stream_event',
    event: {},
  })
  expect(readEphemeral({ payload: 7 })).toBeUndefined()
  expect(readDelivery({ event_id: 'e', status: 'DELIVERY_STATUS_PROCESSED' })).toEqual({
    eventId: 'e',
    status: 'processed',
  })
  expect(readDelivery({ event_id: 'e', status: 'NEW_ONE' })?.status).toBe('new_one')
  expect(readDelivery({ status: 'x' })).toBeUndefined()
})

test('[I6] [A-19] an event nested deeper than anything can be written anew costs only itself', () => {
  const deep = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`)
  const event = (levels: number) => ({
    sequence_num: '7',
    payload: { type: 'assistant', input: deep(levels) },
  })
  expect(readEvent(event(150))).toMatchObject({ sequence: 7 })
  expect(readEvent(event(20_000))).toBeUndefined()
  expect(readBareEvent({ uuid: 'u', ...event(20_000).payload })).toBeUndefined()
  expect(readEphemeral(event(20_000))).toBeUndefined()
})

test('[A-27] a moment that no calendar of four digits has is none', () => {
  for (const created_at of ['+200000-01-01T00:00:00Z', '-000001-01-01T00:00:00Z'])
    expect(
      readEvent({ sequence_num: '7', created_at, payload: { type: 'user' } })?.createdAtMs,
    ).toBeUndefined()
})
