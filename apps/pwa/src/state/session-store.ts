import { reduceSession, type Session, type SessionEvent, type SessionId } from '@bellhop/core'
import { createSignal } from 'solid-js'
import type { FrameBatch } from './frame-batch.ts'
import { overtake, postSignals, type SignalBoard } from './signal-board.ts'

export type SessionMap = ReadonlyMap<SessionId, Session>

/** All sessions and the signals about them, folded from the stream with the relay's own reducer. */
export function createSessionStore() {
  const [sessions, setSessions] = createSignal<SessionMap>(new Map())
  const [board, setBoard] = createSignal<SignalBoard>(new Map())

  return {
    sessions,
    board,
    get: (sessionId: string) => sessions().get(sessionId as SessionId),
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
    activity: (sessionId: string) => signalText(board(), 'activity', sessionId),
    partial: (sessionId: string) => signalText(board(), 'text.partial', sessionId),
  }
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
