import type { Timing } from '../../../clock.ts'
import type { CloudApi, CloudRow, FailureKind } from '../cloud-api.ts'
import { WAITS } from '../cloud-timing.ts'
import { failureOf } from './cloud-failure-of.ts'
import type { CloudSession } from './cloud-session.ts'
import type { Line } from './session-line.ts'

export type SessionCareParts = {
  api: Pick<CloudApi, 'markRead'>
  timing: Timing
  signal: AbortSignal
  /** Does something beside everything else. */
  beside(work: () => Promise<unknown>): void
  isLookedAt(session: CloudSession): boolean
  isLookedAtNow(session: CloudSession): boolean
  lineOf(session: CloudSession): Line | undefined
  /** Asks a worker what waits for an answer. */
  initialize(session: CloudSession): Promise<unknown>
}

const PASSING: readonly (FailureKind | undefined)[] = ['edge', 'unreachable', 'limited', 'login']

/** Stands for a prompt whose id the list does not tell. */
const UNNAMED = 'unnamed'

/** What is done for a session beside reading it, each thing no more often than it is of use. */
export const createSessionCare = (parts: SessionCareParts) => {
  const { api, timing, signal, beside } = parts
  const asked = new WeakMap<CloudSession, string>()
  /** Asks the worker what waits where the row speaks of a prompt that the record did not show. */
  const askPending = (session: CloudSession): void => {
    const { row, reader } = session
    if (row?.connection === 'disconnected') return
    const known = new Set([...reader.prompts.values()].map(({ requestId }) => requestId))
    const hints = row?.pending.filter(({ requestId }) => !known.has(requestId)) ?? []
    const isUnknown =
      row?.worker === 'requires_action' && (hints.length > 0 || reader.prompts.size === 0)
    const isForLooks = parts.isLookedAtNow(session) && !asked.has(session)
    if (!isUnknown && !isForLooks) return
    const about = isUnknown ? hints.map(({ requestId }) => requestId).join() || UNNAMED : 'looks'
    if (asked.get(session) === about) return
    asked.set(session, about)
    beside(async () => {
      // What a person looks at is opened first.
      if (!isUnknown) await timing.wait(WAITS.lookMs, signal)
      if (signal.aborted || (!isUnknown && !parts.isLookedAt(session))) return
      await parts.initialize(session)
    })
  }

  const expecting = new WeakSet<CloudSession>()
  /** A session that is live and waits for somebody is asked what for, when no prompt of it comes. */
  const expectPrompt = (session: CloudSession): void => {
    const isWaiting = session.row?.worker === 'requires_action'
    if (!isWaiting && asked.get(session) === UNNAMED) asked.set(session, 'looks')
    if (!isWaiting || !parts.lineOf(session) || expecting.has(session)) return
    expecting.add(session)
    beside(async () => {
      await timing.wait(WAITS.behindMs, signal)
      expecting.delete(session)
      if (!signal.aborted && session.isLoaded && parts.lineOf(session)) askPending(session)
    })
  }

  /** Of a turn whose end is never told the list says the same for ever: time tells. */
  const lookAtStale = async (sessions: Iterable<CloudSession>): Promise<void> => {
    for (const session of [...sessions]) {
      const { row } = session
      if (row?.worker !== 'running' || !session.isLoaded || !session.reader.isTurnOpen) continue
      await session.take(session.reader.readRow(row))
    }
  }

  const markedAtMs = new WeakMap<CloudSession, number>()
  /** What a person looks at is read; said once for each time that it became unread. */
  const markRead = (session: CloudSession): void => {
    const { row, suffix } = session
    if (!row?.isUnread || !parts.isLookedAtNow(session)) return
    const aboutMs = row.lastEventAtMs ?? 0
    if ((markedAtMs.get(session) ?? -1) >= aboutMs) return
    markedAtMs.set(session, aboutMs)
    beside(async () => {
      await timing.wait(WAITS.lookMs, signal)
      if (signal.aborted || !parts.isLookedAt(session)) return void markedAtMs.delete(session)
      try {
        await api.markRead(suffix, signal)
      } catch (error) {
        // What passes by itself is tried once more when there is news; a refusal stays one.
        if (PASSING.includes(failureOf(error)?.kind)) markedAtMs.delete(session)
        throw error
      }
    })
  }

  const checking = new WeakSet<CloudSession>()
  /** A list that goes on being ahead of a stream means that the stream lost something. */
  const lookBehind = (session: CloudSession, row: CloudRow): void => {
    const isBehind = () => (row.lastEventAtMs ?? 0) > session.lastEventAtMs
    if (!parts.lineOf(session) || checking.has(session) || !isBehind()) return
    checking.add(session)
    beside(async () => {
      await timing.wait(WAITS.behindMs, signal)
      checking.delete(session)
      if (!signal.aborted && isBehind()) parts.lineOf(session)?.isBehind()
    })
  }

  return { askPending, expectPrompt, lookAtStale, markRead, lookBehind }
}
