import { expect, test } from 'vitest'
import { createSkipCounter } from './skip-counter.ts'
import { readSocketFrame } from './socket-items.ts'

const read = (text: string) => readSocketFrame(text, createSkipCounter())
const hello = { type: 'control_request', request_id: 'r1', request: { subtype: 'initialize' } }

test('[A-84] a frame is one object, however it is set, or one a line', () => {
  expect(read('{\n"type": "assistant",\n"uuid": "u1"}').items).toHaveLength(1)
  const lines = '{"type":"assistant","uuid":"u1"}\r\n\n{"type":"assistant","uuid":"u2"}\n'
  expect(read(lines).items).toMatchObject([
    { kind: 'event', event: { eventId: 'u1' } },
    { kind: 'event', event: { eventId: 'u2' } },
  ])
})

test('[A-85] only the line’s own hello is answered, by its id', () => {
  expect(read(JSON.stringify(hello))).toEqual({
    items: [],
    replies: [
      {
        type: 'control_response',
        response: { subtype: 'success', request_id: 'r1', response: {} },
      },
    ],
  })
  for (const mark of [{ uuid: 'u' }, { created_at: '2026-11-21T08:00:00Z' }])
    expect(read(JSON.stringify({ ...hello, ...mark })).replies).toEqual([])
})

test('[A-84] what is not understood costs only itself, and is counted', () => {
  const skips = createSkipCounter()
  const { items } = readSocketFrame(
    'nonsense\n[1]\n{"type":"keep_alive"}\n{"type":"x","uuid":"u"}',
    skips,
  )
  expect(items.map(({ kind }) => kind)).toEqual(['skipped', 'skipped', 'event'])
  expect(skips.counts().get('event')).toBe(2)
})
