import * as v from 'valibot'
import { lineSchema } from './bounds.ts'

const choice = v.object({ value: lineSchema, words: lineSchema })
const choiceList = v.pipe(v.array(choice), v.maxLength(40))

/** What a session's settings can be set to, each value with the words people know it by. */
export const choicesSchema = v.object({
  models: v.optional(choiceList),
  permissionModes: v.optional(choiceList),
  /** Thinking budgets in tokens as decimal text; `0` is none. */
  thinking: v.optional(choiceList),
})
export type Choices = v.InferOutput<typeof choicesSchema>
