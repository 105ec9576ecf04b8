import * as v from 'valibot'
import { messageTextSchema } from '../bounds.ts'
import { command, fromSessionSchema } from './command.ts'
import { RULES } from './rules.ts'

/** Says something to the agent. Arrives as `message.person` that this command caused. */
export const promptCommand = command('prompt', RULES.prompt, {
  text: v.pipe(
    messageTextSchema,
    v.check((text) => text.trim() !== '', 'nothing to say'),
  ),
  fromSession: fromSessionSchema,
})
