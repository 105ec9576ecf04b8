import type { CommandType } from './commands/index.ts'
import type { AgentAsk } from './permission.ts'

const WANTS: Record<CommandType, string> = {
  prompt: 'send a message',
  interrupt: 'stop the turn',
  decide_permission: 'answer a permission',
  answer_question: 'answer a question',
  decide_plan: 'decide on a plan',
  set_model: 'change the model',
  set_permission_mode: 'change how often it asks',
  set_thinking: 'change how much it thinks',
  rename: 'rename the session',
  archive: 'end the session',
}

/** What an agent wants, as a heading: “desktop wants to send a message”. Pure. [HC-1] */
export const heldWords = ({ agentName, command }: AgentAsk): string => {
  const type = String(command.type)
  const wants = (WANTS as Record<string, string | undefined>)[type]
  return `${agentName} wants ${wants ? `to ${wants}` : `something this version does not know: ${type}`}`
}

/** What exactly an agent wants, in a line: the text itself, else what the relay says it is about. Pure. */
export const heldLine = ({ command: { text }, about = '' }: AgentAsk): string =>
  typeof text === 'string' ? text : about
