import type { Capability } from '../capabilities.ts'
import type { Scope } from '../scopes.ts'

/** Who may ask for a command, and of which session. */
export type CommandRule = {
  readonly scope: Scope
  /** A second scope its sender has to hold. */
  readonly alsoNeeds?: Scope
  readonly anyOf: readonly Capability[]
}

/** The rule of every command, apart from its schema: a reader of rules carries no schemas. */
export const RULES = {
  prompt: { scope: 'drive', anyOf: ['prompt', 'prompt_as_peer'] },
  interrupt: { scope: 'drive', anyOf: ['interrupt'] },
  decide_permission: { scope: 'answer', anyOf: ['decide_permission'] },
  answer_question: { scope: 'answer', anyOf: ['answer_question'] },
  decide_plan: { scope: 'answer', anyOf: ['decide_plan'] },
  set_model: { scope: 'drive', anyOf: ['set_model'] },
  /** Being asked less often is answering in advance, so it takes both scopes. [CM-2] */
  set_permission_mode: { scope: 'drive', alsoNeeds: 'answer', anyOf: ['set_permission_mode'] },
  set_thinking: { scope: 'drive', anyOf: ['set_thinking'] },
  rename: { scope: 'drive', anyOf: ['rename'] },
  archive: { scope: 'drive', anyOf: ['archive'] },
} as const satisfies Record<string, CommandRule>
