import { RelayError } from '@bellhop/core'
import type { Clock } from '../clock.ts'

/** Callers counted one by one; beyond it the one that called longest ago is forgotten. [I6] */
const CALLERS_KEPT = 2048

/** So many at once, and so many more a minute. */
export type Allowance = { burst: number; perMinute: number }

type Bucket = { tokens: number; atMs: number }

/** Refuses with `rate_limited` and `retryAfterS` once a caller, or all of them, have used theirs up. [HT-5] */
export type RateLimit = {
  take(caller: string): void
  /** Takes a call of this caller back; it still counts among all. */
  giveBack(caller: string): void
}

export const createRateLimit = (
  allow: { each: Allowance; all: Allowance },
  clock: Clock,
): RateLimit => {
  const callers = new Map<string, Bucket>()
  const everyone: Bucket = { tokens: allow.all.burst, atMs: clock.nowMs() }

  const refill = (bucket: Bucket, { burst, perMinute }: Allowance) => {
    const nowMs = clock.nowMs()
    const gained = (Math.max(0, nowMs - bucket.atMs) * perMinute) / 60_000
    bucket.tokens = Math.min(burst, bucket.tokens + gained)
    bucket.atMs = nowMs
  }

  const bucketOf = (caller: string): Bucket => {
    const bucket = callers.get(caller) ?? { tokens: allow.each.burst, atMs: clock.nowMs() }
    // Set anew, so that the map’s order is the order of last calls.
    callers.delete(caller)
    callers.set(caller, bucket)
    if (callers.size > CALLERS_KEPT) {
      for (const oldest of callers.keys()) {
        callers.delete(oldest)
        break
      }
    }
    return bucket
  }

  const refuse = (bucket: Bucket, { perMinute }: Allowance) => {
    const retryAfterS = Math.max(1, Math.ceil(((1 - bucket.tokens) * 60) / perMinute))
    return new RelayError('rate_limited', { retryAfterS })
  }

  return {
    take: (caller) => {
      const own = bucketOf(caller)
      refill(own, allow.each)
      if (own.tokens < 1) throw refuse(own, allow.each)
      refill(everyone, allow.all)
      if (everyone.tokens < 1) throw refuse(everyone, allow.all)
      own.tokens -= 1
      everyone.tokens -= 1
    },
    giveBack: (caller) => {
      const own = callers.get(caller)
      if (own) own.tokens = Math.min(allow.each.burst, own.tokens + 1)
    },
  }
}
