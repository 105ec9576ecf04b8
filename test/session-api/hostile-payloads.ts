import type { Fields } from './types.ts'

/** Rows of a log that are not what they should be; each must cost its reader that row and no more. */
export const malformedRows: readonly unknown[] = [
  null,
  7,
  'event',
  [],
  {},
  { event_id: 'x', sequence_num: 'first', payload: { type: 'user' } },
  { event_id: 5, event_type: 5, sequence_num: null, source: {}, payload: 'text' },
  { event_id: 'y', event_type: 'assistant', source: 'worker', payload: { type: 'assistant' } },
  {
    event_id: 'z',
    event_type: 'user',
    sequence_num: '9007199254740993',
    source: 'nobody',
    payload: { type: 'user', message: { role: 'user', content: { not: 'blocks' } } },
  },
]

/** Payloads nobody knows, or knows otherwise. */
export const strangePayloads: readonly Fields[] = [
  { type: 'tide_turned', level: 3 },
  { type: 'system', subtype: 'weather_changed', sky: 'grey' },
  { type: 'assistant', message: { id: 'm', role: 'assistant', content: [{ type: 'hologram' }] } },
  { type: 'assistant', message: { id: 'm', role: 'assistant', content: 'text, not blocks' } },
  { type: 'user', message: null },
  { type: 'control_request', request_id: 12, request: 'initialize' },
  { type: 'control_request', request_id: 'q', request: { subtype: 'juggle', balls: 3 } },
  { type: 'control_response', response: [] },
  { type: 'result', subtype: 'error_of_a_new_kind', usage: null },
]

/** Text with everything a terminal or a screen could be tricked with. */
export const hostileText =
  'nul:\u0000 bell:\u0007 ansi:\u001b[2J\u001b[31mred\u001b]0;title\u0007 bidi:\u202egnp.exe\u202c zero:\u200b\u2066end'
