import { expect, test, vi } from 'vitest'
import { within } from './waiting.ts'

test('[MC-6] whoever waits in silence is given a sign of life, and none once it is over', async () => {
  vi.useFakeTimers()
  try {
    const told: string[] = []
    const over = Promise.withResolvers<string>()
    const { signal } = new AbortController()
    const call = { signal, progress: (message: string) => told.push(message), keep: () => {} }
    const waiting = within(60, call, () => over.promise)
    await vi.advanceTimersByTimeAsync(25_000)
    expect(told).toEqual(['Still waiting.', 'Still waiting.'])
    over.resolve('done')
    expect(await waiting).toBe('done')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(told).toHaveLength(2)
  } finally {
    vi.useRealTimers()
  }
})
