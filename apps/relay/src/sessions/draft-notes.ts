import { createHash } from 'node:crypto'
import {
  check,
  cut,
  EVENTS,
  type EventDraft,
  parseDraft,
  type SessionId,
  type SourceId,
  sessionIdSchema,
} from '@bellhop/core'
import { type Clock, isoTime } from '../clock.ts'

const RAW_MAX = 20_000
const ISSUE_MAX = 500

/**
 * What stands in for a draft that cannot be read: a note that keeps it, in its own session or, when
 * it names none, in that of its neighbours. `undefined` when those name none either. [EV-5]
 */
export const noteOf = (
  value: unknown,
  issue: string,
  from: { neighbour: () => SessionId | undefined },
  clock: Clock,
): EventDraft | undefined => {
  const sessionId = sessionOf(value) ?? from.neighbour()
  if (sessionId === undefined) return undefined
  const raw = rawOf(value)
  const note = {
    type: 'source.note',
    sessionId,
    at: fieldOf(value, 'at'),
    // Says the same of the same text, so that reading it again adds nothing. [EV-2]
    dedupeKey: `note ${createHash('sha256').update(raw).digest('base64url')}`,
    text: wordsOf(value, issue),
    raw: cut(raw, RAW_MAX).text,
  }
  const parsed = parseDraft(note)
  if (parsed.ok) return parsed.draft
  const now = parseDraft({ ...note, at: isoTime(clock.nowMs()) })
  return now.ok ? now.draft : undefined
}

const wordsOf = (value: unknown, issue: string): string => {
  const type = fieldOf(value, 'type')
  return typeof type === 'string' && !Object.hasOwn(EVENTS, type)
    ? `Something new that this version does not know: ${type.slice(0, ISSUE_MAX)}. Shown as it came.`
    : `Something that could not be read. Shown as it came. ${issue.slice(0, ISSUE_MAX)}`
}

/** The beginning of a session whose source did not tell of one: every session has one. */
export const inventStart = (
  draft: EventDraft,
  sourceId: SourceId,
  machine: string,
): EventDraft & { type: 'session.started' } => ({
  type: 'session.started',
  sessionId: draft.sessionId,
  at: draft.at,
  dedupeKey: 'started by the relay',
  sourceId,
  machine,
})

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/** The first session that any of the drafts names; looked for at most once. */
export const neighbourOf = (drafts: readonly unknown[]): (() => SessionId | undefined) => {
  let found: { sessionId: SessionId | undefined } | undefined
  return () => {
    found ??= { sessionId: sessionOf(drafts.find((draft) => sessionOf(draft) !== undefined)) }
    return found.sessionId
  }
}

const sessionOf = (value: unknown): SessionId | undefined => {
  const read = check(sessionIdSchema, fieldOf(value, 'sessionId'))
  return read.ok ? read.value : undefined
}

const rawOf = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}
