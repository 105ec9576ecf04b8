import {
  type Actor,
  type AgentAsk,
  type AnswerCommand,
  type AnyAsk,
  COMMANDS,
  type Command,
  canBeAsked,
  type OpenPermission,
  RelayError,
  type Road,
  roadFor,
  roadOf,
  type Scope,
  type Session,
  scopesToAnswer,
  shownHash,
} from '@bellhop/core'

/**
 * The best road for a command, or for an answer the road its permission came by. Refuses what the
 * session, as it stands, cannot be asked. [CM-4] [CM-9]
 */
export const chooseRoad = (
  command: Command,
  session: Session,
  wait: OpenPermission | undefined,
): Road => {
  const { anyOf } = COMMANDS[command.type]
  const road = wait ? roadOf(session, wait) : roadFor(session, anyOf)
  if (!road || !anyOf.some((one) => canBeAsked(road.capabilities, one))) {
    throw new RelayError('not_supported', { capability: anyOf[0] ?? command.type })
  }
  checkAllowance(command, road)
  return road
}

const checkAllowance = (command: Command, road: Road): void => {
  if (command.type !== 'decide_permission' || command.decision.behavior !== 'allow') return
  const { input, suggestionIds = [] } = command.decision
  for (const capability of [
    ...(input ? (['edit_input'] as const) : []),
    ...(suggestionIds.length > 0 ? (['always_allow'] as const) : []),
  ]) {
    if (!canBeAsked(road.capabilities, capability)) {
      throw new RelayError('not_supported', { capability })
    }
  }
}

/** The permission an answer is for; `undefined` when it is not open. */
export const openWait = (command: AnswerCommand, session: Session): OpenPermission | undefined =>
  session.waits.find((wait) => wait.permissionId === command.permissionId)

/** Refuses all but a person’s device that could do by itself what it lets an agent do. [HC-2] */
export const checkPerson = (
  ask: AgentAsk,
  by: Actor,
  scopes: readonly Scope[] | undefined,
): void => {
  if (by.kind === 'device' && by.agent) throw new RelayError('agent_refused')
  for (const scope of scopesToAnswer(ask)) {
    if (!scopes?.includes(scope)) throw new RelayError('scope_missing', { scope })
  }
}

/** Refuses an answer to anything but what its sender saw, or that does not fit it. [PE-2] [I11] */
export const checkAnswer = async (command: AnswerCommand, ask: AnyAsk): Promise<void> => {
  if ((await shownHash(ask)) !== command.shownHash) throw new RelayError('shown_input_differs')
  if (!ANSWERED_BY[command.type].includes(ask.kind)) throw doesNotFit('this is another kind of ask')
  if (command.type === 'decide_permission' && ask.kind === 'agent') {
    const { decision } = command
    if (decision.behavior === 'deny' && decision.interrupt) throw doesNotFit('there is no turn')
  }
  if (command.type === 'decide_permission' && ask.kind === 'tool') {
    const offered = new Set(ask.suggestions.map((one) => one.suggestionId))
    const { decision } = command
    const taken = decision.behavior === 'allow' ? (decision.suggestionIds ?? []) : []
    if (taken.some((one) => !offered.has(one))) throw new RelayError('suggestion_unknown')
  }
  if (command.type === 'answer_question' && ask.kind === 'question') {
    const { answer } = command
    if (answer.kind === 'talk') return
    const asked = ask.questions.map((one) => one.question)
    const answered = answer.answers.map((one) => one.question)
    const same = asked.length === answered.length && asked.every((one, at) => one === answered[at])
    if (!same) throw doesNotFit('the answers are not to these questions')
    for (const [at, { choices, text }] of answer.answers.entries()) {
      const question = ask.questions[at]
      const labels = new Set(question?.choices.map((one) => one.label))
      if (choices.some((one) => !labels.has(one))) throw doesNotFit('a choice was not offered')
      if (choices.length > 1 && !question?.multiple) throw doesNotFit('only one can be chosen')
      if (choices.length === 0 && !text?.trim()) throw doesNotFit('a question has no answer')
    }
  }
  if (command.type === 'decide_plan' && ask.kind === 'plan') {
    const isChanged = command.decision.behavior === 'approve' && command.decision.plan !== undefined
    if (isChanged && ask.fixed) throw new RelayError('not_supported', { capability: 'decide_plan' })
    const mode = command.decision.behavior === 'approve' ? command.decision.mode : undefined
    const offered = ask.modes.some((one) => one.mode === mode)
    if (mode !== undefined && !offered) throw doesNotFit('this mode was not offered')
  }
}

const ANSWERED_BY: Record<AnswerCommand['type'], readonly AnyAsk['kind'][]> = {
  decide_permission: ['tool', 'agent'],
  answer_question: ['question'],
  decide_plan: ['plan'],
}

const doesNotFit = (issue: string) => new RelayError('invalid_request', { issue })
