import type { SessionId } from '@bellhop/core'
import type { Clock } from '../clock.ts'

/** How long a session counts as looked at after the last sign of it. */
export const FOCUS_LIFE_MS = 45_000
/** Sessions remembered; beyond it the one looked at longest ago is forgotten. [I6] */
const MOST = 200

/** Which sessions somebody has before their eyes, so that their sources can spend more on them. */
export interface Focus {
  /** Somebody looks at the session just now. */
  look(sessionId: SessionId): void
  /** Somebody looks at the list of sessions just now. */
  lookAtList(): void
  /** Lets go of those nobody looked at for a while. Called now and then. */
  tidy(): void
}

export const createFocus = (parts: {
  clock: Clock
  onChange: (sessionIds: ReadonlySet<SessionId>, isListOpen: boolean) => void
}): Focus => {
  const looks = new Map<SessionId, number>()
  let listMs: number | undefined
  const told = () => parts.onChange(new Set(looks.keys()), listMs !== undefined)
  return {
    lookAtList: () => {
      const isNew = listMs === undefined
      listMs = parts.clock.nowMs()
      if (isNew) told()
    },
    look: (sessionId) => {
      const isNew = !looks.delete(sessionId)
      looks.set(sessionId, parts.clock.nowMs())
      const [oldest] = looks.keys()
      if (looks.size > MOST && oldest !== undefined) looks.delete(oldest)
      if (isNew) told()
    },
    tidy: () => {
      const before = looks.size
      const limitMs = parts.clock.nowMs() - FOCUS_LIFE_MS
      for (const [sessionId, atMs] of looks) if (atMs < limitMs) looks.delete(sessionId)
      const isListLeft = listMs !== undefined && listMs < limitMs
      if (isListLeft) listMs = undefined
      if (isListLeft || looks.size !== before) told()
    },
  }
}
