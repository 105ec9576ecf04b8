import { createHash } from 'node:crypto'
import {
  type Actor,
  type AnswerCommand,
  type Ask,
  canonicalJson,
  type PermissionId,
  RelayError,
} from '@bellhop/core'
import { fieldsOf, listOf, textOf } from '../../../claude-format/lines.ts'
import { type Decision, decisionOf } from '../../../claude-format/permission-decision.ts'
import type { Unconfirmed } from '../../../sessions/session-source.ts'
import type { FollowedSession, Observed, OpenPrompt, ResolvedFields } from '../parts.ts'
import type { CommandParts } from './command-parts.ts'
import { deliver } from './deliver.ts'
import { uuidFor } from './event-ids.ts'
import { hear } from './hearing.ts'
import { type Patience, patienceFor } from './patience.ts'
import { promptAnswer } from './payloads.ts'

/** How long a word of the worker’s to the contrary is waited for once it has an answer. */
const CONTRARY_MS = 1_500

const isUnclear: Record<Patience['why'], string> = {
  live: 'Your answer is stored, but the session has not said that it has it. Its machine may be asleep; the answer counts when it is back.',
  cold: 'Your answer is stored, but the session has not said that it has it. Its machine in the cloud may still be starting; the answer counts when it is up.',
  away: 'Your answer is stored. The machine that runs this session is not connected just now; the answer counts when it is back.',
}

/** Whether a standing rule can be sent back without doing harm at the other end. */
export const isWellFormedSuggestion = (value: unknown): boolean => {
  const { type, rules, behavior, mode, directories, destination } = fieldsOf(value) ?? {}
  if (!textOf(destination)) return false
  switch (type) {
    case 'addRules':
    case 'replaceRules':
    case 'removeRules':
      return (
        listOf(rules).length > 0 &&
        listOf(rules).every((rule) => textOf(fieldsOf(rule)?.toolName)) &&
        ['allow', 'deny', 'ask'].includes(textOf(behavior) ?? '')
      )
    case 'setMode':
      return textOf(mode) !== undefined
    case 'addDirectories':
    case 'removeDirectories':
      return listOf(directories).length > 0 && listOf(directories).every((one) => textOf(one))
    default:
      return false
  }
}

/** The decision as a worker takes it: the input exactly as asked, but for what may be said in it. */
const decisionFor = (
  command: AnswerCommand,
  prompt: OpenPrompt,
): { decision: Decision; resolved: ResolvedFields } => {
  const { toolName: name, input, suggestions } = prompt
  if (command.type === 'decide_permission') {
    const { decision } = command
    // A worker runs a call only as it was asked.
    if (decision.behavior === 'allow' && decision.input) {
      throw new RelayError('not_supported', { capability: 'edit_input' })
    }
  }
  if (command.type === 'decide_plan') {
    const { decision } = command
    // A plan that is in a file the prompt does not name cannot be changed from here.
    if (decision.behavior === 'approve' && decision.plan !== undefined && !textOf(input.plan)) {
      throw new RelayError('not_supported', { capability: 'decide_plan' })
    }
  }
  const { decision, outcome, text, edited, rules } = decisionOf(command, {
    name,
    input,
    suggestions,
  })
  const resolved: ResolvedFields = {
    outcome,
    ...(text !== undefined && { text }),
    ...(edited && { edited }),
    ...(rules && { rules }),
  }
  if (decision.behavior === 'deny') return { decision, resolved }
  const taken = decision.updatedPermissions ?? []
  if (!taken.every(isWellFormedSuggestion)) throw new RelayError('suggestion_unknown')
  // Questions go back as they were asked, with the answers beside them.
  const updatedInput = { ...input, ...decision.updatedInput }
  return { decision: { ...decision, updatedInput }, resolved }
}

/** As `shownHash`, at once. [PE-2] [I11] */
const hashOf = (ask: Ask): string =>
  createHash('sha256').update(canonicalJson(ask)).digest('base64url')

type Attempt = {
  commandId: AnswerCommand['commandId']
  uuid: string
  /** Whether it is on its way or has got there; otherwise that is not known. */
  counts: boolean
}

/** Answers given through this process, as long as their session is followed. [PE-3] */
const attempts = new WeakMap<FollowedSession, Map<PermissionId, Attempt[]>>()

const attemptsAt = (session: FollowedSession, permissionId: PermissionId): Attempt[] => {
  const known = attempts.get(session) ?? new Map<PermissionId, Attempt[]>()
  attempts.set(session, known)
  for (const id of known.keys()) if (!session.reader.prompts.has(id)) known.delete(id)
  const list = known.get(permissionId) ?? []
  known.set(permissionId, list)
  return list
}

/** Sees the worker report that it has an answer, or go on after it. */
const actsOn = (uuid: string) => {
  let isStored = false
  return (observed: Observed): true | undefined => {
    if (observed.kind === 'delivery') return observed.eventId === uuid || undefined
    if (observed.kind !== 'stored') return undefined
    isStored ||= observed.uuid === uuid
    return (isStored && observed.uuid !== uuid && observed.source !== 'client') || undefined
  }
}

type Word = 'ours' | 'not ours' | 'taken'

/**
 * Answers a prompt, once. Done when the worker took this answer for the one that counts; refused
 * with `permission_already_decided` when another was first. [A-55] [A-61] [PE-3]
 */
export const answerPrompt = async (
  session: FollowedSession,
  command: AnswerCommand,
  by: Actor,
  parts: CommandParts,
  signal: AbortSignal,
): Promise<Unconfirmed | undefined> => {
  const { commandId, permissionId } = command
  const tooLate = () => new RelayError('permission_already_decided', { permissionId })
  const prompt = session.reader.prompts.get(permissionId)
  if (!prompt) throw tooLate()
  // What goes out is this prompt’s input, so it is this prompt that has to have been seen.
  if (hashOf(prompt.ask) !== command.shownHash) throw new RelayError('shown_input_differs')
  const { decision, resolved } = decisionFor(command, prompt)
  const uuid = uuidFor(commandId, 'answer')
  const before = attemptsAt(session, permissionId)
  if (before.some((one) => one.counts && one.commandId !== commandId)) throw tooLate()
  // Somebody’s answer is on its way, be it one from before a restart.
  if ((prompt.answeredWith ?? uuid) !== uuid) throw tooLate()
  const others = before.filter((one) => one.commandId !== commandId).map((one) => one.uuid)
  const attempt: Attempt = { commandId, uuid, counts: true }
  before.push(attempt)

  /** What one thing that was heard says about whose answer counts. */
  const wordOf = (observed: Observed): Word | undefined => {
    if (observed.kind === 'resolved' && observed.permissionId === permissionId) {
      return observed.by === 'here' ? 'ours' : 'not ours'
    }
    // One that was given up on got there after all, and before this one.
    if (observed.kind === 'stored' && others.includes(observed.uuid)) return 'not ours'
    return observed.kind === 'delivery' && observed.eventId === uuid ? 'taken' : undefined
  }
  const isOfUse = (one: Observed) => wordOf(one) !== undefined || one.kind === 'stored'
  using hearing = hear(session, isOfUse, parts.timing, signal)
  session.reader.expect({ uuid, commandId, by, answers: { permissionId, resolved } })
  const payload = promptAnswer(session, { uuid, requestId: prompt.requestId }, decision)
  try {
    await deliver(session, command, payload, parts, signal)
  } catch (error) {
    // It may have got there all the same, so it is remembered, but the next may be tried.
    attempt.counts = false
    throw error
  }
  const patience = patienceFor(session.row)
  const first = await hearing.until(wordOf, patience.waitMs)
  if (first === 'not ours') throw tooLate()
  if (first === 'ours' && (await hearing.until(actsOn(uuid), patience.waitMs))) return undefined
  // That nothing is said against it is no sign that the worker has it.
  if (first !== 'taken') return { unconfirmed: isUnclear[patience.why] }
  const final = (observed: Observed) => {
    const word = wordOf(observed)
    return word === 'not ours' || word === 'ours' ? word : undefined
  }
  let word = await hearing.until(final, CONTRARY_MS)
  if (word === undefined) {
    // Time has decided, also over a subagent’s prompt, which nothing else would ever close.
    await session.take(session.reader.settle())
    word = await hearing.until(final, 0)
  }
  if (word === 'not ours') throw tooLate()
  return undefined
}
