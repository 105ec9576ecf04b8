import { describe, expect, it } from 'vitest'
import { createSaver } from './saver.ts'

describe('the saver', () => {
  it('[PU-8] writes one at a time, and what changed meanwhile after it', async () => {
    let value = 0
    let writing = 0
    const written: number[] = []
    const saver = createSaver(async () => {
      writing += 1
      expect(writing).toBe(1)
      const now = value
      await new Promise((resolve) => setImmediate(resolve))
      written.push(now)
      writing -= 1
    })
    const saves = [1, 2, 3, 4].map((next) => {
      value = next
      return saver.save()
    })
    await Promise.all(saves)
    expect(written).toEqual([1, 4])
    value = 5
    await saver.save()
    expect(written).toEqual([1, 4, 5])
    expect(saver.isDirty()).toBe(false)
  })

  it('[PU-8] writes a change made in the very moment a write ends', async () => {
    let value = 0
    let written = -1
    const saver = createSaver(async () => {
      written = value
    })
    for (let hops = 0; hops < 8; hops++) {
      const first = saver.save()
      for (let i = 0; i < hops; i++) await null
      value += 1
      await saver.save()
      expect(written).toBe(value)
      await first
    }
  })

  it('[PU-8] remembers that a write failed', async () => {
    let broken = true
    const saver = createSaver(async () => {
      if (broken) throw new TypeError('disk full')
    })
    await expect(saver.save()).rejects.toThrow('disk full')
    expect(saver.isDirty()).toBe(true)
    broken = false
    await saver.save()
    expect(saver.isDirty()).toBe(false)
  })
})
