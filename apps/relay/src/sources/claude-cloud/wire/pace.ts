import type { Timing } from '../../../clock.ts'
import { CloudFailure } from '../cloud-failure.ts'

/** One gate for all calls upstream, so that together they stay modest. [I6] */
export type Pace = {
  /**
   * Waits for a place; dispose of it when the call is over. What somebody does goes before what is
   * read, and finds places that no reading takes.
   */
  enter(signal: AbortSignal, isDoing?: boolean): Promise<Disposable>
  /** The other side asked for quiet: nobody calls until then. */
  hold(retryAfterMs: number | undefined): number
  /** A call went well. */
  ease(): void
}

export type PaceOptions = {
  timing: Timing
  /** Calls under way at once. */
  atOnce?: number
  /** Calls of either kind that may wait for a place; one more is refused. */
  waiting?: number
  /** Places that are left to what somebody does. */
  keptFree?: number
}

const AT_ONCE = 6
const WAITING = 200
const KEPT_FREE = 2
/** A quiet longer than this is not sat out in a call: it is refused at once and says how long. */
const PATIENCE_MS = 30_000
const FIRST_HOLD_MS = 30_000
const MAX_HOLD_MS = 10 * 60_000
const MAX_ASKED_MS = 60 * 60_000

const WORDS = 'Anthropic’s server asks for fewer calls; the relay waits and goes on by itself.'

export const createPace = ({
  timing,
  atOnce = AT_ONCE,
  waiting = WAITING,
  keptFree = atOnce > KEPT_FREE ? KEPT_FREE : 0,
}: PaceOptions): Pace => {
  let under = 0
  let heldUntilMs = 0
  let holds = 0
  const doing = { most: atOnce, queue: [] as (() => void)[] }
  const reading = { most: atOnce - keptFree, queue: [] as (() => void)[] }

  const leave = () => {
    under -= 1
    for (const { most, queue } of [doing, reading]) {
      if (under >= most) continue
      const next = queue.shift()
      if (!next) continue
      under += 1
      next()
    }
  }

  const takePlace = (signal: AbortSignal, { most, queue }: typeof doing): Promise<void> => {
    if (under < most) {
      under += 1
      return Promise.resolve()
    }
    if (queue.length >= waiting)
      return Promise.reject(
        new CloudFailure('limited', 'Too many calls to Anthropic’s server wait already.'),
      )
    return new Promise((resolve, reject) => {
      const take = () => {
        signal.removeEventListener('abort', give)
        resolve()
      }
      const give = () => {
        queue.splice(queue.indexOf(take), 1)
        reject(signal.reason)
      }
      queue.push(take)
      signal.addEventListener('abort', give, { once: true })
    })
  }

  return {
    enter: async (signal, isDoing = false) => {
      signal.throwIfAborted()
      await takePlace(signal, isDoing ? doing : reading)
      try {
        for (;;) {
          const leftMs = heldUntilMs - timing.nowMs()
          if (leftMs <= 0) break
          if (leftMs > PATIENCE_MS)
            throw new CloudFailure('limited', WORDS, { retryAfterMs: leftMs })
          await timing.wait(leftMs, signal)
          signal.throwIfAborted()
        }
      } catch (error) {
        leave()
        throw error
      }
      let isLeft = false
      return {
        [Symbol.dispose]: () => {
          if (!isLeft) leave()
          isLeft = true
        },
      }
    },
    hold: (askedMs) => {
      const ownMs = Math.min(MAX_HOLD_MS, FIRST_HOLD_MS * 2 ** Math.min(holds, 10))
      const holdMs =
        askedMs === undefined ? ownMs : Math.min(MAX_ASKED_MS, Math.max(1_000, askedMs))
      holds += 1
      heldUntilMs = Math.max(heldUntilMs, timing.nowMs() + holdMs)
      return holdMs
    },
    ease: () => {
      holds = 0
    },
  }
}
