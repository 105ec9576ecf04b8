/** A `user` event: what somebody said, and the results of calls. */
import { createHash } from 'node:crypto'
import { type Fields, fieldsOf, listOf, textOf } from '../../../claude-format/lines.ts'
import { personMessage, readSaid, readToolResults } from '../../../claude-format/message-blocks.ts'
import { contentText } from '../../../claude-format/tool-detail.ts'
import { readUserText } from '../../../claude-format/user-text.ts'
import { outcomeByResult } from './prompt-of.ts'
import { closePrompt } from './read-control.ts'
import type { ReadingState } from './reading-state.ts'
import { deviceNameOf } from './sent-notes.ts'
import { addNote, type EventTelling, envelopeOf, line } from './telling.ts'

const humanPlatforms = ['web_claude_ai', 'desktop_app', 'ios', 'android']

/** Whose a message is to the worker, where the record says it: in the echo, else in the stamp. */
export function senderOf(payload: Fields): 'person' | 'peer' | undefined {
  const kind = textOf(fieldsOf(payload.origin)?.kind)
  if (kind === 'peer') return 'peer'
  if (kind === 'human') return 'person'
  const platform = textOf(payload.client_platform)
  if (platform === undefined) return undefined
  return humanPlatforms.includes(platform) ? 'person' : 'peer'
}
const keptSaid = 50
const asPeer = /^Another Claude session sent a message:?\s*/

/** What stands for a message’s words, however they come back from the worker. */
const digestOf = (text: string): string =>
  createHash('sha256')
    .update(text.replace(asPeer, '').replaceAll(/\s+/g, ' ').trim())
    .digest('base64url')
    .slice(0, 16)

/** Why a call did not run, where it did not. */
function notRun(payload: Fields, toolUseId: string): 'denied' | 'interrupted' | undefined {
  const meta = [payload.tool_result_meta].flat().flatMap((one): Fields[] => {
    const fields = fieldsOf(one)
    return fields ? [fields] : []
  })
  const own =
    meta.find((one) => one.tool_use_id === toolUseId) ?? (meta.length === 1 ? meta[0] : undefined)
  const decision = fieldsOf(own?.permission_decision ?? payload.permission_decision)
  if (own?.user_feedback !== undefined || decision?.behavior === 'reject') return 'denied'
  if (decision?.decision === 'reject') return 'denied'
  const kind = textOf(own?.non_execution_kind)
  if (!kind) return undefined
  if (/interrupt|abort|cancel/.test(kind)) return 'interrupted'
  return /permission|reject|den[iy]|feedback|hook|rule/.test(kind) ? 'denied' : undefined
}

function readResults(state: ReadingState, telling: EventTelling, content: unknown): void {
  const { payload } = telling
  const details = payload.tool_use_result ?? payload.toolUseResult
  for (const block of listOf(content)) {
    const toolUseId = textOf(fieldsOf(block)?.tool_use_id)
    if (fieldsOf(block)?.type !== 'tool_result' || !toolUseId) continue
    const why = notRun(payload, toolUseId)
    const isDenied = why === 'denied'
    const kept = why === 'interrupted' ? { interrupted: true } : details
    const read = readToolResults([block], envelopeOf(telling), { details: kept, isDenied })
    // Its prompt was about a call that is over now, whoever said so.
    for (const asked of state.prompts.about(toolUseId)) {
      const outcome = outcomeByResult(asked.prompt.toolName, isDenied)
      closePrompt(state, telling, asked, {
        by: 'elsewhere',
        actor: { kind: 'source' },
        resolved: { outcome },
      })
    }
    if (!telling.subagent) state.turns.first(telling, telling.uuid)
    telling.drafts.push(...state.calls.sift(read.drafts))
    state.calls.ended(read.endedCalls)
  }
}

/**
 * Several messages that waited may come back as one with a text for each; again, where the worker was
 * started anew.
 */
function isMergedEcho(state: ReadingState, content: unknown): boolean {
  const texts = listOf(content).map((block) => textOf(fieldsOf(block)?.text) ?? '')
  if (texts.length < 2) return false
  const left = new Map(state.said)
  return texts.every((text) => {
    const digest = digestOf(text)
    const [uuid] = [...left].find(([, said]) => said === digest) ?? []
    return uuid !== undefined && left.delete(uuid)
  })
}

const demoted =
  'This message reached the agent as another session’s, not as yours, so it may not act on it.'

function sayDemoted(state: ReadingState, telling: EventTelling): void {
  if (!state.notes.get(telling.uuid)) return
  addNote(telling, { text: demoted, tone: 'warning', key: `peer:${telling.uuid}` })
}

/** A message that was read before comes back from the worker. */
export function readEcho(state: ReadingState, telling: EventTelling): void {
  if (telling.payload.type !== 'user' || telling.source === 'client') return
  state.turns.processing(telling, telling.uuid)
  if (fieldsOf(telling.payload.origin)?.kind === 'peer') sayDemoted(state, telling)
}

function person(
  state: ReadingState,
  telling: EventTelling,
  text: string,
  from: 'person' | 'peer',
): void {
  const { uuid, source, subagent, payload } = telling
  const note = state.notes.get(uuid)
  const deviceName = note && deviceNameOf(note.by)
  const messageId = uuid.slice(0, 200)
  const draft = personMessage(envelopeOf(telling), {
    text,
    from,
    messageId,
    dedupeKey: `event:${uuid}:person`,
  })
  telling.drafts.push({
    ...draft,
    ...(note && { causedBy: note.commandId }),
    ...(deviceName && { deviceName: line(deviceName) }),
  } as typeof draft)
  if (subagent) return
  if (from === 'person') state.facts.firstWords(text)
  if (source === 'client') {
    state.turns.wait(uuid)
    state.said.set(uuid, digestOf(text))
    if (state.said.size > keptSaid) state.said.delete([...state.said.keys()][0] ?? '')
    if (senderOf(payload) === 'peer') sayDemoted(state, telling)
  } else state.turns.begin(telling, uuid)
}

const fromProgram = ['auto-continuation', 'task-notification']

export function readUser(state: ReadingState, telling: EventTelling): void {
  const { payload, uuid, subagent } = telling
  const content = fieldsOf(payload.message)?.content
  readResults(state, telling, content)
  const text = contentText(content)
  const kind = textOf(fieldsOf(payload.origin)?.kind)
  const isPeer = kind === 'peer' || kind === 'channel' || kind === 'coordinator'
  const isMeta = payload.isMeta === true || payload.isSynthetic === true
  const own = readUserText(text)
  // What the program says as a user is marked as its own, and is told only where it says something.
  const hidden = isMeta && own.kind === 'words' && !isPeer
  const said = isPeer
    ? readSaid(content, { origin: { ...fieldsOf(payload.origin), kind: 'peer' } })
    : payload.isCompactSummary === true
      ? ({ kind: 'summary' } as const)
      : own
  if (hidden || (subagent && said.kind !== 'peer')) return
  switch (said.kind) {
    case 'interrupted':
      state.calls.breakOff(telling)
      state.turns.endEarly(telling, { outcome: 'interrupted' })
      break
    case 'words':
      if (kind !== undefined && fromProgram.includes(kind)) state.turns.allow()
      else if (!isMergedEcho(state, content)) person(state, telling, said.text, 'person')
      else state.turns.begin(telling, uuid)
      break
    case 'peer':
      if (said.text.trim() !== '') person(state, telling, said.text, 'peer')
      break
    case 'note':
      state.turns.allow()
      addNote(telling, { text: said.text, tone: said.tone, key: `event:${uuid}:note` })
      break
    case 'summary':
      addNote(telling, {
        text: 'What was said so far was summed up to make room.',
        key: `event:${uuid}:note`,
      })
      break
    case 'nothing':
      break
  }
}
