import * as v from 'valibot'
import { BOUNDS, lineSchema, reasonSchema } from '../bounds.ts'
import { command } from './command.ts'
import { answerEntries } from './decide-permission.ts'
import { RULES } from './rules.ts'

/** Approves a plan, as written or changed, or sends it back. */
export const decidePlanCommand = command('decide_plan', RULES.decide_plan, {
  ...answerEntries,
  decision: v.variant('behavior', [
    v.object({
      behavior: v.literal('approve'),
      /** The changed plan; absent when it is approved as written. */
      plan: v.optional(v.pipe(v.string(), v.maxLength(BOUNDS.plan))),
      /** One of the ask's modes; absent means the first. */
      mode: v.optional(lineSchema),
    }),
    v.object({ behavior: v.literal('reject'), reason: v.optional(reasonSchema) }),
  ]),
})
