import { type CommandRule, RULES } from './commands/rules.ts'
import type { AnyAsk } from './permission.ts'
import type { Scope } from './scopes.ts'

/**
 * What a device has to hold to answer an ask: for an agent’s command what that command takes, so that
 * nobody lets through what they could not do themselves. Pure. [HC-2]
 */
export const scopesToAnswer = (ask: AnyAsk): readonly Scope[] => {
  if (ask.kind !== 'agent') return ['answer']
  const rules: Partial<Record<string, CommandRule>> = RULES
  const rule = rules[String(ask.command.type)]
  if (rule === undefined) return ['answer', 'drive']
  return rule.alsoNeeds ? [rule.scope, rule.alsoNeeds] : [rule.scope]
}
