import { BOUNDS, cut, type EventDraft, type SessionId, type Subagent } from '@bellhop/core'
import type { CloudEvent, Fields } from '../cloud-api.ts'
import type { Reading } from '../parts.ts'

/** What one call of the reader tells, filled by those who read; and when it happened. */
export type Telling = Reading & { readonly sessionId: SessionId; readonly at: string }

/** The event that is read just now. */
export type EventTelling = Telling & {
  readonly payload: Fields
  /** The payload as it came, for what has to be sent back as it was. */
  readonly raw: Fields
  readonly source: CloudEvent['source']
  /** What it goes by: its own uuid, else the envelope’s id. */
  readonly uuid: string
  readonly createdAtMs: number
  readonly subagent?: Subagent
}

export const newTelling = (sessionId: SessionId, at: string): Telling => ({
  sessionId,
  at,
  drafts: [],
  observed: [],
  signals: [],
})

/** What all drafts of a telling have in common. */
export const envelopeOf = ({ sessionId, at, subagent }: Telling & { subagent?: Subagent }) => ({
  sessionId,
  at,
  ...(subagent && { subagent }),
})

export const addNote = (
  telling: Telling & { subagent?: Subagent },
  said: { text: string; tone?: 'plain' | 'warning'; key: string },
): void => {
  const text = cut(said.text, BOUNDS.output).text
  if (text.trim() === '') return
  const draft: EventDraft = {
    ...envelopeOf(telling),
    type: 'message.note',
    text,
    tone: said.tone ?? 'plain',
    dedupeKey: said.key,
  }
  telling.drafts.push(draft)
}

/** What goes on this second; an empty text takes it back. [SI-1] */
export const addActivity = (telling: Telling & { subagent?: Subagent }, text: string): void => {
  const { sessionId, at, subagent } = telling
  telling.signals.push({
    type: 'activity',
    sessionId,
    ...(subagent && { subagent }),
    text: line(text),
    ...(text !== '' && { since: at }),
  })
}

const RAW_MAX = 20_000

/** What is not known here may hold what a worker signs in with. [I12] */
const TOKENS = /\bsk-ant-[\w-]{8,}/g

/** Carries what is not known here, or not readable, plainly and bounded. [I8] */
export const addSourceNote = (
  telling: Telling,
  said: { text: string; raw: unknown; key: string },
): void => {
  telling.drafts.push({
    sessionId: telling.sessionId,
    at: telling.at,
    type: 'source.note',
    text: cut(said.text, BOUNDS.reason).text,
    raw: cut((JSON.stringify(said.raw) ?? '').replaceAll(TOKENS, '••••'), RAW_MAX).text,
    dedupeKey: said.key,
  })
}

export const line = (text: string): string => cut(text, BOUNDS.line).text
