import * as v from 'valibot'
import { lineSchema } from '../bounds.ts'
import { commandIdSchema, isoTimeSchema, sessionIdSchema } from '../ids.ts'
import type { CommandRule } from './rules.ts'

/** The session an agent that sends this runs in, as that session’s own program calls it. [MC-7] */
export const fromSessionSchema = v.optional(v.pipe(lineSchema, v.minLength(1), v.maxLength(200)))

/** What every command carries. */
const commandEntries = {
  commandId: commandIdSchema,
  sessionId: sessionIdSchema,
  /** After this moment it is refused rather than done; absent means no limit. [CM-3] */
  expiresAt: v.optional(isoTimeSchema),
}

/** Defines one command: its schema, the scopes its sender needs, and what the session must be able to do. */
export const command = <const Type extends string, Entries extends v.ObjectEntries>(
  type: Type,
  rule: CommandRule,
  entries: Entries,
) => ({ type, ...rule, schema: v.object({ ...commandEntries, type: v.literal(type), ...entries }) })
