import * as v from 'valibot'
import { BOUNDS, lineSchema, messageTextSchema } from '../bounds.ts'
import { event } from './event.ts'

const messageIdSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(200))

/** Words said to the agent. `from` tells whose they are. */
export const messagePerson = event('message.person', {
  messageId: messageIdSchema,
  text: messageTextSchema,
  /** `person`: the session's owner, typed or sent; `peer`: arrived as another session's message. */
  from: v.picklist(['person', 'peer']),
  /** The device it was sent from, by name; absent when typed at the terminal. */
  deviceName: v.optional(lineSchema),
})

/** Words of the agent, in Markdown. Replaces any partial text of the same session. [SI-2] */
export const messageAgent = event('message.agent', {
  messageId: messageIdSchema,
  text: messageTextSchema,
})

/** What the agent thought before it spoke. */
export const messageThinking = event('message.thinking', {
  messageId: messageIdSchema,
  text: messageTextSchema,
})

/** A remark of neither: a compaction, a slash command’s output, a warning. */
export const messageNote = event('message.note', {
  text: v.pipe(v.string(), v.maxLength(BOUNDS.output)),
  tone: v.picklist(['plain', 'warning']),
})
