import type { Timing } from '../../../clock.ts'
import type { FollowedSession, Observed } from '../parts.ts'

/** Listens to a session for as long as a command is under way, so that nothing is missed in between. */
export interface Hearing extends Disposable {
  /** What fits, of all that was heard since the start; undefined when nothing came in time. */
  until<Found>(
    fits: (observed: Observed) => Found | undefined,
    waitMs: number,
  ): Promise<Found | undefined>
}

/** Longer than any command waits. */
const LONGEST_MS = 10 * 60_000
/** A command hears a handful of things; what a busy session says beyond this is none of its business. */
const KEPT = 1_000

export const hear = (
  session: Pick<FollowedSession, 'observe' | 'stayLive'>,
  isOfUse: (observed: Observed) => boolean,
  timing: Timing,
  signal: AbortSignal,
): Hearing => {
  const ended = new AbortController()
  const either = AbortSignal.any([signal, ended.signal])
  const heard: Observed[] = []
  const asking = new Set<(observed: Observed) => void>()
  const hold = session.stayLive()
  const take = (observed: Observed) => {
    if (!isOfUse(observed) || ended.signal.aborted) return undefined
    if (heard.length < KEPT) heard.push(observed)
    for (const ask of [...asking]) ask(observed)
    return undefined
  }
  session.observe(take, LONGEST_MS, either).catch(() => {})
  return {
    until: async (fits, waitMs) => {
      const found = Promise.withResolvers<ReturnType<typeof fits>>()
      const over = new AbortController()
      const ask = (observed: Observed) => {
        const fit = fits(observed)
        if (fit !== undefined) found.resolve(fit)
      }
      asking.add(ask)
      for (const observed of [...heard]) ask(observed)
      void timing
        .wait(waitMs, AbortSignal.any([either, over.signal]))
        .then(() => found.resolve(undefined))
      try {
        return await found.promise
      } finally {
        asking.delete(ask)
        over.abort()
      }
    },
    [Symbol.dispose]: () => {
      ended.abort()
      hold[Symbol.dispose]()
    },
  }
}
