import {
  type AgentAsk,
  type AnswerCommand,
  type AnyAsk,
  askWords,
  newCommandId,
  type OpenPermission,
  type PlanAsk,
  type Question,
  type QuestionAsk,
  type SessionId,
  shownHash,
  type ToolAsk,
} from '@bellhop/core'
import { UsageError } from './explain.ts'
import { printable } from './terminal.ts'

/** An answer as it was typed. */
export type TypedAnswer = {
  word: string | undefined
  reason: string | undefined
  /** One for each question, in their order. */
  choose: readonly string[]
  /** Which of the offered rules to take along; 0 is the only one there is. */
  rule: number | undefined
  mode: string | undefined
}

/** Whether anything was decided, or the person only wants to see what is asked. */
export const decidesNothing = ({ word, choose }: TypedAnswer): boolean =>
  word === undefined && choose.length === 0

/**
 * The command for an answer to exactly this ask, and what it does in a word. Throws `UsageError`
 * when what was typed does not answer it. [PE-2] [I11]
 */
export const makeAnswer = async (
  sessionId: SessionId,
  { permissionId, ask }: Pick<OpenPermission, 'permissionId' | 'ask'>,
  typed: TypedAnswer,
): Promise<{ command: AnswerCommand; verb: string; done: string }> => {
  const envelope = {
    commandId: newCommandId(),
    sessionId,
    permissionId,
    shownHash: await shownHash(ask),
  }
  switch (ask.kind) {
    case 'tool':
      return toolAnswer(envelope, ask, typed)
    case 'plan':
      return planAnswer(envelope, ask, typed)
    case 'question':
      return questionAnswer(envelope, ask, typed)
    case 'agent':
      return agentAnswer(envelope, ask, typed)
    case 'unknown':
      throw new UsageError('This version does not know what is asked. Update it, then answer.')
  }
}

type Envelope = Pick<AnswerCommand, 'commandId' | 'sessionId' | 'permissionId' | 'shownHash'>

const doesNotFit = (ask: AnyAsk, takes: string) =>
  new UsageError(`“${printable(askWords(ask), 80)}” is answered with ${takes}.`)

const toolAnswer = (envelope: Envelope, ask: ToolAsk | AgentAsk, typed: TypedAnswer) => {
  const { word, reason } = typed
  const type = 'decide_permission' as const
  if (word === 'deny' && typed.rule === undefined) {
    const decision = { behavior: 'deny' as const, ...(reason !== undefined && { reason }) }
    return { command: { ...envelope, type, decision }, verb: 'Deny', done: 'Denied.' }
  }
  if (word !== 'allow' || typed.choose.length > 0 || reason !== undefined) {
    throw doesNotFit(ask, 'allow [--always], or deny [--reason <words>]')
  }
  const rule =
    typed.rule === undefined || ask.kind === 'agent' ? undefined : ruleOf(ask, typed.rule)
  const decision = {
    behavior: 'allow' as const,
    ...(rule && { suggestionIds: [rule.suggestionId] }),
  }
  return {
    command: { ...envelope, type, decision },
    verb: rule ? `Allow, and from now on: ${printable(rule.words, 300)}.` : 'Allow',
    done: 'Allowed.',
  }
}

const agentAnswer = (envelope: Envelope, ask: AgentAsk, typed: TypedAnswer) => {
  const isPlain = typed.rule === undefined && typed.choose.length === 0
  if (!isPlain) throw doesNotFit(ask, 'allow, or deny [--reason <words>]')
  return toolAnswer(envelope, ask, typed)
}

const ruleOf = ({ suggestions }: ToolAsk, wanted: number) => {
  if (suggestions.length === 0) throw new UsageError('No standing rule is offered here.')
  if (wanted === 0 && suggestions.length > 1) {
    throw new UsageError(
      `There are ${suggestions.length} rules. Say which with --rule <number> instead of --always.`,
    )
  }
  const rule = suggestions[Math.max(wanted, 1) - 1]
  if (!rule) throw new UsageError(`There is no rule ${wanted}; there are ${suggestions.length}.`)
  return rule
}

const planAnswer = (envelope: Envelope, ask: PlanAsk, typed: TypedAnswer) => {
  const { word, reason, mode } = typed
  const type = 'decide_plan' as const
  if (word === 'reject' && mode === undefined) {
    const decision = { behavior: 'reject' as const, ...(reason !== undefined && { reason }) }
    return { command: { ...envelope, type, decision }, verb: 'Send it back', done: 'Sent back.' }
  }
  if (word !== 'approve' || reason !== undefined || typed.rule !== undefined) {
    throw doesNotFit(ask, 'approve [--mode <mode>], or reject [--reason <words>]')
  }
  if (mode !== undefined && !ask.modes.some((one) => one.mode === mode)) {
    const offered = ask.modes.map((one) => one.mode).join(', ')
    throw new UsageError(`It cannot be approved into ${printable(mode, 60)}; there is ${offered}.`)
  }
  const decision = { behavior: 'approve' as const, ...(mode !== undefined && { mode }) }
  return { command: { ...envelope, type, decision }, verb: 'Approve', done: 'Approved.' }
}

const questionAnswer = (envelope: Envelope, ask: QuestionAsk, typed: TypedAnswer) => {
  const { word, reason, choose } = typed
  const type = 'answer_question' as const
  if (word === 'talk' && choose.length === 0) {
    const answer = { kind: 'talk' as const, ...(reason !== undefined && { text: reason }) }
    return {
      command: { ...envelope, type, answer },
      verb: 'Talk first',
      done: 'Told to talk first.',
    }
  }
  const { questions } = ask
  const isOdd = word !== undefined || reason !== undefined || typed.rule !== undefined
  if (isOdd || choose.length !== questions.length) {
    const each = questions.length === 1 ? '--choose <n>' : `${questions.length} times --choose <n>`
    throw doesNotFit(ask, `${each}, or talk [--reason <words>]`)
  }
  const answers = questions.map((question, at) => answerTo(question, choose[at] ?? ''))
  const words = answers.map(({ choices, text }) =>
    [...choices, ...(text === undefined ? [] : [text])].map((one) => printable(one, 80)).join(', '),
  )
  return {
    command: { ...envelope, type, answer: { kind: 'answers' as const, answers } },
    verb: `Answer ${words.join('; ')}`,
    done: 'Answered.',
  }
}

/** A number, several with commas, a label, or own words behind `=`. */
const answerTo = ({ question, choices, multiple }: Question, typed: string) => {
  if (typed.startsWith('=')) return { question, choices: [], text: typed.slice(1).trim() }
  const labelled = choices.find(({ label }) => label.toLowerCase() === typed.trim().toLowerCase())
  if (labelled) return { question, choices: [labelled.label] }
  const numbers = typed.split(',').map((part) => part.trim())
  const chosen = numbers.map((part) => (/^\d+$/.test(part) ? choices[Number(part) - 1] : undefined))
  const labels = chosen.flatMap((one) => (one ? [one.label] : []))
  if (labels.length !== numbers.length) {
    throw new UsageError(
      `${printable(typed, 60)} is none of 1 to ${choices.length}. Own words stand behind =.`,
    )
  }
  if (labels.length > 1 && !multiple) throw new UsageError('Only one can be chosen here.')
  return { question, choices: labels }
}
