import type { CloudEvent, Delivery, Fields } from '../cloud-api.ts'
import { asFields } from './answer.ts'
import { fieldsOf, present, sequenceOf, textOf, timeOf } from './read-fields.ts'

/** Who wrote an event; anything else is left open. */
const sourceOf = (value: unknown): CloudEvent['source'] =>
  value === 'worker' || value === 'client' ? value : 'unknown'

/** Deeper than anything that is meant to be read; what writes JSON anew would run out of room. [I6] */
const MOST_LEVELS = 200

const isTooDeep = (value: unknown, levels = MOST_LEVELS): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((one) => isTooDeep(one, levels - 1)))

/** A payload that says what it is, by itself or by its envelope. */
const payloadOf = (payload: unknown, eventType: unknown): Fields | undefined => {
  const fields = fieldsOf(payload)
  if (!fields || isTooDeep(fields)) return undefined
  if (typeof fields.type === 'string') return fields
  const type = textOf(eventType)
  return type === undefined ? undefined : { ...fields, type }
}

/**
 * Reads a stored event in its envelope. Undefined when it has no number or nothing in it: such a row
 * costs only itself.
 */
export const readEvent = (value: unknown, frameId?: string): CloudEvent | undefined => {
  const envelope = asFields(value)
  if (!envelope) return undefined
  const sequence = sequenceOf(envelope.sequence_num) ?? sequenceOf(frameId)
  const payload = payloadOf(envelope.payload, envelope.event_type)
  if (sequence === undefined || sequence < 1 || !payload) return undefined
  return {
    sequence,
    eventId: textOf(envelope.event_id) ?? textOf(payload.uuid) ?? `sequence:${sequence}`,
    source: sourceOf(envelope.source),
    payload,
    ...present({ createdAtMs: timeOf(envelope.created_at), delivered: deliveredOf(envelope) }),
  }
}

/** How far it got, by the last moment that is noted beside it. */
const deliveredOf = (envelope: Fields): CloudEvent['delivered'] =>
  (['processed', 'processing', 'received'] as const).find(
    (stage) => timeOf(envelope[`${stage}_at`]) !== undefined,
  )

/** What tells a bare event from another: its uuid, or what it is about. */
const bareIdOf = (event: Fields): string | undefined => {
  const own = textOf(event.uuid) ?? textOf(event.event_id) ?? textOf(event.id)
  if (own !== undefined) return own
  const about = textOf(event.request_id) ?? textOf(fieldsOf(event.response)?.request_id)
  return about === undefined ? undefined : `${event.type}:${about}`
}

/** Reads an event of the older family, which is a payload without an envelope. */
export const readBareEvent = (value: unknown): CloudEvent | undefined => {
  const event = asFields(value)
  if (!event || typeof event.type !== 'string' || isTooDeep(event)) return undefined
  const eventId = bareIdOf(event)
  if (eventId === undefined) return undefined
  return {
    eventId,
    source: sourceOf(event.source),
    payload: event,
    ...present({ createdAtMs: timeOf(event.created_at) ?? timeOf(event.timestamp) }),
  }
}

/** Reads what a stream shows once and never again. */
export const readEphemeral = (value: unknown): Fields | undefined => {
  const fields = asFields(value)
  return payloadOf(fields?.payload, fields?.event_type)
}

/** Reads how far an event got. */
export const readDelivery = (value: unknown): Delivery | undefined => {
  const fields = asFields(value)
  const eventId = textOf(fields?.event_id)
  const status = textOf(fields?.status)
  if (eventId === undefined || status === undefined) return undefined
  return { eventId, status: status.replace(/^DELIVERY_STATUS_/i, '').toLowerCase() }
}
