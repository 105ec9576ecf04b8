import { expect, test } from 'vitest'
import { createNonces } from './nonces.ts'

const MINUTE_MS = 60_000
const secret = crypto.getRandomValues(new Uint8Array(32))

const nonces = (startMs: number) => {
  const clock = { ms: startMs, nowMs: () => clock.ms }
  return { clock, nonces: createNonces(secret, clock) }
}

test('[AU-5] a nonce is taken for at least two minutes and at most four', async () => {
  for (const intoBucketMs of [0, 1, MINUTE_MS, 2 * MINUTE_MS - 1]) {
    const { clock, nonces: made } = nonces(1_000_000 * 2 * MINUTE_MS + intoBucketMs)
    const nonce = await made.current()
    clock.ms += 2 * MINUTE_MS
    expect(await made.isFresh(nonce)).toBe(true)
    clock.ms += 2 * MINUTE_MS
    expect(await made.isFresh(nonce)).toBe(false)
  }
})

test('[AU-5] nonces survive a restart, because they are computed and not stored', async () => {
  const before = nonces(5_000_000)
  const after = nonces(5_000_000 + MINUTE_MS)
  expect(await after.nonces.isFresh(await before.nonces.current())).toBe(true)
})

test('[AU-5] a nonce of another relay, of the future, or made up is none', async () => {
  const { clock, nonces: made } = nonces(9_000_000)
  const foreign = createNonces(crypto.getRandomValues(new Uint8Array(32)), clock)
  expect(await made.isFresh(await foreign.current())).toBe(false)
  const ahead = nonces(clock.ms + 10 * MINUTE_MS)
  expect(await made.isFresh(await ahead.nonces.current())).toBe(false)
  for (const text of ['', 'x', 'a'.repeat(22)]) expect(await made.isFresh(text)).toBe(false)
})
