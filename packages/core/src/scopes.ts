import * as v from 'valibot'

/** What a device may do; each is granted by itself. [AU-6] */
export const SCOPES = {
  watch: 'Read sessions and their transcripts.',
  answer: 'Answer permissions, questions and plans.',
  drive: 'Send messages and interrupt.',
  admin: 'Pair and remove devices.',
} as const satisfies Record<string, string>

export type Scope = keyof typeof SCOPES
const scopeSchema = v.picklist(Object.keys(SCOPES) as [Scope, ...Scope[]])
export const scopesSchema = v.pipe(v.array(scopeSchema), v.maxLength(8))

/** What a newly paired phone gets unless the terminal says otherwise. */
export const PHONE_SCOPES: readonly Scope[] = ['watch', 'answer', 'drive']
export const ALL_SCOPES: readonly Scope[] = ['watch', 'answer', 'drive', 'admin']
/** What an agent can be given: letting others in stays with people. [MC-1] */
export const AGENT_SCOPES = ['watch', 'answer', 'drive'] as const satisfies readonly Scope[]
