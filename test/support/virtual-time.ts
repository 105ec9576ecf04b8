import { setImmediate as nextTurn } from 'node:timers/promises'
import { systemTiming, type Timing } from '../../apps/relay/src/clock.ts'

/** Time as the stand-in servers take it: waited for, and with alarms. */
export interface ServerTime extends Timing {
  /** Runs something once that much time has passed, unless disposed of before. */
  after(ms: number, run: () => void): Disposable
  /** Says that something has just been set going that no check can see yet, such as written bytes. */
  stirred(): void
}

/** Time that stands still until a test lets it pass, and then passes as fast as the work allows. */
export interface VirtualTime extends ServerTime {
  /** As long as one check says true, time stands still inside `pass`. */
  busy(check: () => boolean): Disposable
  /** Resolves once nothing is under way any more. */
  settle(): Promise<void>
  /** Lets time pass. What falls due runs in order, each at its moment, after all before it is done. */
  pass(ms: number): Promise<void>
  /** How many alarms are set. */
  readonly pending: number
}

export interface VirtualTimeOptions {
  /** How many turns of the event loop, */
  quietTurns?: number
  /** and for how long in real time, nothing must happen before time moves on. */
  quietMs?: number
}

interface Alarm {
  atMs: number
  order: number
  run: () => void
}

// Work of the operating system that Node waits for: files, names, connections, bytes on their way out.
const atWork = /Req|ConnectWrap|WriteWrap|ShutdownWrap/
const stuckAfterMs = 20_000

const isSooner = (a: Alarm, b: Alarm): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)

/** Starts at a fixed moment, so that what a test shows does not depend on the day. */
export const createVirtualTime = (
  startAt: string | number = '2026-11-21T09:00:00.000Z',
  { quietTurns = 8, quietMs = 1 }: VirtualTimeOptions = {},
): VirtualTime => {
  let nowMs = typeof startAt === 'number' ? startAt : Date.parse(startAt)
  let order = 0
  let stirs = 0
  const alarms = new Set<Alarm>()
  const checks = new Set<() => boolean>()

  const next = (): Alarm | undefined => {
    let first: Alarm | undefined
    for (const alarm of alarms) if (!first || isSooner(alarm, first)) first = alarm
    return first
  }
  const isBusy = () =>
    [...checks].some((check) => check()) ||
    process.getActiveResourcesInfo().some((name) => atWork.test(name))

  const after: ServerTime['after'] = (ms, run) => {
    order += 1
    stirs += 1
    const alarm = { atMs: nowMs + Math.max(0, ms), order, run }
    alarms.add(alarm)
    return { [Symbol.dispose]: () => void alarms.delete(alarm) }
  }

  const settle = async () => {
    const startedMs = performance.now()
    let quietSinceMs = startedMs
    let turns = 0
    let seen = stirs
    while (turns < quietTurns || performance.now() - quietSinceMs < quietMs) {
      await nextTurn()
      turns += 1
      if (seen !== stirs || isBusy()) {
        seen = stirs
        turns = 0
        quietSinceMs = performance.now()
        if (quietSinceMs - startedMs > stuckAfterMs)
          throw new Error(`Time cannot pass: still busy (${process.getActiveResourcesInfo()})`)
      }
    }
  }

  return {
    nowMs: () => nowMs,
    after,
    settle,
    stirred: () => {
      stirs += 1
    },
    get pending() {
      return alarms.size
    },
    busy: (check) => {
      checks.add(check)
      return { [Symbol.dispose]: () => void checks.delete(check) }
    },
    wait: (ms, signal) => {
      if (signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const done = () => {
          alarm[Symbol.dispose]()
          signal.removeEventListener('abort', done)
          resolve()
        }
        const alarm = after(ms, done)
        signal.addEventListener('abort', done, { once: true })
      })
    },
    pass: async (ms) => {
      const endMs = nowMs + ms
      await settle()
      for (let alarm = next(); alarm && alarm.atMs <= endMs; alarm = next()) {
        nowMs = Math.max(nowMs, alarm.atMs)
        for (let due: Alarm | undefined = alarm; due && due.atMs <= nowMs; due = next()) {
          alarms.delete(due)
          due.run()
        }
        await settle()
      }
      nowMs = endMs
    },
  }
}

/** The time on the wall, for stand-ins that nobody hurries. */
export const realServerTime: ServerTime = {
  ...systemTiming,
  stirred: () => {},
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    timer.unref()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
