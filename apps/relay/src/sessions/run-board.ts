import type { SessionId, SourceId } from '@bellhop/core'
import type { SessionIndex } from './event-log.ts'
import type { KnownRun } from './session-source.ts'

/** Which sessions run under which key, so that two sources that follow the same run find each other. */
export interface RunBoard {
  /** Runs of other sources than this one. */
  others(sourceId: SourceId): readonly KnownRun[]
  onChange(listener: () => void): Disposable
  /** Looks again at these sessions. */
  look(sessionIds: Iterable<SessionId>): Promise<void>
  /** Looks at all of them. */
  load(): Promise<void>
}

export const createRunBoard = (sessions: Pick<SessionIndex, 'list' | 'get'>): RunBoard => {
  const runs = new Map<SessionId, KnownRun>()
  const listeners = new Set<() => void>()

  const note = (session: Awaited<ReturnType<SessionIndex['get']>>): boolean => {
    if (!session) return false
    const { sessionId, sourceId, runKey } = session
    const before = runs.get(sessionId)
    if (runKey === undefined || session.status === 'ended') return runs.delete(sessionId)
    const capabilities = session.roads?.[0]?.capabilities ?? session.capabilities
    runs.set(sessionId, { runKey, sessionId, sourceId, capabilities })
    return before?.runKey !== runKey || before.capabilities.join() !== capabilities.join()
  }
  const tell = () => {
    for (const listener of listeners) listener()
  }

  return {
    others: (sourceId) => [...runs.values()].filter((run) => run.sourceId !== sourceId),
    onChange: (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    look: async (sessionIds) => {
      let changed = false
      for (const sessionId of sessionIds) {
        if (note(await sessions.get(sessionId))) changed = true
      }
      if (changed) tell()
    },
    load: async () => {
      for (const session of (await sessions.list()).sessions) note(session)
      tell()
    },
  }
}
