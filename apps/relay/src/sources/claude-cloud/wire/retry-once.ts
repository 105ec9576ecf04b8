import type { Timing } from '../../../clock.ts'
import { CloudFailure } from '../cloud-failure.ts'

const PAUSE_MS = 700

/**
 * Makes a call that does no harm when done twice, and once more when it got no answer it could read.
 * [A-43] [A-91]
 */
export const retryOnce = async <Result>(
  timing: Timing,
  signal: AbortSignal,
  call: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await call()
  } catch (error) {
    if (!(error instanceof CloudFailure) || error.kind !== 'unreachable') throw error
    await timing.wait(PAUSE_MS, signal)
    signal.throwIfAborted()
    return call()
  }
}
