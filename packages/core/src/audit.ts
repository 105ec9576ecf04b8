import * as v from 'valibot'
import { lineSchema } from './bounds.ts'
import type { CommandType } from './commands/index.ts'
import { receiptSchema } from './commands/receipt.ts'
import { commandIdSchema, isoTimeSchema, sessionIdSchema } from './ids.ts'
import { actorSchema } from './permission.ts'

/** One command as the audit log keeps it: who asked for what, when, and what came of it. [AL-1] */
export const auditEntrySchema = v.object({
  /** Counts up with each entry; pages are read by it. */
  number: v.pipe(v.number(), v.integer(), v.minValue(1)),
  at: isoTimeSchema,
  commandId: commandIdSchema,
  /** A command’s type, or `start` for a session that was started. */
  commandType: lineSchema,
  /** The session it was for; null for a start that came to nothing. */
  sessionId: v.nullable(sessionIdSchema),
  /** As it is called now; null when the relay no longer knows it. */
  sessionTitle: v.nullable(lineSchema),
  by: actorSchema,
  /** What exactly, in one line, with what looks like a secret covered; empty when the type says it all. */
  about: lineSchema,
  outcome: receiptSchema.entries.state,
  code: receiptSchema.entries.code,
  text: receiptSchema.entries.text,
  settledAt: v.optional(isoTimeSchema),
  /** Nothing was done yet: it waits for a person to allow it. [HC-1] */
  held: v.optional(v.literal(true)),
})
export type AuditEntry = v.InferOutput<typeof auditEntrySchema>

const WORDS: Record<CommandType | 'start', string> = {
  start: 'Start a session',
  prompt: 'Send a message',
  interrupt: 'Stop',
  decide_permission: 'Answer a permission',
  answer_question: 'Answer a question',
  decide_plan: 'Decide on a plan',
  set_model: 'Change the model',
  set_permission_mode: 'Change the permission mode',
  set_thinking: 'Change the thinking',
  rename: 'Rename',
  archive: 'Archive',
}

/** A command’s type as people say it; one not known here as it came. [I8] */
export const commandWords = (commandType: string): string =>
  Object.hasOwn(WORDS, commandType)
    ? WORDS[commandType as keyof typeof WORDS]
    : commandType.replaceAll('_', ' ')
