import { expect, test } from 'vitest'
import { OneHand } from './one-hand.ts'

test('[CM-6] what is done for one command is whole before the next is begun, however it ends', async () => {
  const hand = new OneHand()
  const { signal } = new AbortController()
  const done: string[] = []
  const type = (words: string) =>
    hand.hold(signal, async () => {
      done.push(`begin ${words}`)
      await new Promise((resolve) => setImmediate(resolve))
      if (words === 'b') throw new TypeError('no box')
      done.push(`end ${words}`)
    })
  const [a, b, c] = [type('a'), type('b'), type('c')]
  await expect(b).rejects.toThrow('no box')
  await Promise.all([a, c])
  expect(done).toEqual(['begin a', 'end a', 'begin b', 'begin c', 'end c'])
})

test('[CM-5] what nobody waits for any more is not done late', async () => {
  const hand = new OneHand()
  const stop = new AbortController()
  const first = Promise.withResolvers<void>()
  const held = hand.hold(AbortSignal.timeout(5_000), () => first.promise)
  let isDone = false
  const late = hand.hold(stop.signal, async () => {
    isDone = true
  })
  stop.abort()
  first.resolve()
  await held
  await expect(late).rejects.toThrow()
  expect(isDone).toBe(false)
})
