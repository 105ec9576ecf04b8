import type { RunningRelay } from './cli-parts.ts'
import type { Status } from './offer-lines.ts'

export type SessionCounts = { running: number; waiting: number }

const QUIET_MS = 100

/** Counts the sessions that are shown, now and after everything that happens, a moment later at most. */
export const watchSessions = (
  { sessions, log }: Pick<RunningRelay, 'sessions' | 'log'>,
  onChange: (counts: SessionCounts) => void,
): Disposable => {
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const count = async () => {
    timer = undefined
    const all = (await sessions.list()).sessions.filter(
      ({ status, joinedTo }) => status !== 'ended' && joinedTo === undefined,
    )
    const waiting = all.filter(({ status }) => status === 'waiting').length
    if (!isOver) onChange({ running: all.length, waiting })
  }
  const soon = () => {
    timer ??= setTimeout(() => void count(), QUIET_MS)
  }
  const listening = log.onAppend(soon)
  soon()
  return {
    [Symbol.dispose]: () => {
      isOver = true
      clearTimeout(timer)
      listening[Symbol.dispose]()
    },
  }
}

export const countStatus = ({ running, waiting }: SessionCounts): Status => {
  const keys = ['n pair a phone', 'q stop']
  if (running === 0) {
    return { long: 'No sessions yet; they appear by themselves.', short: 'No sessions', keys }
  }
  const sessions = running === 1 ? '1 session' : `${running} sessions`
  const needs = waiting === 0 ? '' : waiting === 1 ? ', 1 needs you' : `, ${waiting} need you`
  return { long: `Following ${sessions}${needs}.`, short: `${running}, ${waiting} waiting`, keys }
}
