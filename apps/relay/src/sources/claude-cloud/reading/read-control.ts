/** Control requests and the answers to them, from whichever side. */
import type { Actor, Subagent } from '@bellhop/core'
import { entryOf, type Fields, fieldsOf, listOf, textOf } from '../../../claude-format/lines.ts'
import { type Asked, type Closing, openMax, withdrawn } from './open-prompts.ts'
import { answerIn, promptOf } from './prompt-of.ts'
import type { ReadingState } from './reading-state.ts'
import { addNote, addSourceNote, type EventTelling, type Telling } from './telling.ts'
import { withoutNul } from './without-nul.ts'

const terminal: Actor = { kind: 'terminal' }
const elsewhere: Actor = { kind: 'source', name: 'another device' }
const freshMs = 60_000
/** For clients that registered what is asked of them; ours never does. */
const othersRequests = ['hook_callback', 'mcp_message', 'initialize', 'host_auth_token_refresh']

const settled = (state: ReadingState, asked: Asked, { resolved }: Closing): void => {
  const { toolUseId } = asked.prompt
  if (toolUseId) state.calls.decided(toolUseId, resolved.outcome)
}

/** Closes a prompt by the answer that was stored, else as said. */
export function closePrompt(
  state: ReadingState,
  telling: Telling,
  asked: Asked,
  otherwise: Closing,
  nowMs = state.clock.nowMs(),
): void {
  settled(state, asked, state.prompts.close(telling, asked, otherwise, state.place, nowMs))
}

/** Answers that nothing was said against count now. */
export function settlePrompts(state: ReadingState, telling: Telling): void {
  for (const asked of state.prompts.due(state.clock.nowMs())) {
    closePrompt(state, telling, asked, withdrawn)
  }
}

/** A prompt that is long past is told only once it is known to be open still. */
function isLive(state: ReadingState, asked: Asked, createdAtMs: number): boolean {
  const { requestId } = asked.prompt
  if (state.row?.pending.some((hint) => hint.requestId === requestId)) asked.wasHinted = true
  return asked.wasHinted || state.clock.nowMs() - createdAtMs < freshMs
}

/** Takes up a prompt the worker asks or lists as open. */
function takePrompt(
  state: ReadingState,
  telling: Telling & { raw: Fields; createdAtMs: number; subagent?: Subagent },
  isListed: boolean,
): boolean {
  const prompt = promptOf(telling.raw, (toolUseId) => state.calls.planOf(toolUseId))
  if (!prompt) return false
  const { prompts } = state
  const about = { at: telling.at, ...(telling.subagent && { subagent: telling.subagent }) }
  const known = prompts.find(prompt.requestId)
  const [oldest] = prompts.open()
  if (!known && oldest && prompts.all.size >= openMax)
    closePrompt(state, telling, oldest, withdrawn)
  const added =
    known ??
    prompts.add(prompt, about) ??
    (isListed ? prompts.revive(prompt, about, state.clock.nowMs()) : undefined)
  if (!added) return true
  const { toolUseId, toolName: name, input } = added.prompt
  if (!known && toolUseId) state.calls.asked(telling, { toolUseId, name, input: withoutNul(input) })
  if (isListed || isLive(state, added, telling.createdAtMs)) {
    prompts.tell(telling, added, state.place)
  }
  return true
}

const atTheMachine: Readonly<Record<string, string>> = {
  elicitation: 'It asks for input that can only be given at its machine.',
  request_user_dialog: 'It shows a dialog that can only be answered at its machine.',
}

export function readControlRequest(state: ReadingState, telling: EventTelling): void {
  const { payload, source, uuid } = telling
  const request = fieldsOf(payload.request) ?? {}
  const subtype = textOf(request.subtype) ?? ''
  const isPrompt = subtype === 'can_use_tool'
  if (
    source === 'client' ||
    (source === 'unknown' && !isPrompt && !Object.hasOwn(atTheMachine, subtype))
  ) {
    if (subtype === 'interrupt') state.turns.isStopped = true
    return
  }
  if (isPrompt && takePrompt(state, telling, false)) return
  const words = entryOf(atTheMachine, subtype)
  if (words) {
    const more = textOf(request.message) ?? textOf(request.dialog_kind)
    const text = more ? `${words} (${more})` : words
    state.need.said()
    addNote(telling, { text, tone: 'warning', key: `dialog:${textOf(payload.request_id) ?? uuid}` })
  } else if (!othersRequests.includes(subtype)) {
    const text =
      isPrompt || subtype === ''
        ? 'It asks for something in a way that could not be read. Answer it at its machine.'
        : `It asks for something that this version does not know: ${subtype}. Answer it at its machine.`
    addSourceNote(telling, { text, raw: payload, key: `event:${uuid}` })
  }
}

function readAnswer(
  state: ReadingState,
  telling: EventTelling,
  response: Fields,
  asked: Asked,
): void {
  const { uuid, source } = telling
  const resolved = answerIn(response, asked.prompt.toolName)
  if (!resolved) return
  if (source === 'worker') {
    const { outcome } = resolved
    const closing: Closing = { by: 'desk', actor: terminal, resolved: { outcome } }
    settled(state, asked, state.prompts.overrule(telling, asked, closing, state.place))
    return
  }
  const note = state.notes.get(uuid)
  const closing: Closing = note?.answers
    ? { by: 'here', actor: note.by, resolved: note.answers.resolved, causedBy: note.commandId }
    : { by: 'elsewhere', actor: elsewhere, resolved }
  const isAway = state.row?.connection === 'disconnected'
  const storedMs = Math.min(telling.createdAtMs, state.clock.nowMs())
  state.prompts.answered(asked, closing, uuid, isAway ? undefined : storedMs)
}

export function readControlResponse(state: ReadingState, telling: EventTelling): void {
  const response = fieldsOf(telling.payload.response) ?? {}
  const requestId = textOf(response.request_id)
  if (!requestId) return
  const asked = state.prompts.find(requestId)
  if (asked) {
    readAnswer(state, telling, response, asked)
    return
  }
  if (telling.source === 'client' || fieldsOf(response.response)?.behavior !== undefined) return
  const error = textOf(response.error)
  telling.observed.push({
    kind: 'control',
    requestId,
    isError: response.subtype !== 'success',
    ...(error && { error }),
    response,
  })
  readPendingList(state, telling, response.pending_permission_requests)
}

/** What an answer to `initialize` lists as open; where it lists nothing, an older worker says nothing. */
export function readPendingList(state: ReadingState, telling: Telling, requests: unknown): void {
  for (const value of listOf(requests)) {
    const payload = fieldsOf(value)
    if (payload)
      takePrompt(state, { ...telling, raw: payload, createdAtMs: state.clock.nowMs() }, true)
  }
}

/** The worker takes a prompt back. */
export function readCancel(state: ReadingState, telling: EventTelling): void {
  const asked = state.prompts.find(textOf(telling.payload.request_id) ?? '')
  if (!asked || telling.source === 'client') return
  // A cloud worker that starts anew over an approved plan cancels it; the approval counted.
  const isApproved = asked.answer?.resolved.outcome === 'approved'
  if (asked.answer && !isApproved) {
    const closing: Closing = { by: 'desk', actor: terminal, resolved: { outcome: 'withdrawn' } }
    settled(state, asked, state.prompts.overrule(telling, asked, closing, state.place))
  } else closePrompt(state, telling, asked, { ...withdrawn, by: 'desk' })
}

/** Prompts that went with what they were part of. */
export function withdrawPrompts(state: ReadingState, telling: Telling): void {
  for (const asked of state.prompts.open()) {
    delete asked.answer
    closePrompt(state, telling, asked, { ...withdrawn, by: 'desk' })
  }
}
