import * as v from 'valibot'
import { reasonSchema } from '../bounds.ts'
import { command } from './command.ts'
import { answerEntries } from './decide-permission.ts'
import { RULES } from './rules.ts'

/** Answers all questions of one ask, or says to talk first. */
export const answerQuestionCommand = command('answer_question', RULES.answer_question, {
  ...answerEntries,
  answer: v.variant('kind', [
    v.object({
      kind: v.literal('answers'),
      /** One entry per question, in their order. */
      answers: v.pipe(
        v.array(
          v.object({
            question: reasonSchema,
            /** Labels of the chosen ones. */
            choices: v.pipe(v.array(reasonSchema), v.maxLength(50)),
            /** The person's own words beside or instead of a choice. */
            text: v.optional(reasonSchema),
          }),
        ),
        v.minLength(1),
        v.maxLength(20),
      ),
    }),
    /** None is answered; the agent is told the person would rather talk. */
    v.object({ kind: v.literal('talk'), text: v.optional(reasonSchema) }),
  ]),
})
