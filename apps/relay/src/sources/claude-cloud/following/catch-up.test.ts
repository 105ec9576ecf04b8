import { expect, test } from 'vitest'
import type { CloudEvent } from '../cloud-api.ts'
import { LIMITS } from '../cloud-timing.ts'
import { createGapKeeper, fill } from './catch-up.ts'
import type { CloudSession } from './cloud-session.ts'

test('[I6] [A-26] a history of pages with nothing on them is not read without an end', async () => {
  const session = { suffix: 's', position: 5, settled: async () => {} } as CloudSession
  let calls = 0
  const events = async (_suffix: string, { from = 0 }: { from?: number }) => {
    calls += 1
    if (calls > 1_000) throw new TypeError('It does not end')
    return { events: [], skipped: 1, next: from + 1 }
  }
  await fill({ events } as never, session, new AbortController().signal)
  expect(calls).toBe(LIMITS.emptyPages)
  // What follows is read from there the next time.
  expect(session.position).toBe(5 + LIMITS.emptyPages)
})

test('[A-28] a number that cannot be is passed over, and what follows is read', async () => {
  const told: number[] = []
  const session = {
    suffix: 's',
    position: 5,
    settled: async () => {},
    inOrder: (work: () => Promise<unknown>) => work(),
    takeEvent: async ({ sequence = 0 }) => {
      told.push(sequence)
      session.position = sequence
    },
  } as CloudSession
  const event = (sequence: number) =>
    ({ sequence, eventId: `${sequence}`, payload: {} }) as CloudEvent
  const far = Number.MAX_SAFE_INTEGER
  const events = async (_suffix: string, { from = 0 }: { from?: number }) => ({
    events: [event(6), event(far)].filter(({ sequence = 0 }) => sequence > from),
    skipped: 0,
    next: far,
  })
  const signal = new AbortController().signal
  await fill({ events } as never, session, signal)
  const keeper = createGapKeeper({ api: { events } as never, session, signal, later: () => {} })
  await keeper.take(event(far - 1))
  await keeper.take(event(7))
  expect(told).toEqual([6, 7])
})
