import * as v from 'valibot'
import type { Capability } from '../capabilities.ts'
import { commandIdSchema, isoTimeSchema, sessionIdSchema } from '../ids.ts'
import type { Scope } from '../scopes.ts'

/** What every command carries. */
const commandEntries = {
  commandId: commandIdSchema,
  sessionId: sessionIdSchema,
  /** After this moment it is refused rather than done; absent means no limit. [CM-3] */
  expiresAt: v.optional(isoTimeSchema),
}

/** Who may ask for a command, and of which session. */
export type CommandRule = {
  readonly scope: Scope
  /** A second scope its sender has to hold. */
  readonly alsoNeeds?: Scope
  readonly anyOf: readonly Capability[]
}

/** Defines one command: its schema, the scopes its sender needs, and what the session must be able to do. */
export const command = <const Type extends string, Entries extends v.ObjectEntries>(
  type: Type,
  rule: CommandRule,
  entries: Entries,
) => ({ type, ...rule, schema: v.object({ ...commandEntries, type: v.literal(type), ...entries }) })
