import { readAgentWords } from './agent-words.ts'
import type { EventOf, SessionEvent } from './events/index.ts'
import type { Cursor, PermissionId } from './ids.ts'
import type { Actor, Ask, PermissionOutcome } from './permission.ts'
import type { Subagent, ToolDetail, ToolResult } from './tools.ts'

type RowBase = { key: string; at: string; cursor: Cursor; subagent?: Subagent }

/** How a permission came out, as it is written under what it decided. */
export type Decision = {
  permissionId: PermissionId
  outcome: PermissionOutcome
  by: Actor
  at: string
  text?: string
  edited?: boolean
  rules?: readonly string[]
}

/** One readable thing in a transcript. */
export type TranscriptRow =
  | (RowBase & {
      kind: 'person'
      text: string
      from: 'person' | 'peer'
      deviceName?: string
      /** The agent that sent it through Bellhop; `text` is then its words alone. [MC-7] */
      agentName?: string
      causedBy?: string
    })
  | (RowBase & { kind: 'agent'; text: string })
  | (RowBase & { kind: 'thinking'; text: string })
  | (RowBase & { kind: 'note'; text: string; tone: 'plain' | 'warning' })
  | (RowBase & {
      kind: 'tool'
      toolCallId: string
      tool: ToolDetail
      /** `asking` while a permission for it is open. */
      state: 'running' | 'asking' | 'ok' | 'failed' | 'denied' | 'interrupted'
      result?: ToolResult
      decision?: Decision
    })
  | (RowBase & {
      kind: 'permission'
      permissionId: PermissionId
      ask: Ask
      open: boolean
      decision?: Decision
    })
  | (RowBase & { kind: 'tasks'; tasks: EventOf<'tasks.changed'>['tasks'] })
  | (RowBase & { kind: 'turn'; outcome: 'failed' | 'interrupted'; error?: string })
  | (RowBase & { kind: 'refused'; commandType: string; code: string; text: string; by: Actor })
  | (RowBase & { kind: 'ended'; reason: string; text?: string })
  | (RowBase & { kind: 'unknown'; title: string; raw: string })

/** A transcript as far as its events have been read. Rows keep their identity while they do not change. */
export type Transcript = {
  readonly rows: readonly TranscriptRow[]
  /** Where a row of a key stands. */
  readonly index: ReadonlyMap<string, number>
}

export const emptyTranscript: Transcript = { rows: [], index: new Map() }

/**
 * Folds events, in the log’s order, into readable rows. Reading the same events in one go or in many
 * gives the same rows; an event of a kind not known becomes a plain row. Pure. [TR-1] [I4] [I8]
 */
export const reduceTranscript = (
  transcript: Transcript,
  events: readonly SessionEvent[],
): Transcript => {
  if (events.length === 0) return transcript
  const draft: Draft = { rows: [...transcript.rows], index: new Map(transcript.index) }
  for (const event of events) {
    const row = rowOf(draft, event)
    if (row !== undefined) put(draft, row)
  }
  return draft
}

type Draft = { rows: TranscriptRow[]; index: Map<string, number> }

const put = (draft: Draft, row: TranscriptRow): void => {
  const at = draft.index.get(row.key)
  if (at === undefined) {
    draft.index.set(row.key, draft.rows.length)
    draft.rows.push(row)
  } else {
    draft.rows[at] = { ...row, at: draft.rows[at]?.at ?? row.at }
  }
}

const get = (draft: Draft, key: string): TranscriptRow | undefined => {
  const at = draft.index.get(key)
  return at === undefined ? undefined : draft.rows[at]
}

/** The row an event of this transcript stands in; none for what is not shown or not read. Pure. */
export const rowOfEvent = (
  { rows, index }: Transcript,
  event: SessionEvent,
): TranscriptRow | undefined => {
  const at = index.get(keyOf(event))
  return at === undefined ? undefined : rows[at]
}

const keyOf = (event: SessionEvent): string => {
  switch (event.type) {
    case 'message.person':
      return `person ${event.messageId}`
    case 'message.agent':
      return `agent ${event.messageId}`
    case 'message.thinking':
      return `thinking ${event.messageId}`
    case 'tool.started':
    case 'tool.ended':
      return toolKey(event.toolCallId)
    case 'permission.requested':
    case 'permission.resolved':
      return permissionKey(event.permissionId)
    default:
      return event.eventId
  }
}

const toolKey = (id: string) => `tool ${id}`
const permissionKey = (id: string) => `permission ${id}`

const base = (event: SessionEvent, key: string): RowBase => ({
  key,
  at: event.at,
  cursor: event.cursor,
  ...('subagent' in event && event.subagent && { subagent: event.subagent }),
})

/** The row an event adds or changes; none for what is not shown. */
const rowOf = (draft: Draft, event: SessionEvent): TranscriptRow | undefined => {
  switch (event.type) {
    case 'message.person':
      return {
        ...base(event, `person ${event.messageId}`),
        kind: 'person',
        text: event.text,
        ...readAgentWords(event.text),
        from: event.from,
        ...(event.deviceName !== undefined && { deviceName: event.deviceName }),
        ...(event.causedBy !== undefined && { causedBy: event.causedBy }),
      }
    case 'message.agent':
      return {
        ...base(event, `agent ${event.messageId}`),
        kind: 'agent',
        text: event.text,
      }
    case 'message.thinking':
      return {
        ...base(event, `thinking ${event.messageId}`),
        kind: 'thinking',
        text: event.text,
      }
    case 'message.note':
      return {
        ...base(event, event.eventId),
        kind: 'note',
        text: event.text,
        tone: event.tone,
      }
    case 'tool.started': {
      const row = get(draft, toolKey(event.toolCallId))
      if (row?.kind === 'tool') return { ...row, tool: event.tool }
      return {
        ...base(event, toolKey(event.toolCallId)),
        kind: 'tool',
        toolCallId: event.toolCallId,
        tool: event.tool,
        state: 'running',
      }
    }
    case 'tool.ended':
      return toolEnded(draft, event)
    case 'tasks.changed':
      return {
        ...base(event, `tasks ${event.subagent?.agentId ?? ''}`),
        kind: 'tasks',
        tasks: event.tasks,
      }
    case 'permission.requested':
      return asked(draft, event)
    case 'permission.resolved':
      return resolved(draft, event)
    case 'turn.ended':
      if (event.outcome === 'finished') return undefined
      return {
        ...base(event, event.eventId),
        kind: 'turn',
        outcome: event.outcome,
        ...(event.error !== undefined && { error: event.error }),
      }
    case 'session.ended':
      return {
        ...base(event, event.eventId),
        kind: 'ended',
        reason: event.reason,
        ...(event.text !== undefined && { text: event.text }),
      }
    case 'command.settled':
      if (event.outcome !== 'refused') return undefined
      return {
        ...base(event, event.eventId),
        kind: 'refused',
        commandType: event.commandType,
        code: event.code ?? 'internal',
        text: event.text ?? '',
        by: event.by,
      }
    case 'source.note':
      return {
        ...base(event, event.eventId),
        kind: 'unknown',
        title: event.text,
        raw: event.raw ?? '',
      }
    case 'unknown':
      return {
        ...base(event, event.eventId),
        kind: 'unknown',
        title: event.originalType,
        raw: JSON.stringify(event.raw, null, 1),
      }
    case 'session.started':
    case 'session.changed':
    case 'session.resumed':
    case 'session.followed':
    case 'session.joined':
    case 'session.road':
    case 'command.progressed':
    case 'turn.started':
      return undefined
  }
}

const toolEnded = (draft: Draft, event: EventOf<'tool.ended'>): TranscriptRow | undefined => {
  const key = toolKey(event.toolCallId)
  const row = get(draft, key)
  const known = row?.kind === 'tool' ? row : undefined
  const tool = event.tool ?? known?.tool
  // Its beginning is on an older page that has not been read: the end alone is not shown. [TR-2]
  if (tool === undefined) return undefined
  return {
    ...(known ?? base(event, key)),
    kind: 'tool',
    toolCallId: event.toolCallId,
    tool,
    state: event.outcome,
    result: event.result,
  }
}

const asked = (draft: Draft, event: EventOf<'permission.requested'>): TranscriptRow => {
  const row = event.toolCallId === undefined ? undefined : get(draft, toolKey(event.toolCallId))
  if (event.ask.kind === 'tool' && row?.kind === 'tool') {
    draft.index.set(permissionKey(event.permissionId), draft.index.get(row.key) ?? 0)
    return { ...row, state: row.state === 'running' ? 'asking' : row.state }
  }
  return {
    ...base(event, permissionKey(event.permissionId)),
    kind: 'permission',
    permissionId: event.permissionId,
    ask: event.ask,
    open: true,
  }
}

const resolved = (
  draft: Draft,
  event: EventOf<'permission.resolved'>,
): TranscriptRow | undefined => {
  const at = draft.index.get(permissionKey(event.permissionId))
  const row = at === undefined ? undefined : draft.rows[at]
  if (at === undefined || (row?.kind !== 'tool' && row?.kind !== 'permission')) return undefined
  // The first word on a permission counts, whatever comes after. [PE-3]
  if (row.decision?.permissionId === event.permissionId) return undefined
  const decision: Decision = {
    permissionId: event.permissionId,
    outcome: event.outcome,
    by: event.by,
    at: event.at,
    ...(event.text !== undefined && { text: event.text }),
    ...(event.edited !== undefined && { edited: event.edited }),
    ...(event.rules !== undefined && { rules: event.rules }),
  }
  return row.kind === 'tool'
    ? { ...row, state: row.state === 'asking' ? 'running' : row.state, decision }
    : { ...row, open: false, decision }
}
