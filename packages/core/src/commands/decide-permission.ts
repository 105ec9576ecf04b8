import * as v from 'valibot'
import { jsonObjectSchema, lineSchema, reasonSchema } from '../bounds.ts'
import { permissionIdSchema } from '../ids.ts'
import { command, fromSessionSchema } from './command.ts'
import { RULES } from './rules.ts'

/** Names the permission and proves what its sender saw. [PE-2] [I11] */
export const answerEntries = {
  permissionId: permissionIdSchema,
  /** `shownHash(ask)` of the ask that was on the screen. */
  shownHash: v.pipe(v.string(), v.maxLength(100)),
  fromSession: fromSessionSchema,
}

/** Lets one tool call run, as asked or changed, or does not. */
export const decidePermissionCommand = command('decide_permission', RULES.decide_permission, {
  ...answerEntries,
  decision: v.variant('behavior', [
    v.object({
      behavior: v.literal('allow'),
      /** The whole input to run instead of the one asked for. Needs `edit_input`. */
      input: v.optional(jsonObjectSchema),
      /** Suggestions to take along as standing rules. Needs `always_allow`. */
      suggestionIds: v.optional(v.pipe(v.array(lineSchema), v.maxLength(50))),
    }),
    v.object({
      behavior: v.literal('deny'),
      /** What the agent is told. */
      reason: v.optional(reasonSchema),
      /** True also stops the turn. */
      interrupt: v.optional(v.boolean()),
    }),
  ]),
})
