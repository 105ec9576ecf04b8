import type { SessionId } from '@bellhop/core'
import type { Clock } from '../../../clock.ts'
import { WAITS } from '../cloud-timing.ts'

/** Which sessions somebody has before their eyes, and had a moment ago. */
export const createLooks = (clock: Clock) => {
  let looked: ReadonlySet<SessionId> = new Set()
  let isListOpen = false
  const leftMs = new Map<SessionId, number>()
  const isRecent = (ms: number | undefined) =>
    ms !== undefined && clock.nowMs() - ms < WAITS.afterFocusMs
  return {
    set: (sessionIds: ReadonlySet<SessionId>, listOpen: boolean): void => {
      isListOpen = listOpen
      for (const id of looked) if (!sessionIds.has(id)) leftMs.set(id, clock.nowMs())
      looked = new Set(sessionIds)
      for (const [id, ms] of leftMs) if (looked.has(id) || !isRecent(ms)) leftMs.delete(id)
    },
    /** Looked at now, or until a moment ago. */
    has: (sessionId: SessionId): boolean =>
      looked.has(sessionId) || isRecent(leftMs.get(sessionId)),
    /** Looked at now. */
    isNow: (sessionId: SessionId): boolean => looked.has(sessionId),
    /** Somebody looks at a session or at the list of them. */
    isAnybody: (): boolean => isListOpen || looked.size > 0,
    now: (): ReadonlySet<SessionId> => looked,
  }
}
export type Looks = ReturnType<typeof createLooks>
