import { expect, test } from 'vitest'
import { systemTiming } from './clock.ts'

test.for([2 ** 40, Number.POSITIVE_INFINITY])(
  'a wait of %d ms, longer than a timer takes, is not over at once',
  async (ms) => {
    const over = new AbortController()
    let isOver = false
    const waiting = systemTiming.wait(ms, over.signal).then(() => {
      isOver = true
    })
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(isOver).toBe(false)
    over.abort()
    await waiting
  },
)
