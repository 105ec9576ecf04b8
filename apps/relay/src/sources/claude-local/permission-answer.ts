/** What the program's permission hook says, as an ask, and what it is answered with. Pure. */
import type { AnswerCommand } from '@bellhop/core'
import type { Fields } from '../../claude-format/lines.ts'
import type { AskedCall } from '../../claude-format/permission-ask.ts'
import {
  type DecidedAsk,
  type Decision,
  decisionOf,
} from '../../claude-format/permission-decision.ts'

export type HookAnswer = Omit<DecidedAsk, 'decision'> & { output: Fields }

/** What a held hook asks leave for. */
export const askedBy = (hook: Fields): AskedCall => ({
  name: hook.tool_name,
  input: hook.tool_input,
  suggestions: hook.permission_suggestions,
})

/** The output that makes the hook decide so. */
export const hookOutput = (decision: Decision): Fields => ({
  hookSpecificOutput: { hookEventName: 'PermissionRequest', decision },
})

/** What to answer the hook with. Throws `suggestion_unknown` for a rule or mode that was not offered. */
export function answerOf(command: AnswerCommand, hook: Fields): HookAnswer {
  const { decision, ...rest } = decisionOf(command, askedBy(hook))
  return { output: hookOutput(decision), ...rest }
}
