/** A person's answer as the decision that carries it out, and as what to remember of it. Pure. */
import { type AnswerCommand, type PermissionOutcome, RelayError } from '@bellhop/core'
import { type Fields, fieldsOf } from './lines.ts'
import { type AskedCall, planModes, suggestionsOf } from './permission-ask.ts'
import { suggestionWords } from './suggestion-words.ts'

/** The program's own words for an answer, the same wherever it asks. */
export type Decision =
  | { behavior: 'allow'; updatedInput?: Fields; updatedPermissions?: unknown[] }
  | { behavior: 'deny'; message: string; interrupt?: true }

export interface DecidedAsk {
  decision: Decision
  outcome: PermissionOutcome
  text?: string
  edited?: boolean
  rules?: string[]
  /** The input that runs, when it is not the one asked for. */
  ranInput?: Fields
}

const deny = (message: string, interrupt?: boolean): Decision => ({
  behavior: 'deny',
  message,
  ...(interrupt && { interrupt: true }),
})

const noReason = 'The user said no to this from their phone.'
const talkFirst = 'The user would rather talk about this before answering.'

function permissionAnswer(
  command: Extract<AnswerCommand, { type: 'decide_permission' }>,
  asked: AskedCall,
): DecidedAsk {
  const choice = command.decision
  if (choice.behavior === 'deny') {
    const decision = deny(choice.reason ?? noReason, choice.interrupt)
    return { decision, outcome: 'denied', ...(choice.reason && { text: choice.reason }) }
  }
  const offered = suggestionsOf(asked)
  const taken = (choice.suggestionIds ?? []).map((suggestionId) => {
    if (!offered.has(suggestionId)) throw new RelayError('suggestion_unknown', { suggestionId })
    return offered.get(suggestionId)
  })
  return {
    decision: {
      behavior: 'allow',
      ...(choice.input && { updatedInput: choice.input }),
      ...(taken.length > 0 && { updatedPermissions: taken }),
    },
    outcome: 'allowed',
    ...(choice.input && { edited: true, ranInput: choice.input }),
    ...(taken.length > 0 && { rules: taken.map((rule) => suggestionWords(rule).words) }),
  }
}

function questionAnswer(
  command: Extract<AnswerCommand, { type: 'answer_question' }>,
  asked: AskedCall,
): DecidedAsk {
  const { answer } = command
  if (answer.kind === 'talk') {
    const text = answer.text ? `${talkFirst} They say: ${answer.text}` : talkFirst
    return { decision: deny(text), outcome: 'answered', ...(answer.text && { text: answer.text }) }
  }
  const entries = answer.answers.map(({ question, choices, text }) => [
    question,
    [...choices, ...(text ? [text] : [])].join(', '),
  ])
  const questions = fieldsOf(asked.input)?.questions
  const updatedInput = { questions, answers: Object.fromEntries(entries) }
  return {
    decision: { behavior: 'allow', updatedInput },
    outcome: 'answered',
    text: entries.map(([question, words]) => `${question} ${words}`).join('\n'),
  }
}

function planAnswer(
  command: Extract<AnswerCommand, { type: 'decide_plan' }>,
  asked: AskedCall,
): DecidedAsk {
  const choice = command.decision
  if (choice.behavior === 'reject') {
    const decision = deny(choice.reason ?? 'The user wants to keep planning.')
    return { decision, outcome: 'rejected', ...(choice.reason && { text: choice.reason }) }
  }
  const mode = choice.mode ?? planModes[0].mode
  if (!planModes.some((known) => known.mode === mode)) {
    throw new RelayError('suggestion_unknown', { mode })
  }
  // Without the input echoed, the answer is taken but the terminal's dialog stays.
  const input = fieldsOf(asked.input) ?? {}
  const updatedInput = choice.plan === undefined ? input : { ...input, plan: choice.plan }
  const updatedPermissions = [{ type: 'setMode', mode, destination: 'session' }]
  return {
    decision: { behavior: 'allow', updatedInput, updatedPermissions },
    outcome: 'approved',
    ...(choice.plan !== undefined && { edited: true }),
  }
}

/** What was decided. Throws `suggestion_unknown` for a rule or mode that was not offered. */
export function decisionOf(command: AnswerCommand, asked: AskedCall): DecidedAsk {
  switch (command.type) {
    case 'decide_permission':
      return permissionAnswer(command, asked)
    case 'answer_question':
      return questionAnswer(command, asked)
    case 'decide_plan':
      return planAnswer(command, asked)
  }
}
