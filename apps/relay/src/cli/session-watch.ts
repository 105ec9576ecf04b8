import { reduceSession, type Session, type SessionId } from '@bellhop/core'
import { openEventStream, type RelayClient } from '@bellhop/core/client'

/** How many sessions there are, kept true by following the relay. */
export type SessionCounts = { running: number; waiting: number }

/** Follows the sessions until aborted, and tells of every change of the counts. */
export const watchSessions = (
  client: RelayClient,
  signal: AbortSignal,
  onChange: (counts: SessionCounts) => void,
): Promise<void> => {
  const sessions = new Map<SessionId, Session>()
  const tell = () => {
    const running = [...sessions.values()].filter(({ status }) => status !== 'ended')
    const waiting = running.filter(({ status }) => status === 'waiting')
    onChange({ running: running.length, waiting: waiting.length })
  }
  return openEventStream({
    client,
    signal,
    onState: () => {},
    onReset: async () => {
      const snapshot = await client.call('sessions', null, { signal })
      sessions.clear()
      for (const session of snapshot.sessions) sessions.set(session.sessionId, session)
      tell()
      return snapshot.cursor
    },
    onFrame: (frame) => {
      if (frame.frame !== 'event') return
      const { event } = frame
      const next = reduceSession(sessions.get(event.sessionId), event)
      if (next) sessions.set(event.sessionId, next)
      tell()
    },
  }).ended
}

export const countWords = ({ running, waiting }: SessionCounts): string => {
  if (running === 0) return 'No sessions yet; they appear by themselves.'
  const sessions = running === 1 ? '1 session' : `${running} sessions`
  const needs = waiting === 0 ? '' : waiting === 1 ? ', 1 needs you' : `, ${waiting} need you`
  return `Following ${sessions}${needs}.`
}
