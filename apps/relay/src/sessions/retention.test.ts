import { expect, test } from 'vitest'
import { silentLogger } from '../logger.ts'
import { applyRetention, RETENTION, type RetentionParts, startRetention } from './retention.ts'

const NOW_MS = Date.parse('2026-03-31T00:00:00Z')

const setup = (rounds: number) => {
  const trims: object[] = []
  const pruned: string[] = []
  const forgotten: object[] = []
  const parts: RetentionParts = {
    log: {
      trim: async (range) => {
        trims.push(range)
        return { removed: 10, more: trims.length < rounds }
      },
    },
    ledger: { prune: async (before) => void pruned.push(before) },
    audit: { prune: async (range) => void forgotten.push(range) },
    clock: { nowMs: () => NOW_MS },
    logger: silentLogger,
  }
  return { parts, trims, pruned, forgotten }
}

test('[I6] what is over the limits goes piece by piece until nothing is, and old receipts with it', async () => {
  const { parts, trims, pruned } = setup(3)
  expect(await applyRetention(parts)).toEqual({ removed: 30 })
  const beforeMs = Date.parse('2026-03-01T00:00:00Z')
  expect(trims).toEqual(Array(3).fill({ keepPerSession: RETENTION.eventsPerSession, beforeMs }))
  expect(pruned).toEqual(['2026-03-24T00:00:00.000Z'])
})

test('[AL-7] [I6] the audit log is kept for a year, and of each device so many entries', async () => {
  const { parts, forgotten } = setup(1)
  await applyRetention(parts)
  const keepPerDevice = RETENTION.auditPerDevice
  expect(forgotten).toEqual([{ before: '2025-03-31T00:00:00.000Z', keepPerDevice }])
})

test('[I6] retention comes by itself, and not again once it is stopped', async () => {
  const { parts, trims } = setup(1)
  const retention = startRetention({ ...parts, limits: { everyMs: 5 } })
  await expect.poll(() => trims.length).toBeGreaterThan(2)
  retention[Symbol.dispose]()
  const count = trims.length
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(trims.length).toBe(count)
})

test('[I6] a failure now does not keep retention from trying again', async () => {
  const { parts } = setup(1)
  let tries = 0
  const log = { trim: () => Promise.reject(new TypeError(`${tries++}`)) }
  using _ = startRetention({ ...parts, log, limits: { everyMs: 5 } })
  await expect.poll(() => tries).toBeGreaterThan(2)
})
