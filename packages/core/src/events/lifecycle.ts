import * as v from 'valibot'
import { lineSchema, pathSchema, reasonSchema } from '../bounds.ts'
import { capabilitiesSchema } from '../capabilities.ts'
import { sourceIdSchema } from '../ids.ts'
import { event } from './event.ts'

/** Facts about a session that may change while it runs; a field that is absent did not change. */
const facts = {
  title: v.optional(lineSchema),
  cwd: v.optional(pathSchema),
  /** The folder's name as people say it. */
  project: v.optional(lineSchema),
  branch: v.optional(v.nullable(lineSchema)),
  model: v.optional(lineSchema),
  permissionMode: v.optional(lineSchema),
  capabilities: v.optional(capabilitiesSchema),
}

/** A session exists. The first event of every session. */
export const sessionStarted = event('session.started', {
  sourceId: sourceIdSchema,
  machine: lineSchema,
  ...facts,
})

/** Something about a session changed. */
export const sessionChanged = event('session.changed', facts)

/** The session is over; `reason` is one of few words, `text` says more to people. */
export const sessionEnded = event('session.ended', {
  reason: v.picklist(['exited', 'cleared', 'died', 'stopped']),
  text: v.optional(reasonSchema),
})

/** A session that had ended goes on. */
export const sessionResumed = event('session.resumed', facts)
