import { backoffMs } from '@bellhop/core/client'
import type { Timing } from '../../../clock.ts'
import { CloudFailure } from '../cloud-failure.ts'
import { refusalOf } from './refusals.ts'

/** How often a call for somebody who waits is made at most, and for how long. */
const TRIES = 4
const PAUSE = { firstMs: 500, maxMs: 4_000 }
const PATIENCE_MS = 12_000

const passing = (error: unknown): error is CloudFailure =>
  error instanceof CloudFailure && ['edge', 'unreachable', 'limited'].includes(error.kind)

/**
 * Makes a call that is safe to make again, and again where it failed in a way that passes. Rejects
 * with what a phone is told.
 */
export const tryCall = async <Result>(
  call: () => Promise<Result>,
  timing: Timing,
  signal: AbortSignal,
): Promise<Result> => {
  const startedMs = timing.nowMs()
  let maybeDone = false
  for (let tries = 1; ; tries++) {
    try {
      return await call()
    } catch (error) {
      maybeDone ||= error instanceof CloudFailure && error.maybeDone
      if (!passing(error) || tries >= TRIES || signal.aborted) throw refusalOf(error, maybeDone)
      const pauseMs = error.retryAfterMs ?? backoffMs(tries - 1, PAUSE)
      // Whoever waits is told now rather than after a pause nobody sits through.
      if (timing.nowMs() + pauseMs > startedMs + PATIENCE_MS) throw refusalOf(error, maybeDone)
      await timing.wait(pauseMs, signal)
    }
  }
}
