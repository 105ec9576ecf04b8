import {
  type AgentAsk,
  askWords,
  type Choices,
  type Json,
  type JsonObject,
  type OpenPermission,
  type ToolAsk,
} from '@bellhop/core'

/** What an agent wanted, once that is decided: `asked to send a message`. Pure. */
export const heldPast = (ask: AgentAsk): string =>
  `asked${askWords(ask).slice(`${ask.agentName} wants`.length)}`

/** One part of what an agent wants: words with a label, machine text with a label, or a plain sentence. */
export type HeldPart = {
  readonly label?: string
  readonly text: string
  readonly look: 'words' | 'machine' | 'plain'
}

/** What a command of an agent holds, so that nothing in it is left out. */
export type HeldParts = {
  readonly parts: readonly HeldPart[]
  /** True when a yes must not be had in passing, because it is a yes to an ask that says so. */
  readonly careful: boolean
}

const words = (label: string, text: string): HeldPart => ({ label, text, look: 'words' })
const machine = (label: string, text: string): HeldPart => ({ label, text, look: 'machine' })
const itsAnswer = (text: string): HeldPart => words('Its answer', text)
const plain = (text: string): HeldPart => ({ text, look: 'plain' })

const fieldsOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : [])
const textOf = (value: Json | undefined): string =>
  typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')

/** What is known around a command: the open ask it would answer, and what the session can be set to. */
export type HeldAround = {
  readonly asked?: OpenPermission | undefined
  readonly choices?: Choices | undefined
  /** True once it is decided. */
  readonly isOver?: boolean
}

/** Pure. */
export function heldParts({ command, about }: AgentAsk, around: HeldAround = {}): HeldParts {
  const { asked, isOver } = around
  const { commandId, sessionId, type, expiresAt, permissionId, shownHash, ...own } = command
  const read = READERS[String(type)]
  if (!read)
    return {
      parts: [machine('As it came', textOf({ type: type ?? null, ...own }))],
      careful: false,
    }
  const left: Record<string, Json> = { ...own }
  const take = (name: string): Json | undefined => {
    const value = left[name]
    delete left[name]
    return value
  }
  const parts = read(take, around)
  if (permissionId !== undefined && !asked) {
    if (about) parts.unshift(words('What it answers', about))
    if (!isOver) parts.push(plain('That is no longer asked, so nothing would come of it.'))
  }
  if (Object.keys(left).length > 0) parts.push(machine('What else it says', textOf(left)))
  const allows = fieldsOf(command.decision).behavior === 'allow'
  return { parts, careful: allows && asked?.ask.kind === 'tool' && asked.ask.careful === true }
}

type Take = (name: string) => Json | undefined

const chosen = (value: Json | undefined, list: Choices[keyof Choices]): string => {
  const known = list?.find((one) => one.value === value)?.words
  return known && known !== value ? `${known} (${value})` : textOf(value)
}

const READERS: Record<string, (take: Take, around: HeldAround) => HeldPart[]> = {
  prompt: (take) => {
    const from = take('fromSession')
    return [
      words('The message, whole', textOf(take('text'))),
      ...(from === undefined ? [] : [machine('The session it is sent from', textOf(from))]),
    ]
  },
  interrupt: () => [plain('The session stops what it is doing and waits. It stays open.')],
  archive: () => [plain('The session is ended and put away.')],
  rename: (take) => [words('The new title', textOf(take('title')))],
  set_model: (take, { choices }) => {
    const model = take('model')
    return model === null
      ? [plain('Goes on with the default model.')]
      : [machine('The model', chosen(model, choices?.models))]
  },
  set_permission_mode: (take, { choices }) => [
    machine('How often it asks from now on', chosen(take('mode'), choices?.permissionModes)),
  ],
  set_thinking: (take) => {
    const tokens = take('tokens')
    if (tokens === null) return [plain('It thinks as much as it would by itself.')]
    return [
      plain(tokens === 0 ? 'It does not think first.' : `It thinks with at most ${tokens} tokens.`),
    ]
  },
  decide_permission: (take, { asked }) =>
    decisionParts(fieldsOf(take('decision')), asked?.ask.kind === 'tool' ? asked.ask : undefined),
  answer_question: (take) => answerParts(fieldsOf(take('answer'))),
  decide_plan: (take, { asked }) => {
    const { behavior, plan, mode, reason, ...rest } = fieldsOf(take('decision'))
    const modes = asked?.ask.kind === 'plan' ? asked.ask.modes : []
    return [
      itsAnswer(behavior === 'approve' ? 'Approve the plan' : 'Send the plan back'),
      ...(mode === undefined
        ? []
        : [machine('Then', modes.find((one) => one.mode === mode)?.words ?? textOf(mode))]),
      ...(reason === undefined ? [] : [words('With these words', textOf(reason))]),
      ...(plan === undefined ? [] : [words('The plan, changed', textOf(plan))]),
      ...more(rest),
    ]
  },
}

const more = (rest: JsonObject): HeldPart[] =>
  Object.keys(rest).length > 0 ? [machine('What else it says', textOf(rest))] : []

function decisionParts(decision: JsonObject, ask: ToolAsk | undefined): HeldPart[] {
  const { behavior, input, suggestionIds, reason, interrupt, ...rest } = decision
  const rules = listOf(suggestionIds).map(
    (id) => ask?.suggestions.find((one) => one.suggestionId === id)?.words ?? textOf(id),
  )
  return [
    itsAnswer(
      behavior === 'allow'
        ? `Allow${input === undefined ? '' : ', changed as below'}`
        : `Deny${interrupt === true ? ', and stop the turn' : ''}`,
    ),
    ...(input === undefined ? [] : changedInput(fieldsOf(input), ask?.input)),
    ...rules.map((rule) => words('From now on, too', rule)),
    ...(reason === undefined ? [] : [words('With these words', textOf(reason))]),
    ...more(rest),
  ]
}

/** What differs from the input that is asked for, each field by itself; the rest stays as it is. */
function changedInput(input: JsonObject, before: JsonObject = {}): HeldPart[] {
  const same = (name: string) => textOf(input[name]) === textOf(before[name])
  const dropped = Object.keys(before).filter((name) => !(name in input))
  return [
    ...Object.keys(input)
      .filter((name) => !same(name))
      .map((name) => machine(`${name}, changed`, textOf(input[name]))),
    ...(dropped.length > 0 ? [machine('Left out', dropped.join(', '))] : []),
  ]
}

function answerParts({ kind, answers, text, ...rest }: JsonObject): HeldPart[] {
  if (kind !== 'answers') {
    return [
      itsAnswer('None of them. Talk first'),
      ...(text === undefined ? [] : [words('With these words', textOf(text))]),
      ...more(rest),
    ]
  }
  return [
    ...listOf(answers).flatMap((one) => {
      const { question, choices, text: own, ...other } = fieldsOf(one)
      const said = [...listOf(choices), ...(own === undefined ? [] : [own])].map(textOf)
      return [words(`Its answer to “${textOf(question)}”`, said.join('\n')), ...more(other)]
    }),
    ...more(rest),
  ]
}
