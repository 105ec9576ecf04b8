import {
  emptyTranscript,
  reduceTranscript,
  type SessionEvent,
  type SessionId,
  type TranscriptRow,
} from '@bellhop/core'
import type { ApiSession, Fields, StoredEvent } from '../session-api/types.ts'
import { readHistory, type VirtualPhone } from './virtual-phone.ts'

/** One thing a person can read of a session, without what differs between here and there. */
export type Line =
  | { kind: 'person' | 'peer' | 'agent'; text: string }
  | { kind: 'tool'; id: string; ended: 'ok' | 'not ok' | 'open'; asked: Outcome }
  | { kind: 'ask'; name: string; asked: Outcome }

/** How leave came out: yes, no, taken back by nobody’s word, still open; none where none was asked. */
type Outcome = 'yes' | 'no' | 'withdrawn' | 'open' | 'none'

const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const string = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What reaches a screen of a text. */
const shown = (text: string): string => text.replaceAll('\0', '')

const blocksOf = (content: unknown): Fields[] =>
  typeof content === 'string'
    ? [{ type: 'text', text: content } as Fields]
    : list(content).flatMap((block): Fields[] => [fields(block) ?? {}])
const textsOf = (content: unknown): string[] =>
  blocksOf(content)
    .filter(({ type }) => type === 'text')
    .map(({ text }) => shown(string(text)))

const dialogs: Readonly<Record<string, string>> = {
  AskUserQuestion: 'question',
  ExitPlanMode: 'plan',
}
const ofTheProgram = /^\s*(?:<(?:command-|local-command|system-reminder)|\[Request interrupted)/

type Prompt = { line: Extract<Line, { asked: Outcome }>; byClient?: Outcome; isOver: boolean }

const outcomeOf = (response: Fields | undefined): Outcome | undefined => {
  const { behavior } = fields(response?.response) ?? {}
  if (response?.subtype !== 'success') return undefined
  return behavior === 'allow' ? 'yes' : behavior === 'deny' ? 'no' : undefined
}

/** What people should see of a session, told by its log at the server alone, in the order of its numbers. */
const storedLines = (session: Pick<ApiSession, 'events'>): Line[] => {
  const lines: Line[] = []
  const seen = new Set<string>()
  const said = new Map<string, Line[]>()
  const tools = new Map<string, Extract<Line, { kind: 'tool' }>>()
  const prompts = new Map<string, Prompt>()
  let unechoed: string[] = []

  const tool = (id: string) => {
    const line = tools.get(id) ?? { kind: 'tool', id, ended: 'open', asked: 'none' }
    if (!tools.has(id)) lines.push(line)
    tools.set(id, line)
    return line
  }
  const close = (prompt: Prompt | undefined, outcome: Outcome) => {
    if (!prompt || prompt.isOver) return
    prompt.isOver = true
    prompt.line.asked = outcome
  }
  const closeAll = () => {
    for (const prompt of prompts.values()) close(prompt, prompt.byClient ?? 'withdrawn')
  }

  const readPerson = ({ source, payload }: StoredEvent) => {
    const content = fields(payload.message)?.content
    const texts = textsOf(content)
    const text = texts.join('\n')
    const origin = string(fields(payload.origin)?.kind)
    if (text.trim() === '' || ofTheProgram.test(text) || payload.isCompactSummary === true) return
    if (origin === 'task-notification' || origin === 'auto-continuation') return
    if (origin === 'peer') lines.push({ kind: 'peer', text })
    else if (payload.isSynthetic !== true && payload.isMeta !== true) {
      // What waited comes back from the worker as one message with a text for each.
      if (source === 'worker' && texts.length > 1 && texts.every((one) => unechoed.includes(one))) {
        unechoed = unechoed.filter((one) => !texts.includes(one))
        return
      }
      if (source === 'client') unechoed.push(text)
      lines.push({ kind: 'person', text })
    }
  }

  for (const event of session.events) {
    const { payload, source } = event
    const uuid = string(payload.uuid) || event.event_id
    if (seen.has(uuid)) continue
    seen.add(uuid)
    const content = fields(payload.message)?.content
    if (payload.type === 'user') {
      for (const { type, tool_use_id: id, is_error: isError } of blocksOf(content)) {
        if (type !== 'tool_result') continue
        const line = tools.get(string(id))
        if (line) line.ended = isError === true ? 'not ok' : 'ok'
      }
      readPerson(event)
    }
    if (payload.type === 'assistant') {
      for (const gone of list(payload.supersedes)) {
        for (const line of said.get(string(gone)) ?? []) lines.splice(lines.indexOf(line), 1)
      }
      for (const block of blocksOf(content)) {
        const text = shown(string(block.text))
        if (block.type === 'tool_use' && !(string(block.name) in dialogs)) tool(string(block.id))
        if (block.type !== 'text' || text.trim() === '' || payload.isApiErrorMessage) continue
        const line: Line = { kind: 'agent', text }
        lines.push(line)
        said.set(uuid, [...(said.get(uuid) ?? []), line])
      }
    }
    const request = fields(payload.request)
    if (
      payload.type === 'control_request' &&
      source === 'worker' &&
      request?.subtype === 'can_use_tool' &&
      !prompts.has(string(payload.request_id))
    ) {
      const name = dialogs[string(request.tool_name)]
      const line: Prompt['line'] = name
        ? { kind: 'ask', name, asked: 'open' }
        : Object.assign(tool(string(request.tool_use_id)), { asked: 'open' as const })
      if (name) lines.push(line)
      prompts.set(string(payload.request_id), { line, isOver: false })
    }
    const response = fields(payload.response)
    const prompt = prompts.get(string(response?.request_id ?? payload.request_id))
    if (payload.type === 'control_response' && prompt) {
      const outcome = outcomeOf(response)
      if (outcome && source === 'worker') close(prompt, outcome)
      else if (outcome) prompt.byClient ??= outcome
    }
    if (payload.type === 'control_cancel_request' && source === 'worker')
      close(prompt, prompt?.byClient ?? 'withdrawn')
    if (payload.type === 'result') closeAll()
  }
  // Nobody objects any more: the answer that is stored counts.
  for (const prompt of prompts.values()) if (prompt.byClient) close(prompt, prompt.byClient)
  return lines
}

const decided = (outcome: string | undefined, isOpen: boolean): Outcome => {
  switch (outcome) {
    case 'allowed':
    case 'answered':
    case 'approved':
      return 'yes'
    case 'denied':
    case 'rejected':
      return 'no'
    case 'withdrawn':
      return 'withdrawn'
    default:
      return isOpen ? 'open' : 'none'
  }
}

/** The rows of a phone as such lines. What only says how something goes is no line. */
export const linesOf = (rows: readonly TranscriptRow[]): Line[] =>
  rows.flatMap((row): Line[] => {
    switch (row.kind) {
      case 'person':
        return [{ kind: row.from, text: row.text }]
      case 'agent':
        // Words that were taken back leave an empty row, which no screen shows.
        return row.text === '' ? [] : [{ kind: 'agent', text: row.text }]
      case 'tool': {
        const asked = decided(row.decision?.outcome, row.state === 'asking')
        const isOver = row.state !== 'running' && row.state !== 'asking'
        const ended = !isOver ? 'open' : row.state === 'ok' ? 'ok' : 'not ok'
        return [{ kind: 'tool', id: row.toolCallId, ended, asked }]
      }
      case 'permission': {
        const asked = decided(row.decision?.outcome, row.open)
        return row.ask.kind === 'tool' ? [] : [{ kind: 'ask', name: row.ask.kind, asked }]
      }
      default:
        return []
    }
  })

/**
 * Both sides, so that they can be compared. A call that no message showed has no result at the
 * server, so what the phone says of its end is not compared.
 */
export const sideBySide = (
  session: Pick<ApiSession, 'events'>,
  rows: readonly TranscriptRow[],
): { stored: Line[]; shown: Line[] } => {
  const stored = storedLines(session)
  const open = new Set(
    stored.flatMap((line) => (line.kind === 'tool' && line.ended === 'open' ? [line.id] : [])),
  )
  const shownLines = linesOf(rows).map((line) =>
    line.kind === 'tool' && open.has(line.id) ? { ...line, ended: 'open' as const } : line,
  )
  return { stored, shown: shownLines }
}

/** The rows of a phone that opens the session now: what the log holds, read by pages. */
export const openedRows = async (
  phone: VirtualPhone,
  id: SessionId,
): Promise<readonly TranscriptRow[]> => {
  const events: SessionEvent[] = await readHistory(phone.client, id)
  return reduceTranscript(emptyTranscript, events).rows
}
