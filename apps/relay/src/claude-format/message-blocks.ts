/**
 * The blocks of an assistant's or a user's message as drafts. Pure. A call's keys come from its id
 * alone, so that the same call told twice, in whatever way, is stored once.
 */
import { BOUNDS, cut, type EventDraft, type Subagent } from '@bellhop/core'
import { type Fields, fieldsOf, listOf, textOf } from './lines.ts'
import { contentText, toolDetail, toolResult } from './tool-detail.ts'
import { peerWords, readUserText, type UserText } from './user-text.ts'

/** What every draft of one message has in common. */
export type Envelope = Pick<EventDraft, 'sessionId' | 'at'> & { subagent?: Subagent }

/** A call of a tool, by its id. */
export interface CalledTool {
  toolUseId: string
  name: string
  input: Fields
}

export interface EndedCall {
  toolUseId: string
  /** Whether a person (or a rule) said no. */
  isDenied: boolean
}

/** What a message's words go by, told by the place of their block in the message. */
export interface BlockKeys {
  messageId(index: number): string
  dedupeKey(index: number): string
}

const message = (text: string) => cut(text, BOUNDS.message).text
const line = (text: string) => cut(text, BOUNDS.line).text

/** The list a `TodoWrite` call makes; undefined for a shape not known here. */
function tasksOf(input: Fields) {
  if (!Array.isArray(input.todos)) return undefined
  const states = { pending: 'open', in_progress: 'working', completed: 'done' } as const
  return input.todos.slice(0, 200).map((todo) => {
    const fields = fieldsOf(todo) ?? {}
    const state = states[textOf(fields.status) as keyof typeof states] ?? 'open'
    return { text: line(textOf(fields.content) ?? ''), state }
  })
}

/** The start of a call; the same whoever tells of it first. */
export function toolStarted(
  envelope: Envelope,
  toolUseId: string,
  name: string,
  input: Fields,
): EventDraft {
  return {
    ...envelope,
    type: 'tool.started',
    toolCallId: line(toolUseId),
    tool: toolDetail(name, input),
    dedupeKey: `tool:${toolUseId}:start`,
  }
}

/** What a call says when the agent makes it: that it started, or the tasks it sets. */
function callDraft(envelope: Envelope, { toolUseId, name, input }: CalledTool): EventDraft {
  const tasks = name === 'TodoWrite' ? tasksOf(input) : undefined
  if (!tasks) return toolStarted(envelope, toolUseId, name, input)
  return { ...envelope, type: 'tasks.changed', tasks, dedupeKey: `tasks:${toolUseId}` }
}

/** The agent's words, thoughts and calls, in their order. */
export function readAssistantBlocks(
  content: unknown,
  envelope: Envelope,
  keys: BlockKeys,
): { drafts: EventDraft[]; startedCalls: CalledTool[] } {
  const drafts: EventDraft[] = []
  const startedCalls: CalledTool[] = []
  for (const [index, value] of listOf(content).entries()) {
    const block = fieldsOf(value) ?? {}
    const words = block.type === 'text' ? textOf(block.text) : undefined
    const thoughts = block.type === 'thinking' ? textOf(block.thinking) : undefined
    const said = words ?? thoughts
    const toolUseId = block.type === 'tool_use' ? textOf(block.id) : undefined
    if (said?.trim()) {
      drafts.push({
        ...envelope,
        type: words === undefined ? 'message.thinking' : 'message.agent',
        messageId: keys.messageId(index),
        text: message(said),
        dedupeKey: keys.dedupeKey(index),
      })
    } else if (toolUseId) {
      const name = textOf(block.name) ?? 'unknown'
      const call = { toolUseId, name, input: fieldsOf(block.input) ?? {} }
      startedCalls.push(call)
      drafts.push(callDraft(envelope, call))
    }
  }
  return { drafts, startedCalls }
}

/**
 * The results among a user message's blocks. `details` is what the program keeps beside them
 * (`toolUseResult`, `tool_use_result`); `isDenied` says that leave for the call was refused.
 */
export function readToolResults(
  content: unknown,
  envelope: Envelope,
  { details, isDenied }: { details?: unknown; isDenied: boolean },
): { drafts: EventDraft[]; endedCalls: EndedCall[] } {
  const kept = fieldsOf(details)
  const drafts: EventDraft[] = []
  const endedCalls: EndedCall[] = []
  for (const value of listOf(content)) {
    const block = fieldsOf(value) ?? {}
    const toolUseId = block.type === 'tool_result' ? textOf(block.tool_use_id) : undefined
    if (!toolUseId) continue
    const failed = block.is_error === true ? 'failed' : 'ok'
    const outcome = isDenied ? 'denied' : kept?.interrupted === true ? 'interrupted' : failed
    endedCalls.push({ toolUseId, isDenied })
    drafts.push({
      ...envelope,
      type: 'tool.ended',
      toolCallId: line(toolUseId),
      outcome,
      result: toolResult(block.content, kept),
      dedupeKey: `tool:${toolUseId}:end`,
    })
  }
  return { drafts, endedCalls }
}

/** What a user's message says beside its results; `summary` is the program's own after compacting. */
export type SaidByUser = UserText | { kind: 'peer'; text: string } | { kind: 'summary' }

/** Tells a person's words from another session's and the program's, by the marks beside the content. */
export function readSaid(
  content: unknown,
  marks: { origin?: unknown; isMeta?: unknown; isCompactSummary?: unknown },
): SaidByUser {
  const text = contentText(content)
  const origin = fieldsOf(marks.origin)
  if (origin?.kind === 'peer') return { kind: 'peer', text: textOf(origin.body) ?? peerWords(text) }
  if (marks.isMeta === true || text === '') return { kind: 'nothing' }
  return marks.isCompactSummary === true ? { kind: 'summary' } : readUserText(text)
}

/** Words that came to the agent, whoever's they are. */
export const personMessage = (
  envelope: Envelope,
  said: { text: string; from: 'person' | 'peer'; messageId: string; dedupeKey: string },
): EventDraft => ({ ...envelope, type: 'message.person', ...said, text: message(said.text) })

/** A remark of the program's. */
export const noteMessage = (
  envelope: Envelope,
  said: { text: string; tone: 'plain' | 'warning'; dedupeKey: string },
): EventDraft => ({
  ...envelope,
  type: 'message.note',
  ...said,
  text: cut(said.text, BOUNDS.output).text,
})
