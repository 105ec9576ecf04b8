import { expect, test } from 'vitest'
import { createRateLimit } from './rate-limit.ts'

const setup = () => {
  const clock = { ms: 0, nowMs: () => clock.ms }
  const limit = createRateLimit(
    { each: { burst: 3, perMinute: 6 }, all: { burst: 5, perMinute: 60 } },
    clock,
  )
  return { clock, limit }
}

test('[HT-5] a caller has so many at once, then has to wait as long as it is told', () => {
  const { clock, limit } = setup()
  for (let i = 0; i < 3; i++) limit.take('a')
  expect(() => limit.take('a')).toThrow(
    expect.objectContaining({ code: 'rate_limited', details: { retryAfterS: 10 } }),
  )
  limit.take('b')
  clock.ms += 9_999
  expect(() => limit.take('a')).toThrow()
  clock.ms += 1
  limit.take('a')
})

test('[HT-5] all callers together have so many, however many addresses they use', () => {
  const { limit } = setup()
  for (let i = 0; i < 5; i++) limit.take(`caller ${i}`)
  expect(() => limit.take('one more')).toThrow(expect.objectContaining({ code: 'rate_limited' }))
})

test('[HT-5] what is given back a caller has again, and no more than its share, and all have it less', () => {
  const { limit } = setup()
  limit.take('a')
  for (let i = 0; i < 9; i++) limit.giveBack('a')
  for (let i = 0; i < 3; i++) limit.take('a')
  expect(() => limit.take('a')).toThrow(expect.objectContaining({ code: 'rate_limited' }))
  limit.giveBack('nobody')
  limit.take('b')
  expect(() => limit.take('b')).toThrow(expect.objectContaining({ code: 'rate_limited' }))
})

test('[HT-5] a refused call costs nothing more, and a clock set back gives nothing away', () => {
  const { clock, limit } = setup()
  for (let i = 0; i < 3; i++) limit.take('a')
  for (let i = 0; i < 50; i++) expect(() => limit.take('a')).toThrow()
  limit.take('b')
  clock.ms -= 3_600_000
  expect(() => limit.take('a')).toThrow()
  clock.ms += 10_000
  limit.take('a')
})
