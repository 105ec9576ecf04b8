import type { DeviceId } from '@bellhop/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestTime, type TestTime } from '../../../../test/support/test-time.ts'
import { type Attempt, backoffMs, createDeliveryQueue, QUEUE_MAX } from './delivery-queue.ts'

const phone = 'dev_phone-0001' as DeviceId
const tablet = 'dev_tablet-001' as DeviceId
const settled = () => new Promise((resolve) => setImmediate(resolve))

let time: TestTime
let tries: string[]
let given: string[]
let answers: Attempt[]
let held: (() => void)[]
let hold: boolean
let queue: ReturnType<typeof createDeliveryQueue>

beforeEach(() => {
  time = createTestTime()
  tries = []
  given = []
  answers = []
  held = []
  hold = false
  queue = createDeliveryQueue({
    timers: time.timers,
    random: () => 0.5,
    attempt: async (deviceId, tag) => {
      tries.push(`${deviceId === phone ? 'phone' : 'tablet'} ${tag}`)
      if (hold) await new Promise<void>((resolve) => held.push(resolve))
      return answers.shift() ?? { again: false }
    },
    givenUp: (_deviceId, tag) => given.push(tag),
  })
})
afterEach(() => {
  for (const release of held) release()
})

describe('backoffMs', () => {
  it('[PU-7] doubles, has a cap, and is spread by chance', () => {
    expect([1, 2, 3, 4].map((failures) => backoffMs(failures, () => 0.5))).toEqual([
      5_000, 10_000, 20_000, 40_000,
    ])
    expect(backoffMs(1_000, () => 0.5)).toBe(600_000)
    expect(backoffMs(1, () => 0)).toBe(3_750)
    expect(backoffMs(1, () => 0.999)).toBeGreaterThan(6_000)
  })
})

describe('the delivery queue', () => {
  it('[PU-7] tries in order, one at a time, each device by itself', async () => {
    hold = true
    queue.add(phone, 'a')
    queue.add(phone, 'b')
    queue.add(tablet, 'a')
    await settled()
    expect(tries).toEqual(['phone a', 'tablet a'])
    held[0]?.()
    await settled()
    expect(tries).toEqual(['phone a', 'tablet a', 'phone b'])
  })

  it('[PU-7] waits after a failure, longer each time, and holds back what is behind it', async () => {
    answers = [{ again: true }, { again: true }]
    queue.add(phone, 'a')
    queue.add(phone, 'b')
    await settled()
    expect(time.pauses()).toEqual([5_000])
    time.advance(4_999)
    await settled()
    expect(tries).toEqual(['phone a'])
    time.advance(1)
    await settled()
    expect(tries).toEqual(['phone a', 'phone a'])
    expect(time.pauses()).toEqual([10_000])
    time.advance(10_000)
    await settled()
    expect(tries).toEqual(['phone a', 'phone a', 'phone a', 'phone b'])
    expect(time.pauses()).toEqual([])
  })

  it('[PU-7] waits at least as long as it was told to', async () => {
    answers = [{ again: true, notBeforeMs: 120_000 }]
    queue.add(phone, 'a')
    await settled()
    expect(time.pauses()).toEqual([120_000])
    queue.add(phone, 'b')
    await settled()
    expect(tries).toEqual(['phone a'])
  })

  it('[PU-7] begins anew with a short pause once something went through', async () => {
    answers = [{ again: true }, { again: true }, { again: false }, { again: true }]
    queue.add(phone, 'a')
    queue.add(phone, 'b')
    await settled()
    time.advance(5_000)
    await settled()
    time.advance(10_000)
    await settled()
    expect(tries.at(-1)).toBe('phone b')
    expect(time.pauses()).toEqual([5_000])
  })

  it('[PU-4] drops what waits and what would be tried again', async () => {
    answers = [{ again: true }]
    queue.add(phone, 'a')
    queue.add(phone, 'b')
    await settled()
    queue.drop('b')
    queue.drop('a')
    expect(time.pauses()).toEqual([])
    time.advance(60_000)
    await settled()
    expect(tries).toEqual(['phone a'])
    queue.add(phone, 'c')
    await settled()
    expect(tries).toEqual(['phone a', 'phone c'])
  })

  it('[PU-4] does not try again what was dropped while it was tried', async () => {
    hold = true
    answers = [{ again: true }]
    queue.add(phone, 'a')
    await settled()
    queue.drop('a')
    held[0]?.()
    await settled()
    expect(time.pauses()).toEqual([])
  })

  it('[PU-7] takes a tag once', async () => {
    hold = true
    for (let i = 0; i < 2 * QUEUE_MAX; i++) queue.add(phone, 'a')
    held[0]?.()
    await settled()
    expect(tries).toEqual(['phone a'])
    expect(given).toEqual([])
  })

  it('[I6] gives up the oldest that only waits when too much does', async () => {
    hold = true
    for (let i = 0; i <= QUEUE_MAX; i++) queue.add(phone, `t${i}`)
    await settled()
    expect(tries).toEqual(['phone t0'])
    expect(given).toEqual(['t1'])
  })

  it('[PU-8] stops when what is under way has ended, and begins nothing more', async () => {
    hold = true
    queue.add(phone, 'a')
    queue.add(phone, 'b')
    await settled()
    let stopped = false
    const stopping = queue.stop().then(() => {
      stopped = true
    })
    await settled()
    expect(stopped).toBe(false)
    held[0]?.()
    await stopping
    queue.add(phone, 'c')
    await settled()
    expect(tries).toEqual(['phone a'])
    expect(time.pauses()).toEqual([])
  })
})
