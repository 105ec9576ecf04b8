import * as v from 'valibot'
import { cursorSchema, eventIdSchema, isoTimeSchema, sessionIdSchema } from '../ids.ts'
import { commandProgressed, commandSettled, sourceNote } from './command.ts'
import {
  sessionChanged,
  sessionEnded,
  sessionFollowed,
  sessionJoined,
  sessionResumed,
  sessionRoad,
  sessionStarted,
} from './lifecycle.ts'
import { messageAgent, messageNote, messagePerson, messageThinking } from './message.ts'
import { permissionRequested, permissionResolved } from './permission.ts'
import { tasksChanged, toolEnded, toolStarted } from './tool.ts'
import { turnEnded, turnStarted } from './turn.ts'

/** Every kind of event, by its type on the wire. */
export const EVENTS = {
  'session.started': sessionStarted,
  'session.changed': sessionChanged,
  'session.resumed': sessionResumed,
  'session.ended': sessionEnded,
  'session.joined': sessionJoined,
  'session.followed': sessionFollowed,
  'session.road': sessionRoad,
  'turn.started': turnStarted,
  'turn.ended': turnEnded,
  'message.person': messagePerson,
  'message.agent': messageAgent,
  'message.thinking': messageThinking,
  'message.note': messageNote,
  'tool.started': toolStarted,
  'tool.ended': toolEnded,
  'tasks.changed': tasksChanged,
  'permission.requested': permissionRequested,
  'permission.resolved': permissionResolved,
  'command.progressed': commandProgressed,
  'command.settled': commandSettled,
  'source.note': sourceNote,
} as const

type Events = typeof EVENTS
export type EventType = keyof Events
export type KnownEvent = { [Type in EventType]: v.InferOutput<Events[Type]['stored']> }[EventType]
/** An event as a source hands it in; the relay adds `eventId` and `cursor`. */
export type EventDraft = { [Type in EventType]: v.InferOutput<Events[Type]['draft']> }[EventType]
export type EventOf<Type extends EventType> = Extract<KnownEvent, { type: Type }>

/** An event this reader does not know, carried whole so that it can be shown plainly. [EV-4] [I8] */
export type UnknownEvent = {
  eventId: KnownEvent['eventId']
  cursor: KnownEvent['cursor']
  sessionId: KnownEvent['sessionId']
  at: string
  type: 'unknown'
  originalType: string
  raw: unknown
}

export type SessionEvent = KnownEvent | UnknownEvent

const envelopeSchema = v.object({
  eventId: eventIdSchema,
  cursor: cursorSchema,
  sessionId: sessionIdSchema,
  at: isoTimeSchema,
  type: v.pipe(v.string(), v.maxLength(100)),
})

const isKnown = (type: string): type is EventType => Object.hasOwn(EVENTS, type)

/**
 * Reads one stored event. A kind or shape this reader does not know becomes an `UnknownEvent`;
 * only a value without a readable envelope gives `undefined`. [EV-4]
 */
export const parseEvent = (value: unknown): SessionEvent | undefined => {
  const envelope = v.safeParse(envelopeSchema, value)
  if (!envelope.success) return undefined
  const { type, ...rest } = envelope.output
  if (isKnown(type)) {
    const known = v.safeParse(EVENTS[type].stored, value)
    if (known.success) return known.output as KnownEvent
  }
  return { ...rest, type: 'unknown', originalType: type, raw: value }
}

/** An event as it goes over the wire: what was not known here goes on as it came. [EV-4] */
export const wireEvent = (event: SessionEvent): unknown =>
  event.type === 'unknown' ? event.raw : event

/** Checks a source's draft; answers what is wrong with it in words, or the draft with nothing extra. */
export const parseDraft = (
  value: unknown,
): { ok: true; draft: EventDraft } | { ok: false; issue: string } => {
  const type = (value as { type?: unknown } | null)?.type
  if (typeof type !== 'string' || !isKnown(type)) return { ok: false, issue: 'unknown event type' }
  const parsed = v.safeParse(EVENTS[type].draft, value)
  if (parsed.success) return { ok: true, draft: parsed.output as EventDraft }
  return { ok: false, issue: v.summarize(parsed.issues) }
}
