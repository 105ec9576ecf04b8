import type { StreamState } from '@bellhop/core/client'

/** What is known of the line to the relay, as the screens need it. */
export type Connection =
  | { state: 'unpaired' }
  | { state: 'connecting' }
  | { state: 'catching-up' }
  | { state: 'live' }
  /** The relay has not been heard; what is on the screen was true at `sinceMs`. */
  | { state: 'stale'; sinceMs: number | undefined }
  /** This phone has no network. */
  | { state: 'offline'; sinceMs: number | undefined }
  /** The relay no longer knows this phone. */
  | { state: 'removed'; code: string }

/** How long a line may be down before anyone is told. */
const GRACE_MS = 3_000

export type Line = {
  paired: boolean
  stream: StreamState
  /** When `stream` last changed between live and not. */
  changedMs: number
  /** When the relay was last heard, on this run or, by the cache, on an earlier one. */
  heardMs: number | undefined
  /** Whether this run has been live at all. */
  wasLive: boolean
  online: boolean
}

/** Pure: what the line looks like at a moment. A short break of a live line is still live. */
export function connectionAt(line: Line, nowMs: number): Connection {
  if (!line.paired) return { state: 'unpaired' }
  if (line.stream.state === 'refused') return { state: 'removed', code: line.stream.code }
  if (line.stream.state === 'live') return { state: 'live' }
  const short = nowMs - line.changedMs < GRACE_MS
  if (short && line.wasLive) return { state: 'live' }
  if (!line.online) return { state: 'offline', sinceMs: line.heardMs }
  if (short) return { state: line.stream.state === 'catching_up' ? 'catching-up' : 'connecting' }
  return { state: 'stale', sinceMs: line.heardMs }
}

/** Whether what is on the screen may be spoken of in the present tense, and answered. */
export const isCurrent = (connection: Connection): boolean => connection.state === 'live'
