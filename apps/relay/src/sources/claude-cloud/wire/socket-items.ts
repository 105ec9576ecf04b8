import type { Fields, SkipCounter, StreamItem } from '../cloud-api.ts'
import { asFields, parseJson } from './answer.ts'
import { readBareEvent } from './read-event.ts'
import { fieldsOf, textOf } from './read-fields.ts'

/** What a frame of the WebSocket tells, and what it wants answered. */
export type SocketReading = { items: StreamItem[]; replies: Fields[] }

/** The objects of a frame: one, or one a line. */
const objectsIn = (text: string): unknown[] => {
  const whole = parseJson(text)
  if (whole !== undefined) return [whole]
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(parseJson)
}

/**
 * Whether the line itself asks us to say hello. One with a uuid or a time was posted by some other
 * client, and is none of our business.
 */
const asksHello = (event: Fields): boolean =>
  event.type === 'control_request' &&
  fieldsOf(event.request)?.subtype === 'initialize' &&
  event.uuid === undefined &&
  event.created_at === undefined

const hello = (requestId: string): Fields => ({
  type: 'control_response',
  response: { subtype: 'success', request_id: requestId, response: {} },
})

/** Reads a frame; what is not understood costs only itself. */
export const readSocketFrame = (text: string, skips: SkipCounter): SocketReading => {
  const reading: SocketReading = { items: [], replies: [] }
  for (const value of objectsIn(text)) {
    const event = asFields(value)
    if (event?.type === 'keep_alive') continue
    const requestId = textOf(event?.request_id)
    if (event && requestId !== undefined && asksHello(event)) {
      reading.replies.push(hello(requestId))
      continue
    }
    if (event?.type === 'stream_event') {
      reading.items.push({ kind: 'ephemeral', payload: event })
      continue
    }
    const read = readBareEvent(event)
    if (read) {
      reading.items.push({ kind: 'event', event: read })
      continue
    }
    skips.skip('event')
    reading.items.push({ kind: 'skipped' })
  }
  return reading
}
