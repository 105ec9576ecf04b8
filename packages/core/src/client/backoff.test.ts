import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

test('[CL-4] pauses grow, are jittered, and stop growing at the limit', () => {
  const limits = { firstMs: 500, maxMs: 15_000 }
  expect([0, 1, 2, 9, 99].map((attempt) => backoffMs(attempt, limits, () => 1))).toEqual([
    500, 1000, 2000, 15_000, 15_000,
  ])
  expect(backoffMs(0, limits, () => 0)).toBe(250)
})
