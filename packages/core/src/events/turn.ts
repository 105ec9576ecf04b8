import * as v from 'valibot'
import { reasonSchema } from '../bounds.ts'
import { event } from './event.ts'

/** The agent began to work. */
export const turnStarted = event('turn.started', {})

/** The agent stopped working and it is the person's move. */
export const turnEnded = event('turn.ended', {
  outcome: v.picklist(['finished', 'failed', 'interrupted']),
  /** Why it failed, in words; absent otherwise. */
  error: v.optional(reasonSchema),
  durationMs: v.optional(v.number()),
})
