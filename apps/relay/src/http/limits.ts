import type { EndpointName } from '@bellhop/core'
import type { Clock } from '../clock.ts'
import { type Allowance, createRateLimit, type RateLimit } from './rate-limit.ts'

type Limits = { each: Allowance; all: Allowance }

/** How often what costs us something may be asked: by one address, and by all together. [HT-5] */
const LIMITS = {
  pair: { each: { burst: 20, perMinute: 10 }, all: { burst: 60, perMinute: 30 } },
  pairWait: { each: { burst: 30, perMinute: 30 }, all: { burst: 120, perMinute: 120 } },
  // Every paired device depends on this one, so strangers must not be able to use it up for them:
  // for all together it only bounds the work, at a few percent of one processor.
  token: { each: { burst: 60, perMinute: 30 }, all: { burst: 2400, perMinute: 2400 } },
  pushTest: { each: { burst: 10, perMinute: 10 }, all: { burst: 30, perMinute: 30 } },
} as const satisfies Partial<Record<EndpointName, Limits>>

export type LimitedEndpoint = keyof typeof LIMITS

export const createLimits = (
  clock: Clock,
  replaced: Partial<Record<LimitedEndpoint, Limits>> = {},
): Partial<Record<EndpointName, RateLimit>> =>
  Object.fromEntries(
    Object.entries({ ...LIMITS, ...replaced }).map(([name, limits]) => [
      name,
      createRateLimit(limits, clock),
    ]),
  )

/** How often one address, and all together, may show a credential that is none before they are told to wait. [MC-9] */
const DOOR_FAILURES = {
  each: { burst: 20, perMinute: 10 },
  all: { burst: 300, perMinute: 300 },
} as const satisfies Limits

export const createDoorFailures = (clock: Clock): RateLimit => createRateLimit(DOOR_FAILURES, clock)
