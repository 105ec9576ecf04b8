/** One line of a transcript as events. Pure: the same line in the same place gives the same drafts. */
import {
  BOUNDS,
  cut,
  type EventDraft,
  firstLine,
  type SessionId,
  type Subagent,
} from '@bellhop/core'
import { type Fields, fieldsOf, listOf, numberOf, textOf } from './lines.ts'
import { contentText, toolDetail, toolResult } from './tool-detail.ts'
import { readFacts, type SessionFacts } from './transcript-facts.ts'
import { peerWords, readUserText } from './user-text.ts'

export interface LineContext {
  sessionId: SessionId
  subagent?: Subagent
  /** Where the line starts in its file. */
  offset: number
  /** For lines without a time of their own. */
  fallbackAt: string
}

/** What must be known of the lines before; plain data, kept with the place in the file. */
export interface TurnState {
  promptId?: string
  isOpen: boolean
}

export interface EndedCall {
  toolUseId: string
  /** Whether the person at the terminal (or a rule) said no. */
  isDenied: boolean
}

export interface LineReading {
  drafts: EventDraft[]
  facts: SessionFacts
  turn: TurnState
  endedCalls: EndedCall[]
  /** Calls by id, for what can only be told by name and input. */
  startedCalls: { toolUseId: string; name: string; input: Fields }[]
}

// Three quarters of a transcript are copies of what was sent to the model; they are not parsed.
const heavyTypes =
  /^\{"type":"(?:api-request|file-history|tools-used|atis-latch|last-prompt|mode"|cost-state|queue-operation)/
const attachmentSlice = 400

function isSkipped(line: string): boolean {
  if (heavyTypes.test(line)) return true
  const head = line.slice(0, attachmentSlice)
  return head.includes('"attachment":{"type":"') && !head.includes('"type":"queued_command"')
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/
const message = (text: string) => cut(text, BOUNDS.message).text
const line = (text: string) => cut(text, BOUNDS.line).text

type Envelope = Pick<EventDraft, 'sessionId' | 'at'> & { subagent?: Subagent }

class LineReader {
  readonly reading: LineReading
  readonly #fields: Fields
  readonly #context: LineContext
  readonly #envelope: Envelope
  readonly #lineKey: string

  constructor(fields: Fields, context: LineContext, turn: TurnState) {
    this.#fields = fields
    this.#context = context
    const stated = textOf(fields.timestamp) ?? ''
    this.#envelope = {
      sessionId: context.sessionId,
      at: isoTime.test(stated) ? stated : context.fallbackAt,
      ...(context.subagent && { subagent: context.subagent }),
    }
    this.#lineKey = `line:${textOf(fields.uuid) ?? `at${context.offset}`}`
    this.reading = { drafts: [], facts: {}, turn, endedCalls: [], startedCalls: [] }
  }

  read(): void {
    const { type } = this.#fields
    if (!this.#context.subagent) this.reading.facts = readFacts(this.#fields)
    if (type === 'user') this.#readUser()
    else if (type === 'assistant') this.#readAssistant()
    else if (type === 'system') this.#readSystem()
    else if (type === 'attachment') this.#readQueued()
  }

  #note(text: string, tone: 'plain' | 'warning' = 'plain'): void {
    this.reading.drafts.push({
      ...this.#envelope,
      type: 'message.note',
      text: cut(text, BOUNDS.output).text,
      tone,
      dedupeKey: `${this.#lineKey}:note`,
    })
  }

  #startTurn(): void {
    if (this.#context.subagent) return
    const promptId = textOf(this.#fields.promptId) ?? this.#lineKey
    if (this.reading.turn.isOpen && this.reading.turn.promptId === promptId) return
    this.reading.turn = { promptId, isOpen: true }
    const dedupeKey = `turn:${promptId}:start`
    this.reading.drafts.push({ ...this.#envelope, type: 'turn.started', dedupeKey })
  }

  #endTurn(outcome: 'finished' | 'failed' | 'interrupted', error?: string): void {
    if (this.#context.subagent) return
    const { promptId = this.#lineKey } = this.reading.turn
    this.reading.turn = { promptId, isOpen: false }
    const durationMs = numberOf(this.#fields.durationMs)
    this.reading.drafts.push({
      ...this.#envelope,
      type: 'turn.ended',
      outcome,
      ...(error && { error: cut(error, BOUNDS.reason).text }),
      ...(durationMs !== undefined && { durationMs }),
      dedupeKey: `turn:${promptId}:end`,
    })
  }

  #person(text: string, from: 'person' | 'peer'): void {
    const messageId = textOf(this.#fields.uuid) ?? this.#lineKey
    this.reading.drafts.push({
      ...this.#envelope,
      type: 'message.person',
      messageId,
      text: message(text),
      from,
      dedupeKey: `${this.#lineKey}:person`,
    })
    if (from === 'person' && !this.#context.subagent) {
      Object.assign(this.reading.facts, { title: line(firstLine(text)), titleRank: 0 })
    }
  }

  #readUser(): void {
    const content = fieldsOf(this.#fields.message)?.content
    const results = listOf(content).map((block) => fieldsOf(block) ?? {})
    for (const block of results) if (block.type === 'tool_result') this.#readResult(block)
    const text = contentText(content)
    const origin = fieldsOf(this.#fields.origin)
    if (origin?.kind === 'peer') {
      this.#startTurn()
      this.#person(textOf(origin.body) ?? peerWords(text), 'peer')
      return
    }
    // A subagent's first words are its task, which stands on the call that started it.
    if (this.#context.subagent || this.#fields.isMeta === true || text === '') return
    if (this.#fields.isCompactSummary === true) {
      this.#note('What was said so far was summed up to make room.')
      return
    }
    this.#readWords(text)
  }

  #readWords(text: string): void {
    const said = readUserText(text)
    const startsTurn =
      this.#fields.turnOrigin !== undefined || this.#fields.promptSource !== undefined
    switch (said.kind) {
      case 'interrupted':
        this.#endTurn('interrupted')
        break
      case 'note':
        if (startsTurn) this.#startTurn()
        this.#note(said.text, said.tone)
        break
      case 'words':
        this.#startTurn()
        this.#person(said.text, 'person')
        break
      case 'nothing':
        break
    }
  }

  #readResult(block: Fields): void {
    const toolUseId = textOf(block.tool_use_id)
    if (!toolUseId) return
    const details = fieldsOf(this.#fields.toolUseResult)
    const isDenied =
      this.#fields.toolDenialKind !== undefined ||
      fieldsOf(this.#fields.permissionDecision)?.decision === 'reject'
    const failed = block.is_error === true ? 'failed' : 'ok'
    const outcome = isDenied ? 'denied' : details?.interrupted === true ? 'interrupted' : failed
    this.reading.endedCalls.push({ toolUseId, isDenied })
    this.reading.drafts.push({
      ...this.#envelope,
      type: 'tool.ended',
      toolCallId: line(toolUseId),
      outcome,
      result: toolResult(block.content, details),
      dedupeKey: `tool:${toolUseId}:end`,
    })
  }

  #readAssistant(): void {
    const given = fieldsOf(this.#fields.message) ?? {}
    const model = textOf(given.model)
    if (model && model !== '<synthetic>' && !this.#context.subagent)
      this.reading.facts.model = line(model)
    if (this.#fields.isApiErrorMessage === true) {
      const text = contentText(given.content)
      this.#note(text, 'warning')
      this.#endTurn('failed', text)
      return
    }
    const messageId = `${textOf(given.id) ?? this.#lineKey}:${numberOf(this.#fields.apiBlockIndex) ?? this.#lineKey}`
    for (const [index, value] of listOf(given.content).entries()) {
      const block = fieldsOf(value) ?? {}
      const key = `${this.#lineKey}:${index}`
      const id = index === 0 ? messageId : `${messageId}:${index}`
      if (block.type === 'text' && textOf(block.text)?.trim()) {
        const text = message(String(block.text))
        const draft = { ...this.#envelope, messageId: id, text, dedupeKey: key }
        this.reading.drafts.push({ ...draft, type: 'message.agent' })
      } else if (block.type === 'thinking' && textOf(block.thinking)?.trim()) {
        const text = message(String(block.thinking))
        const draft = { ...this.#envelope, messageId: id, text, dedupeKey: key }
        this.reading.drafts.push({ ...draft, type: 'message.thinking' })
      } else if (block.type === 'tool_use') {
        this.#readCall(block)
      }
    }
  }

  #readCall(block: Fields): void {
    const toolUseId = textOf(block.id)
    const name = textOf(block.name) ?? 'unknown'
    const input = fieldsOf(block.input) ?? {}
    if (!toolUseId) return
    this.reading.startedCalls.push({ toolUseId, name, input })
    const tasks = name === 'TodoWrite' ? tasksOf(input) : undefined
    if (tasks) {
      const dedupeKey = `tasks:${toolUseId}`
      this.reading.drafts.push({ ...this.#envelope, type: 'tasks.changed', tasks, dedupeKey })
      return
    }
    this.reading.drafts.push(toolStarted(this.#envelope, toolUseId, name, input))
  }

  #readSystem(): void {
    if (this.#context.subagent) return
    const { subtype } = this.#fields
    const content = textOf(this.#fields.content) ?? ''
    if (subtype === 'turn_duration') this.#endTurn('finished')
    else if (subtype === 'compact_boundary') this.#note('What was said so far was compacted.')
    else if (subtype === 'local_command') {
      const said = readUserText(content)
      if (said.kind === 'note') this.#note(said.text, said.tone)
    } else if (content !== '' && this.#fields.level !== 'suggestion') {
      this.#note(content, this.#fields.level === 'error' ? 'warning' : 'plain')
    }
  }

  /** A message typed while the agent worked and handed to it between two steps. */
  #readQueued(): void {
    const attachment = fieldsOf(this.#fields.attachment)
    if (attachment?.type !== 'queued_command' || this.#context.subagent) return
    const text = contentText(attachment.prompt)
    const origin = textOf(fieldsOf(attachment.origin)?.kind)
    if (text === '' || attachment.commandMode === 'task-notification') return
    if (origin === 'peer') this.#person(peerWords(text), 'peer')
    else if (origin === undefined || origin === 'human') this.#person(text, 'person')
  }
}

function tasksOf(input: Fields) {
  if (!Array.isArray(input.todos)) return undefined
  const states = { pending: 'open', in_progress: 'working', completed: 'done' } as const
  return input.todos.slice(0, 200).map((todo) => {
    const fields = fieldsOf(todo) ?? {}
    const state = states[textOf(fields.status) as keyof typeof states] ?? 'open'
    return { text: line(textOf(fields.content) ?? ''), state }
  })
}

/** The start of a call; the same whether a hook or the transcript tells of it first. */
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

/** Reads one line; undefined for lines that say nothing to people. */
export function readTranscriptLine(
  text: string,
  context: LineContext,
  turn: TurnState,
): LineReading | undefined {
  if (isSkipped(text)) return undefined
  let fields: Fields | undefined
  try {
    fields = fieldsOf(JSON.parse(text))
  } catch {
    fields = undefined
  }
  if (!fields) {
    const note: EventDraft = {
      sessionId: context.sessionId,
      at: context.fallbackAt,
      type: 'source.note',
      text: 'A line of the transcript could not be read.',
      raw: cut(text, 2_000).text,
      dedupeKey: `note:${context.offset}`,
      ...(context.subagent && { subagent: context.subagent }),
    }
    return { drafts: [note], facts: {}, turn, endedCalls: [], startedCalls: [] }
  }
  const reader = new LineReader(fields, context, turn)
  reader.read()
  return reader.reading
}
