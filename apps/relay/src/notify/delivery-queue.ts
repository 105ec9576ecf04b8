import type { DeviceId } from '@bellhop/core'
import type { Timers } from './timers.ts'

/** What came of one try: it needs no other, or it does, no sooner than `notBeforeMs` from now. */
export type Attempt = { again: false } | { again: true; notBeforeMs?: number }

/** Tries, per device and in order, until what is queued is done. */
export interface DeliveryQueue {
  /** Queues a tag for a device; one that is queued already is left where it is. */
  add(deviceId: DeviceId, tag: string): void
  /** Takes a tag out for every device; a try under way ends by itself. */
  drop(tag: string): void
  /** Lets no further try begin, and resolves when those under way have ended. */
  stop(): Promise<void>
}

/** Tags waiting for one device; beyond it the oldest is given up. [I6] */
export const QUEUE_MAX = 20
const FIRST_DELAY_MS = 5_000
const LONGEST_DELAY_MS = 10 * 60_000

/** The pause after so many failed tries in a row: doubling, capped, and spread so that nothing falls into step. */
export const backoffMs = (failures: number, random: () => number): number => {
  const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 20))
  return Math.round(delay * (0.75 + 0.5 * random()))
}

type Line = { tags: string[]; failures: number; busy: boolean; pause?: Disposable }

/**
 * One line per device: a push service that asks one device’s pushes to wait makes all of that
 * device’s wait and no other’s. `attempt` must not reject. `givenUp` hears of what did not fit.
 */
export const createDeliveryQueue = (parts: {
  attempt(deviceId: DeviceId, tag: string): Promise<Attempt>
  givenUp(deviceId: DeviceId, tag: string): void
  timers: Timers
  random: () => number
}): DeliveryQueue => {
  const { attempt, givenUp, timers, random } = parts
  const lines = new Map<DeviceId, Line>()
  const underWay = new Set<Promise<void>>()
  let stopped = false

  const work = async (deviceId: DeviceId, line: Line) => {
    for (let tag = line.tags[0]; tag !== undefined && !stopped; tag = line.tags[0]) {
      const result = await attempt(deviceId, tag)
      if (result.again && line.tags.includes(tag)) {
        line.failures += 1
        line.busy = false
        if (stopped) return
        const delayMs = Math.max(result.notBeforeMs ?? 0, backoffMs(line.failures, random))
        line.pause = timers.after(delayMs, () => {
          delete line.pause
          begin(deviceId, line)
        })
        return
      }
      if (!result.again) line.failures = 0
      line.tags = line.tags.filter((one) => one !== tag)
    }
    if (line.tags.length === 0) lines.delete(deviceId)
  }

  const begin = (deviceId: DeviceId, line: Line) => {
    if (line.busy || line.pause || stopped) return
    line.busy = true
    const working = work(deviceId, line).finally(() => {
      line.busy = false
      underWay.delete(working)
    })
    underWay.add(working)
  }

  return {
    add: (deviceId, tag) => {
      const line = lines.get(deviceId) ?? { tags: [], failures: 0, busy: false }
      lines.set(deviceId, line)
      if (line.tags.includes(tag)) return
      line.tags.push(tag)
      if (line.tags.length > QUEUE_MAX) {
        // The first is being tried at this moment, or was tried last; the one after it is the oldest that only waits.
        const [given] = line.tags.splice(line.busy ? 1 : 0, 1)
        if (given !== undefined) givenUp(deviceId, given)
      }
      begin(deviceId, line)
    },
    drop: (tag) => {
      for (const [deviceId, line] of lines) {
        line.tags = line.tags.filter((one) => one !== tag)
        if (line.tags.length > 0 || line.busy) continue
        line.pause?.[Symbol.dispose]()
        lines.delete(deviceId)
      }
    },
    stop: async () => {
      stopped = true
      for (const line of lines.values()) line.pause?.[Symbol.dispose]()
      await Promise.all(underWay)
    },
  }
}
