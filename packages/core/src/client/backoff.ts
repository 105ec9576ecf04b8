/** Growing delays with jitter: between half and all of `firstMs · 2^attempt`, at most `maxMs`. Pure. [CL-4] */
export const backoffMs = (
  attempt: number,
  limits: { firstMs: number; maxMs: number },
  random: () => number = Math.random,
): number => {
  const full = Math.min(limits.maxMs, limits.firstMs * 2 ** Math.min(attempt, 30))
  return full / 2 + (full / 2) * random()
}

/** Waits, or less when the signal aborts. Never rejects. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
