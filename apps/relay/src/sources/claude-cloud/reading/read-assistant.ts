/** An `assistant` event: the agent’s words, thoughts and calls. */
import { fieldsOf, textOf } from '../../../claude-format/lines.ts'
import { readAssistantBlocks } from '../../../claude-format/message-blocks.ts'
import { contentText } from '../../../claude-format/tool-detail.ts'
import type { ReadingState } from './reading-state.ts'
import { addNote, type EventTelling, envelopeOf, line } from './telling.ts'

/** What an event takes back: its first words stand in place of theirs, the rest is gone. */
function replaced(state: ReadingState, telling: EventTelling): string[] {
  const { supersedes } = telling.payload
  return (Array.isArray(supersedes) ? supersedes : []).flatMap((uuid) =>
    typeof uuid === 'string' ? state.parts.saidBy(uuid) : [],
  )
}

function readError(state: ReadingState, telling: EventTelling, content: unknown): void {
  const { payload, uuid, subagent } = telling
  const text =
    contentText(content) || `The API answered with an error: ${textOf(payload.error) ?? 'unknown'}.`
  addNote(telling, { text, tone: 'warning', key: `event:${uuid}:note` })
  if (subagent) return
  state.turns.begin(telling, uuid)
  state.turns.endEarly(telling, { outcome: 'failed', error: text })
}

export function readAssistant(state: ReadingState, telling: EventTelling): void {
  const { payload, uuid, subagent } = telling
  const message = fieldsOf(payload.message) ?? {}
  const model = textOf(message.model)
  if (model && model !== '<synthetic>' && !subagent) state.facts.learn({ model: line(model) })
  if (payload.isApiErrorMessage === true || textOf(payload.error)) {
    readError(state, telling, message.content)
    return
  }
  const content =
    typeof message.content === 'string'
      ? [{ type: 'text', text: message.content }]
      : message.content
  const id = textOf(message.id) ?? uuid
  const gone = replaced(state, telling)
  const placed = state.parts.place(id, content, uuid).filter(({ isNew }) => isNew)
  const read = readAssistantBlocks(
    placed.map(({ block }) => block),
    envelopeOf(telling),
    {
      messageId: (index) => placed[index]?.messageId ?? uuid,
      dedupeKey: (index) => `event:${uuid}:${index}`,
    },
  )
  const hasCalls = read.startedCalls.length > 0
  const hasWords = read.drafts.some(({ type }) => type === 'message.agent')
  if (!subagent && payload.aborted !== true) {
    // Words may be the rest of a turn that has ended; a call never is.
    if (hasCalls) state.turns.begin(telling, uuid)
    else if (hasWords) state.turns.said(telling, uuid)
  }
  for (const draft of read.drafts) {
    if (draft.type !== 'message.agent') continue
    const stead = gone.shift()
    if (stead) draft.messageId = stead
  }
  state.calls.started(read.startedCalls, subagent)
  telling.drafts.push(...state.calls.sift(read.drafts))
  for (const [index, messageId] of gone.entries()) {
    const dedupeKey = `event:${uuid}:gone${index}`
    telling.drafts.push({
      ...envelopeOf(telling),
      type: 'message.agent',
      messageId,
      text: '',
      dedupeKey,
    })
  }
  if (hasWords) state.words.told(id, subagent?.agentId)
}
