import * as v from 'valibot'
import { messageTextSchema } from '../bounds.ts'
import { command } from './command.ts'

/** Says something to the agent. Arrives as `message.person` that this command caused. */
export const promptCommand = command(
  'prompt',
  { scope: 'drive', anyOf: ['prompt', 'prompt_as_peer'] },
  {
    text: v.pipe(
      messageTextSchema,
      v.check((text) => text.trim() !== '', 'nothing to say'),
    ),
  },
)
