import type { Timing } from '../../../clock.ts'

/** Told when something took longer than it was given. */
export class TimeLimit extends TypeError {}

/**
 * Runs something that can be aborted, for so long at most; rejects with a `TimeLimit` beyond that, or
 * with the outer signal’s reason.
 */
export const withTimeLimit = async <Result>(
  timing: Timing,
  limitMs: number,
  outer: AbortSignal,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  outer.throwIfAborted()
  const control = new AbortController()
  const done = new AbortController()
  const forward = () => control.abort(outer.reason)
  outer.addEventListener('abort', forward, { once: true })
  const late = new TimeLimit('time limit')
  void timing.wait(limitMs, done.signal).then(() => {
    if (!done.signal.aborted) control.abort(late)
  })
  try {
    return await run(control.signal)
  } catch (error) {
    throw control.signal.aborted ? control.signal.reason : error
  } finally {
    outer.removeEventListener('abort', forward)
    done.abort()
  }
}
