import * as v from 'valibot'
import { lineSchema, messageTextSchema } from '../bounds.ts'
import { command } from './command.ts'
import { RULES } from './rules.ts'

/** The session an agent that sends this runs in, as that session’s own program calls it. [MC-7] */
const fromSessionSchema = v.optional(v.pipe(lineSchema, v.minLength(1), v.maxLength(200)))

/** Says something to the agent. Arrives as `message.person` that this command caused. */
export const promptCommand = command('prompt', RULES.prompt, {
  text: v.pipe(
    messageTextSchema,
    v.check((text) => text.trim() !== '', 'nothing to say'),
  ),
  fromSession: fromSessionSchema,
})
