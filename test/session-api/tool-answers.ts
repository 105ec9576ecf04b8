import { isDeepStrictEqual } from 'node:util'
import type { Fields } from './types.ts'
import type { OpenPrompt, Verdict, WorkerCore } from './worker-core.ts'

/** What the real worker says to an answer that changed the call. */
export const changedCallWords =
  'The permission answer changed the tool call, and this session runs a call only as it was asked. Nothing ran.'

export const fieldsIn = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined

const refused = (words: string): Verdict => ({
  kind: 'refused',
  words,
  meta: { non_execution_kind: 'permission-rule' },
})

const questionVerdict = (prompt: OpenPrompt, updated: Fields | undefined): Verdict => {
  if (!Array.isArray(updated?.questions))
    return refused('The answer does not fit the question: questions is required.')
  const answers = fieldsIn(updated.answers) ?? {}
  const annotations = fieldsIn(updated.annotations) ?? {}
  const words = Object.entries(answers).map(([question, answer]) => {
    const shown = Array.isArray(answer) ? answer.join(',') : String(answer)
    const notes = fieldsIn(annotations[question])?.notes
    return `"${question}" = "${shown}"${notes ? ` (notes: ${notes})` : ''}`
  })
  return {
    kind: 'run',
    input: { ...prompt.input, answers, ...(updated.annotations ? { annotations } : {}) },
    words:
      words.length > 0 ? `The person answered: ${words.join('; ')}` : 'The person did not answer.',
  }
}

const planVerdict = (prompt: OpenPrompt, updated: Fields | undefined): Verdict => {
  const { _targetMode: _ignored, ...given } = updated ?? {}
  const isEdited = 'plan' in given && given.plan !== prompt.input.plan
  if (isEdited && typeof prompt.input.plan !== 'string') return refused(changedCallWords)
  const plan = isEdited ? given.plan : prompt.input.plan
  return {
    kind: 'run',
    input: { ...prompt.input, plan, ...(isEdited && { planWasEdited: true }) },
    words: `Approved Plan${isEdited ? ' (edited by user)' : ''}:\n${plan}`,
  }
}

const toolVerdict = (prompt: OpenPrompt, updated: Fields | undefined): Verdict => {
  const isAsAsked =
    updated === undefined ||
    Object.keys(updated).length === 0 ||
    isDeepStrictEqual(updated, prompt.input)
  return isAsAsked ? { kind: 'run', input: prompt.input } : refused(changedCallWords)
}

/** Applies what the answer allows for good; an entry that is malformed does nothing. */
const applyPermissions = (core: WorkerCore, entries: unknown) => {
  for (const entry of Array.isArray(entries) ? entries : []) {
    const update = fieldsIn(entry)
    if (update?.type === 'setMode' && typeof update.mode === 'string') core.setMode(update.mode)
    if (update?.type === 'addRules' && Array.isArray(update.rules) && update.behavior === 'allow')
      for (const rule of update.rules) {
        const { toolName, ruleContent } = fieldsIn(rule) ?? {}
        if (typeof toolName !== 'string') continue
        if (typeof ruleContent === 'string') core.allowedCalls.push({ toolName, ruleContent })
        else core.allowedTools.add(toolName)
      }
  }
}

/** What a client's answer means for the prompt; undefined when it means nothing and the prompt stays. */
export const verdictOf = (
  core: WorkerCore,
  prompt: OpenPrompt,
  answer: Fields,
): Verdict | undefined => {
  if (answer.behavior === 'deny')
    return {
      kind: 'deny',
      message: typeof answer.message === 'string' ? answer.message : '',
      interrupt: answer.interrupt === true,
    }
  if (answer.behavior !== 'allow') return undefined
  const updated = fieldsIn(answer.updatedInput)
  const judge =
    prompt.toolName === 'AskUserQuestion'
      ? questionVerdict
      : prompt.toolName === 'ExitPlanMode'
        ? planVerdict
        : toolVerdict
  const verdict = judge(prompt, updated)
  if (verdict.kind === 'run') {
    if (prompt.toolName === 'ExitPlanMode') core.setMode(core.modeBeforePlan)
    applyPermissions(core, answer.updatedPermissions)
  }
  return verdict
}
