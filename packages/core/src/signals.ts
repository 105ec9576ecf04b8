import * as v from 'valibot'
import { BOUNDS, lineSchema } from './bounds.ts'
import { isoTimeSchema, sessionIdSchema, sourceIdSchema } from './ids.ts'
import { subagentSchema } from './tools.ts'

/**
 * What may be lost: no id, never stored, never moves a cursor. The latest of a kind for a session
 * (and subagent) stands for all before it. [SI-1] [I7]
 */
export const signalSchema = v.variant('type', [
  /** The reply so far, whole; an empty text takes it back. Gone when the next `message.agent` arrives. [SI-2] */
  v.object({
    type: v.literal('text.partial'),
    sessionId: sessionIdSchema,
    subagent: v.optional(subagentSchema),
    text: v.pipe(v.string(), v.maxLength(BOUNDS.message)),
  }),
  /** What goes on this second, in words: "Running tests". Empty when nothing does. */
  v.object({
    type: v.literal('activity'),
    sessionId: sessionIdSchema,
    subagent: v.optional(subagentSchema),
    text: lineSchema,
    since: v.optional(isoTimeSchema),
  }),
  /** Whether a source can be heard. */
  v.object({
    type: v.literal('source.health'),
    sourceId: sourceIdSchema,
    state: v.picklist(['ok', 'degraded', 'down']),
    text: lineSchema,
    /** Since when it has been in this state. */
    since: v.optional(isoTimeSchema),
  }),
])
export type Signal = v.InferOutput<typeof signalSchema>

/** Signals with the same key replace one another. */
export const signalKey = (signal: Signal): string =>
  signal.type === 'source.health'
    ? `${signal.type} ${signal.sourceId}`
    : `${signal.type} ${signal.sessionId} ${signal.subagent?.agentId ?? ''}`

export const parseSignal = (value: unknown): Signal | undefined => {
  const parsed = v.safeParse(signalSchema, value)
  return parsed.success ? parsed.output : undefined
}
