import { expect, test } from 'vitest'
import { LIMITS } from '../cloud-timing.ts'
import { fill } from './catch-up.ts'
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
