/** One line of a transcript as events. Pure: the same line in the same place gives the same drafts. */
import {
  BOUNDS,
  bareWords,
  cut,
  type EventDraft,
  firstLine,
  type SessionId,
  type Subagent,
} from '@bellhop/core'
import { type Fields, fieldsOf, isoTimeOf, numberOf, textOf } from '../../claude-format/lines.ts'
import {
  type CalledTool,
  type EndedCall,
  type Envelope,
  noteMessage,
  personMessage,
  readAssistantBlocks,
  readSaid,
  readToolResults,
  type SaidByUser,
} from '../../claude-format/message-blocks.ts'
import { contentText } from '../../claude-format/tool-detail.ts'
import { peerWords, readUserText } from '../../claude-format/user-text.ts'
import { readFacts, type SessionFacts } from './transcript-facts.ts'

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

export interface LineReading {
  drafts: EventDraft[]
  facts: SessionFacts
  turn: TurnState
  endedCalls: EndedCall[]
  /** Calls by id, for what can only be told by name and input. */
  startedCalls: CalledTool[]
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

const line = (text: string) => cut(text, BOUNDS.line).text

class LineReader {
  readonly reading: LineReading
  readonly #fields: Fields
  readonly #context: LineContext
  readonly #envelope: Envelope
  readonly #lineKey: string

  constructor(fields: Fields, context: LineContext, turn: TurnState) {
    this.#fields = fields
    this.#context = context
    this.#envelope = {
      sessionId: context.sessionId,
      at: isoTimeOf(fields.timestamp) ?? context.fallbackAt,
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
    const dedupeKey = `${this.#lineKey}:note`
    this.reading.drafts.push(noteMessage(this.#envelope, { text, tone, dedupeKey }))
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
    const dedupeKey = `${this.#lineKey}:person`
    this.reading.drafts.push(personMessage(this.#envelope, { text, from, messageId, dedupeKey }))
    if (from === 'person' && !this.#context.subagent) {
      Object.assign(this.reading.facts, { title: line(firstLine(bareWords(text))), titleRank: 0 })
    }
  }

  #readUser(): void {
    const content = fieldsOf(this.#fields.message)?.content
    const isDenied =
      this.#fields.toolDenialKind !== undefined ||
      fieldsOf(this.#fields.permissionDecision)?.decision === 'reject'
    const details = this.#fields.toolUseResult
    const results = readToolResults(content, this.#envelope, { details, isDenied })
    this.reading.endedCalls.push(...results.endedCalls)
    this.reading.drafts.push(...results.drafts)
    const said = readSaid(content, this.#fields)
    // A subagent's first words are its task, which stands on the call that started it.
    if (said.kind === 'peer' || !this.#context.subagent) this.#readSaid(said)
  }

  #readSaid(said: SaidByUser): void {
    const startsTurn =
      this.#fields.turnOrigin !== undefined || this.#fields.promptSource !== undefined
    switch (said.kind) {
      case 'interrupted':
        this.#endTurn('interrupted')
        break
      case 'summary':
        this.#note('What was said so far was summed up to make room.')
        break
      case 'note':
        if (startsTurn) this.#startTurn()
        this.#note(said.text, said.tone)
        break
      case 'words':
        this.#startTurn()
        this.#person(said.text, 'person')
        break
      case 'peer':
        this.#startTurn()
        this.#person(said.text, 'peer')
        break
      case 'nothing':
        break
    }
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
    const said = readAssistantBlocks(given.content, this.#envelope, {
      messageId: (index) => (index === 0 ? messageId : `${messageId}:${index}`),
      dedupeKey: (index) => `${this.#lineKey}:${index}`,
    })
    this.reading.startedCalls.push(...said.startedCalls)
    this.reading.drafts.push(...said.drafts)
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
