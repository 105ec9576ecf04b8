import * as v from 'valibot'
import { reasonSchema } from '../bounds.ts'
import { isoTimeSchema, permissionIdSchema, sourceIdSchema } from '../ids.ts'
import { actorSchema, askSchema, PERMISSION_OUTCOMES } from '../permission.ts'
import { event } from './event.ts'

/** The agent asks. Open until a `permission.resolved` names the same id. [PE-1] */
export const permissionRequested = event('permission.requested', {
  permissionId: permissionIdSchema,
  ask: askSchema,
  /** The tool call it is about, where the source could tell. */
  toolCallId: v.optional(v.pipe(v.string(), v.maxLength(200))),
  /** When the source stops waiting for an answer from here; absent when it waits for ever. */
  expiresAt: v.optional(isoTimeSchema),
  /** The source that asks and takes the answer, where it is not the session’s own. */
  sourceId: v.optional(sourceIdSchema),
})

/** A permission is no longer open, and how that came. Exactly one per permission counts: the first. [PE-3] */
export const permissionResolved = event('permission.resolved', {
  permissionId: permissionIdSchema,
  outcome: v.picklist(PERMISSION_OUTCOMES),
  by: actorSchema,
  /** The words that went with it: a reason for no, what to change, what was answered. */
  text: v.optional(reasonSchema),
  /** True when the input or the plan was changed before it was let through. */
  edited: v.optional(v.boolean()),
  /** The standing rules taken along, in words. */
  rules: v.optional(v.pipe(v.array(reasonSchema), v.maxLength(50))),
})
