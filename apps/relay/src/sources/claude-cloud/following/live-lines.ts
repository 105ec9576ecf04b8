import type { Timing } from '../../../clock.ts'
import { LIMITS, WAITS } from '../cloud-timing.ts'
import type { CloudSession } from './cloud-session.ts'
import type { Line } from './session-line.ts'

export type LiveLinesParts = {
  timing: Timing
  sessions(): Iterable<CloudSession>
  isLookedAt(session: CloudSession): boolean
  /** Another source tells what it does, so that only commands need it live. */
  isReadElsewhere(session: CloudSession): boolean
  follow(session: CloudSession, mayStream: boolean, signal: AbortSignal): Line
  onFailure(error: unknown): void
}

type Held = { line: Line; mayStream: boolean; stop: AbortController }

/** Gives the sessions that matter just now a line each, within limits; all others cost nothing. */
export const createLiveLines = (parts: LiveLinesParts, signal: AbortSignal) => {
  const { timing } = parts
  const lines = new Map<CloudSession, Held>()
  let isPlanned = false

  const start = (session: CloudSession, mayStream: boolean): void => {
    const stop = new AbortController()
    const line = parts.follow(session, mayStream, AbortSignal.any([signal, stop.signal]))
    const held = { line, mayStream, stop }
    lines.set(session, held)
    line.done.catch(parts.onFailure).finally(() => {
      if (lines.get(session) === held) lines.delete(session)
    })
  }
  const stop = (session: CloudSession, held: Held): void => {
    lines.delete(session)
    held.stop.abort()
  }

  const settle = (): void => {
    isPlanned = false
    if (signal.aborted) return
    const nowMs = timing.nowMs()
    const wanted = [...parts.sessions()]
      .map((session) => ({ session, rank: rankOf(parts, session, nowMs) }))
      .filter(({ rank }) => rank > 0)
      .sort(
        (a, b) =>
          b.rank - a.rank ||
          // One that has a line keeps it before another that matters as much.
          Number(lines.has(b.session)) - Number(lines.has(a.session)) ||
          (b.session.row?.lastEventAtMs ?? 0) - (a.session.row?.lastEventAtMs ?? 0),
      )
      .slice(0, LIMITS.liveLines + LIMITS.polledLines)
      .map(({ session }, at) => ({ session, mayStream: at < LIMITS.liveLines }))
    const now = new Map(wanted.map(({ session, mayStream }) => [session, mayStream]))
    for (const [session, held] of lines) {
      if (now.get(session) !== held.mayStream) stop(session, held)
    }
    for (const [session, mayStream] of now) if (!lines.has(session)) start(session, mayStream)
  }

  return {
    /** Looks anew who is to have a line; soon, and once for many calls. */
    reconsider: (): void => {
      if (isPlanned || signal.aborted) return
      isPlanned = true
      queueMicrotask(settle)
    },
    of: (session: CloudSession): Line | undefined => lines.get(session)?.line,
    has: (session: CloudSession): boolean => lines.has(session),
    all: (): CloudSession[] => [...lines.keys()],
  }
}

/** 0: the list is enough. The higher, the sooner it is given a line. */
const rankOf = (
  parts: Pick<LiveLinesParts, 'isLookedAt' | 'isReadElsewhere'>,
  session: CloudSession,
  nowMs: number,
): number => {
  if (session.isOver) return 0
  if (session.isHeld) return 2
  if (parts.isReadElsewhere(session)) return 0
  if (parts.isLookedAt(session)) return 3
  return isBusy(session, nowMs) ? 1 : 0
}

/** Whether a session does something that somebody would want to hear of. */
export const isBusy = ({ row, lastReadMs, lastWantedMs }: CloudSession, nowMs: number): boolean => {
  if (nowMs - Math.max(lastReadMs, lastWantedMs) < WAITS.afterEventMs) return true
  if (!row || row.isArchived || row.connection === 'disconnected') return false
  if (row.worker === 'requires_action') return true
  const isFresh = row.lastEventAtMs === undefined || nowMs - row.lastEventAtMs < WAITS.freshMs
  return row.worker === 'running' && isFresh
}
