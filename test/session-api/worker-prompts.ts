import { randomUUID } from 'node:crypto'
import { fieldsIn, verdictOf } from './tool-answers.ts'
import type { Fields } from './types.ts'
import type { OpenPrompt, Verdict, WorkerCore } from './worker-core.ts'
import type { DeskAnswer } from './worker-types.ts'

const titled: Record<string, string> = { AskUserQuestion: 'Question', ExitPlanMode: 'Plan' }

const describe = (toolName: string, input: Fields): string => {
  if (toolName === 'ExitPlanMode') return 'Plan ready for review'
  if (toolName !== 'AskUserQuestion')
    return String(input.description ?? input.file_path ?? toolName)
  const questions = Array.isArray(input.questions) ? input.questions : []
  const header = String(fieldsIn(questions[0])?.header ?? 'Question')
  return questions.length > 1 ? `${header} (+${questions.length - 1} more)` : header
}

/** What the row says of an open prompt. */
const pendingAction = ({ toolName, toolUseId, requestId, input }: OpenPrompt): Fields => ({
  tool_name: toolName,
  display_tool_name: titled[toolName] ?? toolName,
  action_description: describe(toolName, input),
  ...(typeof input.command === 'string' && { raw_command: input.command }),
  tool_use_id: toolUseId,
  // The row keeps the id of a dialog to itself, under another name.
  ...(toolName in titled
    ? { request_id: '', suppressed_request_id: requestId }
    : { request_id: requestId }),
  input,
})

const showPending = ({ session, prompts, turn, isAlive }: WorkerCore) => {
  if (!isAlive) return
  const actions = prompts.map(pendingAction)
  const blocked = actions.length > 0
  session.setMetadata({
    pending_action: actions[0] ?? null,
    pending_actions: actions,
  })
  session.set({
    worker_status: blocked ? 'requires_action' : turn ? 'running' : 'idle',
    status_bucket: blocked ? 'blocked' : turn ? 'working' : 'idle',
  })
}

/** What the program suggests to allow for good along with a call. */
export const usualSuggestions = (toolName: string, input: Fields): unknown[] => {
  if (toolName in titled) return []
  if (toolName === 'Edit' || toolName === 'Write')
    return [{ type: 'setMode', mode: 'acceptEdits', destination: 'session' }]
  const rule = {
    toolName,
    ...(typeof input.command === 'string' && { ruleContent: input.command }),
  }
  return [{ type: 'addRules', rules: [rule], behavior: 'allow', destination: 'localSettings' }]
}

/** Asks whether a call may run. */
export const openPrompt = (
  core: WorkerCore,
  toolName: string,
  toolUseId: string,
  input: Fields,
): OpenPrompt => {
  const requestId = randomUUID()
  const suggestions = core.options.suggestions(toolName, input)
  const request: Fields = {
    subtype: 'can_use_tool',
    tool_name: toolName,
    display_name: titled[toolName] ?? toolName,
    input,
    tool_use_id: toolUseId,
    description: '',
    ...(suggestions.length > 0 && { permission_suggestions: suggestions }),
    ...(toolName in titled && { requires_user_interaction: true }),
  }
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const prompt: OpenPrompt = {
    requestId,
    toolUseId,
    toolName,
    input,
    request,
    verdict: promise,
    settle: (verdict) => {
      const at = core.prompts.indexOf(prompt)
      if (at < 0) return
      core.prompts.splice(at, 1)
      showPending(core)
      resolve(verdict)
    },
  }
  core.prompts.push(prompt)
  core.say({ type: 'control_request', request_id: requestId, request })
  showPending(core)
  return prompt
}

/** A client's `control_response`: counts once, for a prompt that is open. */
export const takeAnswer = (core: WorkerCore, payload: Fields) => {
  const response = fieldsIn(payload.response)
  const answer = fieldsIn(response?.response)
  const prompt = core.prompts.find(({ requestId }) => requestId === response?.request_id)
  if (!prompt || response?.subtype !== 'success' || !answer) return
  const verdict = verdictOf(core, prompt, answer)
  if (!verdict) return
  core.answers.push({ requestId: prompt.requestId, answer })
  prompt.settle(verdict)
}

const cancelled = (core: WorkerCore, prompt: OpenPrompt, answer: Fields) => {
  core.respond({ subtype: 'success', request_id: prompt.requestId, response: answer })
  core.say({ type: 'control_cancel_request', request_id: prompt.requestId })
}

/** The person at the desk answers: the worker tells of it, as it never does for a client's answer. */
export const answerAtDesk = (core: WorkerCore, answer: DeskAnswer): void => {
  const [prompt] = core.prompts
  if (!prompt) throw new Error('No prompt is open at the desk')
  if (answer.behavior === 'deny') {
    cancelled(core, prompt, { behavior: 'deny', message: 'User denied permission' })
    prompt.settle({ kind: 'deny', message: '', interrupt: true })
    return
  }
  const updatedInput = answer.updatedInput ?? prompt.input
  cancelled(core, prompt, { behavior: 'allow', updatedInput, updatedPermissions: [] })
  const words = verdictOf(core, prompt, { behavior: 'allow', updatedInput })
  // At the desk a call may be edited; what runs is what was typed.
  prompt.settle(words?.kind === 'run' ? words : { kind: 'run', input: updatedInput })
}

/** Takes back what is open, as an interrupt does. */
export const abortPrompts = (core: WorkerCore): void => {
  for (const prompt of [...core.prompts]) {
    cancelled(core, prompt, { behavior: 'deny', message: 'User aborted' })
    prompt.settle({ kind: 'aborted' })
  }
}
