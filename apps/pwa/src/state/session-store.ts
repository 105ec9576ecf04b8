import {
  reduceSession,
  type Session,
  type SessionEvent,
  type SessionId,
  type SourceId,
} from '@bellhop/core'
import { createMemo, createSignal } from 'solid-js'
import type { FrameBatch } from './frame-batch.ts'
import { overtake, postSignals, type SignalBoard } from './signal-board.ts'

export type SessionMap = ReadonlyMap<SessionId, Session>

/** All sessions and the signals about them, folded from the stream with the relay's own reducer. */
export function createSessionStore() {
  const [sessions, setSessions] = createSignal<SessionMap>(new Map())
  const [board, setBoard] = createSignal<SignalBoard>(new Map())

  const get = (sessionId: string) => sessions().get(sessionId as SessionId)
  const shown = createMemo(() => [...sessions().values()].filter(standsAlone))

  return {
    sessions,
    /** Those a person knows: one that is the same run as another is shown as that one. */
    shown,
    machines: createMemo(() => new Set(shown().map((session) => session.machine)).size),
    board,
    get,
    /** The session that is shown in the place of this one, most often itself. */
    shownFor: (sessionId: string) => shownFor(get, sessionId),
    /** Takes a whole snapshot. */
    replace(all: readonly Session[]) {
      setSessions(new Map(all.map((session) => [session.sessionId, session])))
      setBoard(new Map())
    },
    /** Puts in one session read by itself, unless a newer state of it is known. */
    put(session: Session) {
      const known = sessions().get(session.sessionId)
      if (!known || known.lastEventAt <= session.lastEventAt)
        setSessions(new Map(sessions()).set(session.sessionId, session))
    },
    apply(batch: FrameBatch) {
      if (batch.events.length > 0) setSessions(foldAll(sessions(), batch.events))
      setBoard(postSignals(overtake(board(), batch.events), batch.signals))
    },
    /** Forgets signals: the line broke, and nobody knows what goes on this second. */
    hush: () => setBoard(new Map()),
    health: (sourceId: SourceId) => {
      const signal = board().get(`source.health ${sourceId}`)
      return signal?.type === 'source.health' ? signal : undefined
    },
    activity: (sessionId: string) => signalText(board(), 'activity', sessionId),
    partial: (sessionId: string) => signalText(board(), 'text.partial', sessionId),
  }
}

const standsAlone = (session: Session) => session.joinedTo === undefined

const MOST_JOINS = 5

/** Follows what a session is joined to, as far as it is known. */
function shownFor(get: (id: string) => Session | undefined, sessionId: string): string {
  let at = sessionId
  for (let joins = 0; joins < MOST_JOINS; joins++) {
    const into = get(at)?.joinedTo
    if (into === undefined || !get(into)) break
    at = into
  }
  return at
}

function foldAll(sessions: SessionMap, events: readonly SessionEvent[]): SessionMap {
  const next = new Map(sessions)
  for (const event of events) {
    const folded = reduceSession(next.get(event.sessionId), event)
    if (folded) next.set(event.sessionId, folded)
  }
  return next
}

function signalText(board: SignalBoard, type: 'activity' | 'text.partial', sessionId: string) {
  const signal = board.get(`${type} ${sessionId} `)
  return signal && 'text' in signal && signal.text ? signal : undefined
}
