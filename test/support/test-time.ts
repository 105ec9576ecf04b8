import type { Clock } from '../../apps/relay/src/clock.ts'
import type { Timers } from '../../apps/relay/src/notify/timers.ts'

/** Time that stands still until a test lets it pass. */
export interface TestTime {
  readonly clock: Clock
  readonly timers: Timers
  /** What is set to happen, as the pauses still to go, the next first. */
  pauses(): number[]
  /** Lets time pass; whatever falls due runs, in order, each at its moment. */
  advance(ms: number): void
}

export const createTestTime = (startAt = '2026-11-20T09:41:00.000Z'): TestTime => {
  let nowMs = Date.parse(startAt)
  const alarms = new Set<{ atMs: number; run: () => void }>()
  const next = () => [...alarms].sort((a, b) => a.atMs - b.atMs)[0]
  return {
    clock: { nowMs: () => nowMs },
    timers: {
      after: (delayMs, run) => {
        const alarm = { atMs: nowMs + Math.max(0, delayMs), run }
        alarms.add(alarm)
        return { [Symbol.dispose]: () => void alarms.delete(alarm) }
      },
    },
    pauses: () => [...alarms].map(({ atMs }) => atMs - nowMs).sort((a, b) => a - b),
    advance: (ms) => {
      const endMs = nowMs + ms
      for (let alarm = next(); alarm && alarm.atMs <= endMs; alarm = next()) {
        alarms.delete(alarm)
        nowMs = Math.max(nowMs, alarm.atMs)
        alarm.run()
      }
      nowMs = endMs
    },
  }
}
