import { setTimeout as sleep } from 'node:timers/promises'

/** The time, as a port, so that tests can hold it still. */
export interface Clock {
  nowMs(): number
}

/** Time that also passes, as a port, so that tests can let hours go by at once. */
export interface Timing extends Clock {
  /** Waits, or less when the signal aborts. Never rejects. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export const systemClock: Clock = { nowMs: () => Date.now() }

/** Timers take no more, and go off at once beyond it. */
const LONGEST_MS = 2 ** 31 - 1

export const systemTiming: Timing = {
  ...systemClock,
  wait: (ms, signal) =>
    sleep(Math.min(ms, LONGEST_MS), undefined, { signal, ref: false }).catch(() => {}),
}

/** A moment as it travels on the wire. */
export const isoTime = (ms: number): string => new Date(ms).toISOString()
