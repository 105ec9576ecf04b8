import type { SourceId } from '@bellhop/core'
import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../../../claude-format/lines.ts'
import { type Clock, isoTime } from '../../../clock.ts'
import type { CloudEvent, CloudRow, Delivery, SkipCounter, Suffix } from '../cloud-api.ts'
import type { Reading, SessionReader } from '../parts.ts'
import { sessionIdOf } from '../session-names.ts'
import { CallBook } from './call-book.ts'
import { LiveWords } from './live-words.ts'
import { MachineNeed } from './machine-need.ts'
import { MessageParts } from './message-parts.ts'
import { OpenPrompts } from './open-prompts.ts'
import { readPendingList, settlePrompts } from './read-control.ts'
import { readEvent } from './read-event.ts'
import { tellFacts, tellRow } from './read-row.ts'
import { showRetry, showStatus } from './read-system.ts'
import { readEcho, senderOf } from './read-user.ts'
import type { ReadingState } from './reading-state.ts'
import { SeenEvents } from './seen-events.ts'
import { SentNotes } from './sent-notes.ts'
import { SessionFacts } from './session-facts.ts'
import {
  addActivity,
  addSourceNote,
  type EventTelling,
  newTelling,
  type Telling,
} from './telling.ts'
import { Turns } from './turns.ts'
import { withoutNul } from './without-nul.ts'

export type SessionReaderParts = {
  suffix: Suffix
  sourceId: SourceId
  clock: Clock
  /** What an earlier reader’s `save` gave. */
  saved?: string
  /** The name of the machine a session runs on, where it is known. */
  machineOf?: (row: CloudRow) => string | undefined
  skips?: Pick<SkipCounter, 'skip'>
  /** Whether what a worker takes is heard just now; without it, that is believed. */
  hearsDeliveries?: () => boolean
}

/** How far the other side’s clock may be ahead of ours and still be believed. */
const AHEAD_MS = 10 * 60_000

const parseSaved = (saved: string | undefined): Fields => {
  try {
    return fieldsOf(JSON.parse(saved ?? '{}')) ?? {}
  } catch {
    // Reads anew, which stores nothing twice.
    return {}
  }
}

const readPairs = (saved: unknown): Map<string, string> =>
  new Map(
    listOf(saved).flatMap((pair): [string, string][] => {
      const [key, value] = listOf(pair).map(textOf)
      return key && value ? [[key, value]] : []
    }),
  )

/** Joined to another session, only what is asked is told, there; and of itself what it is as a whole. */
const told = (state: ReadingState, telling: Telling, own: string): Reading => {
  const { observed, signals } = telling
  if (state.place.sessionId === own) return { drafts: telling.drafts, observed, signals }
  const drafts = telling.drafts.flatMap((draft) => {
    if (/^(permission|session)\./.test(draft.type)) return [draft]
    if (draft.type !== 'command.progressed') return []
    return [{ ...draft, sessionId: state.place.sessionId }]
  })
  return { drafts, observed, signals: [] }
}

/** Makes the reader of one session. It does nothing by itself and never throws over what it reads. */
export function createSessionReader(parts: SessionReaderParts): SessionReader {
  const { clock, sourceId } = parts
  const saved = parseSaved(parts.saved)
  // Where an event belongs is said by the line it came on; a payload may name another session.
  const sessionId = sessionIdOf(parts.suffix)
  const seen = new SeenEvents(saved.seen)
  const joined = fieldsOf(saved.joined)
  const state: ReadingState = {
    clock,
    turns: new Turns(saved.turns),
    prompts: new OpenPrompts(saved.prompts, parts.hearsDeliveries),
    calls: new CallBook(saved.calls),
    notes: new SentNotes(saved.notes),
    words: new LiveWords(),
    parts: new MessageParts(saved.parts),
    facts: new SessionFacts(saved.facts),
    need: new MachineNeed(saved.need),
    said: readPairs(saved.said),
    place: { sessionId, tellsPrompts: true },
    row: undefined,
    recordMs: numberOf(saved.recordMs),
    isLeaving: saved.isLeaving === true,
  }
  if (textOf(joined?.sessionId)) {
    const into = joined?.sessionId as typeof sessionId
    state.place = { sessionId: into, sourceId, tellsPrompts: joined?.tellsPrompts === true }
  }

  const now = (): Telling => newTelling(sessionId, isoTime(clock.nowMs()))
  const eventTelling = (event: CloudEvent): EventTelling => {
    const payload = withoutNul(event.payload)
    const createdAtMs = event.createdAtMs ?? clock.nowMs()
    const subagent = state.calls.subagentOf(payload)
    return {
      // What claims to come from the future is not to stand first for ever.
      ...newTelling(sessionId, isoTime(Math.min(createdAtMs, clock.nowMs() + AHEAD_MS))),
      payload,
      raw: event.payload,
      source: event.source,
      uuid: (textOf(payload.uuid) ?? event.eventId).slice(0, 150),
      createdAtMs,
      ...(subagent && { subagent }),
    }
  }
  const finish = (telling: Telling): Reading => told(state, telling, sessionId)
  const settle = (telling: Telling): void => {
    settlePrompts(state, telling)
    if (state.prompts.all.size === 0) state.turns.settle(telling, clock.nowMs())
    state.need.settle(telling, state.prompts.all.size > 0, clock.nowMs())
  }
  const passed = (): Reading => ({ drafts: [], observed: [], signals: [] })

  const readNew = (event: CloudEvent, telling: EventTelling): void => {
    let isRead = false
    try {
      isRead = readEvent(state, telling)
    } catch (error) {
      // What nobody thought of is carried, and told as what it is.
      if (!(error instanceof Error)) throw error
      const text = 'Something that could not be read. Shown as it came.'
      addSourceNote(telling, { text, raw: event.payload, key: `event:${telling.uuid}` })
    }
    if (!isRead) parts.skips?.skip('payload')
  }

  return {
    sessionId,
    get lastSequence() {
      return seen.last
    },
    get firstSequence() {
      return seen.first
    },
    get prompts() {
      return state.prompts.all
    },
    get isTurnOpen() {
      return state.turns.isOpen
    },
    get settlesAtMs() {
      // A turn that waits for an answer is not over.
      const turnMs = state.prompts.all.size === 0 ? state.turns.settlesAtMs : undefined
      const times = [state.prompts.settlesAtMs, turnMs, state.need.settlesAtMs]
      const due = times.filter((time) => time !== undefined)
      return due.length > 0 ? Math.min(...due) : undefined
    },
    read: (event) => {
      if (event.sequence !== undefined && !seen.takeNumber(event.sequence)) return passed()
      const telling = eventTelling(event)
      const { uuid, source } = telling
      // Events without a uuid of their own go by the envelope’s id, which another session may share.
      const isKnown = seen.hasId(uuid)
      seen.addId(uuid)
      state.prompts.readUpTo(telling.createdAtMs)
      state.turns.heard(telling.createdAtMs)
      state.recordMs = Math.max(state.recordMs ?? 0, telling.createdAtMs)
      if (!state.facts.isStarted) tellFacts(state, telling, { sourceId, machine: undefined })
      if (!isKnown || source !== 'client') {
        const from = senderOf(telling.payload)
        telling.observed.push({ kind: 'stored', uuid, source, ...(from && { from }) })
      }
      state.notes.progress(telling, uuid, 'stored')
      if (isKnown) readEcho(state, telling)
      else readNew(event, telling)
      if (event.delivered) hasGot(state, telling, event.delivered)
      tellFacts(state, telling, { sourceId, machine: undefined })
      return finish(telling)
    },
    readRow: (row) => {
      const telling = now()
      state.row = row
      tellRow(state, telling, { sourceId, machine: parts.machineOf?.(row) }, row)
      settle(telling)
      telling.observed.push({ kind: 'row', row })
      return finish(telling)
    },
    readEphemeral: (payload) => {
      const subagent = state.calls.subagentOf(payload)
      const telling = { ...now(), payload: withoutNul(payload), ...(subagent && { subagent }) }
      const event = payload.type === 'stream_event' ? fieldsOf(payload.event) : undefined
      if (event) telling.signals.push(...state.words.piece(event, sessionId, subagent))
      else if (payload.type === 'tool_progress')
        addActivity(telling, textOf(payload.tool_name) ?? '')
      else if (payload.subtype === 'status') showStatus(telling)
      else if (payload.subtype === 'api_retry') showRetry(telling)
      else if (
        payload.subtype === 'thinking_tokens' &&
        (numberOf(payload.estimated_tokens) ?? 0) > 0
      ) {
        addActivity(telling, 'Thinking')
      }
      return finish(telling)
    },
    readDelivery: (delivery) => {
      const telling = now()
      takeDelivery(state, telling, delivery)
      settle(telling)
      return finish(telling)
    },
    readPending: (requests) => {
      const telling = now()
      readPendingList(state, telling, requests)
      return finish(telling)
    },
    expect: (note) => {
      state.notes.expect(note)
      if (note.answers) state.prompts.sentTo(note.answers.permissionId)
    },
    joinTo: (into) => {
      const telling = now()
      const before = state.place
      state.place = into
        ? { ...into, ...(into.sessionId !== sessionId && { sourceId }) }
        : { sessionId, tellsPrompts: true }
      for (const asked of state.prompts.open()) {
        const wasTold = asked.toldIn.length > 0
        const isMoved = before.sessionId !== state.place.sessionId || !state.place.tellsPrompts
        // Its own row stays as it was; it is hidden, and may come back.
        if (isMoved && before.sessionId !== sessionId)
          state.prompts.leave(telling, asked, before.sessionId)
        if (wasTold || into) state.prompts.tell(telling, asked, state.place)
      }
      return { drafts: telling.drafts, observed: [], signals: [] }
    },
    settle: () => {
      const telling = now()
      settle(telling)
      return finish(telling)
    },
    save: () => {
      const { place, isLeaving } = state
      const isJoined = place.sessionId !== sessionId
      return JSON.stringify({
        seen: seen.save(),
        turns: state.turns.save(),
        prompts: state.prompts.save(),
        calls: state.calls.save(),
        notes: state.notes.save(),
        parts: state.parts.save(),
        facts: state.facts.save(),
        need: state.need.save(),
        recordMs: state.recordMs,
        said: [...state.said],
        isLeaving,
        ...(isJoined && {
          joined: { sessionId: place.sessionId, tellsPrompts: place.tellsPrompts },
        }),
      })
    },
  }
}

/** The record says how far it got; what happened after that stands in the record as well. */
const hasGot = (
  state: ReadingState,
  telling: EventTelling,
  status: NonNullable<CloudEvent['delivered']>,
): void => {
  const { uuid } = telling
  telling.observed.push({ kind: 'delivery', eventId: uuid, status })
  state.notes.progress(telling, uuid, status)
  if (status === 'processing') state.turns.processing(telling, uuid)
  else state.prompts.taken(uuid, state.clock.nowMs())
}

/** How far an event has got with the worker. */
const takeDelivery = (
  state: ReadingState,
  telling: Telling,
  { eventId, status }: Delivery,
): void => {
  telling.observed.push({ kind: 'delivery', eventId, status })
  if (status === 'received' || status === 'processing' || status === 'processed') {
    state.notes.progress(telling, eventId, status)
  }
  if (status === 'processing') state.turns.processing(telling, eventId)
  if (status === 'processed') state.turns.processed(eventId, state.clock.nowMs())
  if (status !== 'processing') state.prompts.taken(eventId, state.clock.nowMs())
}
