import * as v from 'valibot'
import { parseEvent, type SessionEvent, wireEvent } from './events/index.ts'
import { cursorSchema, isoTimeSchema, sessionIdSchema } from './ids.ts'
import { parseSignal, type Signal } from './signals.ts'

/** The relay says something at least this often, so that silence means the line is dead. [ST-6] */
export const TICK_INTERVAL_MS = 15_000
/** After this long without a byte a reader treats the line as dead. [ST-6] */
export const SILENCE_LIMIT_MS = 35_000

/** What a reader asks for. */
export const streamRequestSchema = v.object({
  /** The last place folded in; absent means from now on. */
  after: v.optional(cursorSchema),
  /** Only these sessions; absent means all. */
  sessions: v.optional(v.pipe(v.array(sessionIdSchema), v.maxLength(500))),
  /** For polls: false answers at once even when there is nothing to tell. */
  hold: v.optional(v.boolean()),
})
export type StreamRequest = v.InferOutput<typeof streamRequestSchema>

const helloSchema = v.object({
  frame: v.literal('hello'),
  /** `resume`: every event after the cursor follows. `reset`: the cursor is of no use; take a fresh snapshot. [ST-3] */
  verdict: v.picklist(['resume', 'reset']),
  cursor: cursorSchema,
  /** Changes with each start of the relay. */
  instanceId: v.string(),
  now: isoTimeSchema,
})
const caughtUpSchema = v.object({ frame: v.literal('caught_up'), cursor: cursorSchema })
const tickSchema = v.object({ frame: v.literal('tick'), now: isoTimeSchema })
/** The relay ends the stream and says why: a code from the error table, or `renew` when the token ran out. */
const byeSchema = v.object({ frame: v.literal('bye'), code: v.string() })

/**
 * One thing on the stream. Order: `hello`, the missed `event`s, `caught_up`, then `event`s and
 * `signal`s as they come. [ST-2]
 */
export type StreamFrame =
  | v.InferOutput<typeof helloSchema>
  | { frame: 'event'; event: SessionEvent }
  | v.InferOutput<typeof caughtUpSchema>
  | { frame: 'signal'; signal: Signal }
  | v.InferOutput<typeof tickSchema>
  | v.InferOutput<typeof byeSchema>

/** A frame as server-sent event fields. `id` stands on events alone, because only they move a cursor. [ST-4] */
export const encodeFrame = (frame: StreamFrame): string => {
  if (frame.frame === 'event') {
    return `id: ${frame.event.cursor}\nevent: event\ndata: ${JSON.stringify(wireEvent(frame.event))}\n\n`
  }
  const { frame: name, ...data } = frame
  return `event: ${name}\ndata: ${JSON.stringify('signal' in data ? data.signal : data)}\n\n`
}

/** Reads one server-sent event; undefined for a frame this reader does not know, which it skips. [ST-5] */
export const decodeFrame = (name: string, data: string): StreamFrame | undefined => {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    return undefined
  }
  if (name === 'event') {
    const event = parseEvent(value)
    return event && { frame: 'event', event }
  }
  if (name === 'signal') {
    const signal = parseSignal(value)
    return signal && { frame: 'signal', signal }
  }
  const schema = {
    hello: helloSchema,
    caught_up: caughtUpSchema,
    tick: tickSchema,
    bye: byeSchema,
  }[name]
  if (schema === undefined) return undefined
  const parsed = v.safeParse(schema, { ...(value as object), frame: name })
  return parsed.success ? parsed.output : undefined
}

/** A page of frames for lines that hold a stream back: the same frames in the same order. [ST-7] */
export const pollAnswerSchema = v.object({
  frames: v.array(v.object({ name: v.string(), data: v.string() })),
})
