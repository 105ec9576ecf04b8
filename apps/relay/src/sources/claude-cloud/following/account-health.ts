import type { Clock } from '../../../clock.ts'
import type { SourceHealth } from '../../../sessions/session-source.ts'
import type { CloudFailure, FailureKind } from '../cloud-api.ts'
import { WAITS } from '../cloud-timing.ts'
import { failureOf } from './cloud-failure-of.ts'

/** What a call is about: the list of sessions, or what is in one. */
export type Area = 'list' | 'session'

type Trouble = { failure: CloudFailure; sinceMs: number }

/** What concerns one session alone and says nothing of the account. */
const ONE_SESSIONS: readonly FailureKind[] = ['gone', 'conflict', 'expired']
const MINUTES = 60
const MINUTE_MS = 60_000

/**
 * How the account can be reached, from how calls went: what passes by itself is spoken of only once
 * it has lasted, and a call that works takes it back.
 */
export const createAccountHealth = (clock: Clock, onChange: () => void = () => {}) => {
  const troubles = new Map<Area, Trouble>()
  const calls: { minute: number; count: number }[] = []
  let lastWordMs: number | undefined

  const worst = (): SourceHealth | undefined => {
    for (const area of ['list', 'session'] as const) {
      const trouble = troubles.get(area)
      if (!trouble) continue
      const state = stateOf(area, trouble, clock.nowMs() - trouble.sinceMs)
      const { failure, sinceMs } = trouble
      if (state !== 'ok') return { state, text: wordsOf(failure), sinceMs }
    }
    return undefined
  }

  /** What is to be told is told at once. */
  const noting = (note: () => void): void => {
    const before = worst()
    note()
    const now = worst()
    if (before?.state !== now?.state || before?.text !== now?.text) onChange()
  }

  return {
    /** A call is made. */
    called: (): void => {
      const minute = Math.floor(clock.nowMs() / MINUTE_MS)
      const last = calls.at(-1)
      if (last?.minute === minute) last.count += 1
      else calls.push({ minute, count: 1 })
      if (calls.length > MINUTES) calls.shift()
    },
    worked: (area: Area): void => {
      const isFirst = lastWordMs === undefined
      lastWordMs = clock.nowMs()
      noting(() => {
        troubles.delete(area)
        // Whatever gets through shows that the login is good.
        for (const [other, { failure }] of troubles) {
          if (failure.kind === 'login') troubles.delete(other)
        }
      })
      if (isFirst) onChange()
    },
    failed: (area: Area, error: unknown): void => {
      const failure = failureOf(error)
      if (!failure || ONE_SESSIONS.includes(failure.kind)) return
      // What one session says no to is no trouble of the account.
      if (area === 'session' && (failure.kind === 'refused' || failure.kind === 'absent')) return
      // Whatever it is by turns, nothing has worked since the first of it.
      const sinceMs = troubles.get(area)?.sinceMs ?? clock.nowMs()
      noting(() => troubles.set(area, { failure, sinceMs }))
    },
    worst,
    lastWordMs: () => lastWordMs,
    callsInLastHour: (): number => {
      const from = Math.floor(clock.nowMs() / MINUTE_MS) - MINUTES
      return calls.reduce((sum, { minute, count }) => sum + (minute > from ? count : 0), 0)
    },
  }
}
export type AccountHealth = ReturnType<typeof createAccountHealth>

/** A command is tried a few times and then given up; the account is asked on and on. */
const wordsOf = ({ kind, words }: CloudFailure): string =>
  kind === 'unreachable' ? `${words} It is tried again by itself.` : words

const stateOf = (area: Area, { failure }: Trouble, ageMs: number): SourceHealth['state'] => {
  switch (failure.kind) {
    case 'login':
      return 'down'
    case 'edge':
      return ageMs >= WAITS.edgePatienceMs ? 'degraded' : 'ok'
    case 'limited':
      return ageMs >= WAITS.unreachablePatienceMs ? 'degraded' : 'ok'
    default:
      if (ageMs < WAITS.unreachablePatienceMs) return 'ok'
      return area === 'list' ? 'down' : 'degraded'
  }
}
