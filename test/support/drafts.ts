import { newEventId, type SessionId } from '@bellhop/core'
import type { StampedDraft } from '../../apps/relay/src/sessions/event-log.ts'

const AT = '2026-03-01T09:00:00.000Z'

/** A draft with an id, as ingest hands it to a log; its key is its id unless named. */
export const stamped = (
  session: string,
  type: StampedDraft['type'],
  fields: Record<string, unknown> = {},
): StampedDraft => {
  const eventId = newEventId()
  return {
    sessionId: `ses_${session}` as SessionId,
    at: AT,
    eventId,
    dedupeKey: eventId,
    type,
    ...fields,
  } as StampedDraft
}

export const started = (session: string, fields: Record<string, unknown> = {}): StampedDraft =>
  stamped(session, 'session.started', {
    dedupeKey: 'start',
    sourceId: 'scripted',
    machine: 'desk',
    ...fields,
  })

export const said = (session: string, text: string, fields: Record<string, unknown> = {}) =>
  stamped(session, 'message.agent', { messageId: text, text, dedupeKey: `say ${text}`, ...fields })
