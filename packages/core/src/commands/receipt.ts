import * as v from 'valibot'
import { commandIdSchema } from '../ids.ts'

/**
 * How far a command got. `pending`: taken by the relay, the source has not said yet. `unconfirmed`:
 * handed on, and the session has not said in time whether it took it. [CM-5]
 */
export const receiptSchema = v.object({
  commandId: commandIdSchema,
  state: v.picklist(['pending', 'done', 'refused', 'unconfirmed']),
  code: v.optional(v.pipe(v.string(), v.maxLength(60))),
  text: v.optional(v.pipe(v.string(), v.maxLength(8_000))),
})
export type Receipt = v.InferOutput<typeof receiptSchema>
