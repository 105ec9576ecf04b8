import type { SessionId, SourceId } from '@bellhop/core'
import { newEventId, parseDraft, RelayError } from '@bellhop/core'
import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import { inventStart, neighbourOf, noteOf } from './draft-notes.ts'
import type { EventLog, SessionIndex, StampedDraft } from './event-log.ts'
import { type SignalHub, settleSignals } from './signal-hub.ts'

/** The only writer of the log. [I1] */
export interface Ingest {
  /**
   * Stores drafts in their order and resolves once all of them are durable. What is malformed is
   * stored as a `source.note` that keeps it. Rejects when they cannot be stored, and with them
   * everything that this source had waiting. [EV-2] [EV-5]
   */
  append(sourceId: SourceId, drafts: readonly unknown[]): Promise<void>
}

export type IngestParts = {
  log: EventLog
  sessions: Pick<SessionIndex, 'get'>
  hub: SignalHub
  clock: Clock
  logger: Logger
  /** Called after drafts were stored that say something about a session as a whole. */
  onFacts?: (sessionIds: ReadonlySet<SessionId>) => void
  /** The name of the machine the relay runs on. */
  machine: string
}

/** Drafts stored in one transaction: enough to be fast, few enough that nobody waits for it long. */
const ROUND = 200
/** Drafts one source may have waiting; beyond it its appends are refused, and it starts over. [I6] */
const MAX_WAITING = 100_000

type Queue = { list: Waiting[]; drafts: number }
type Waiting = {
  sourceId: SourceId
  drafts: readonly unknown[]
  /** How many of them have been taken. */
  taken: number
  /** The session that is taken for drafts that name none. */
  neighbour: () => SessionId | undefined
  done: PromiseWithResolvers<void>
}
/** Some drafts of one append, to be stored together. */
type Slice = { waiting: Waiting; drafts: readonly unknown[] }

/**
 * Gathers what comes in at the same time into one transaction, with a fair share for each source, so
 * that one that reads in years of history does not hold up another's permission. [I2]
 */
export const createIngest = (parts: IngestParts): Ingest => {
  const { log, hub, logger } = parts
  const queues = new Map<SourceId, Queue>()
  let draining = false

  /** A fair share of what waits. */
  const nextRound = (): Slice[] => {
    const share = Math.ceil(ROUND / Math.max(1, queues.size))
    const round: Slice[] = []
    for (const [sourceId, queue] of queues) {
      for (let room = share; room > 0; ) {
        const [waiting] = queue.list
        if (!waiting) break
        const drafts = waiting.drafts.slice(waiting.taken, waiting.taken + room)
        waiting.taken += drafts.length
        queue.drafts -= drafts.length
        room -= drafts.length
        if (waiting.taken >= waiting.drafts.length) queue.list.shift()
        round.push({ waiting, drafts })
      }
      if (queue.list.length === 0) queues.delete(sourceId)
    }
    return round
  }

  const stamp = async (slices: readonly Slice[]): Promise<StampedDraft[]> => {
    const stamped: StampedDraft[] = []
    const known = new Set<SessionId>()
    for (const { waiting, drafts } of slices) {
      for (const value of drafts) {
        const parsed = parseDraft(value)
        const draft = parsed.ok ? parsed.draft : noteOf(value, parsed.issue, waiting, parts.clock)
        if (!draft) {
          logger.error('a draft of no session was left out', { sourceId: waiting.sourceId })
          continue
        }
        const { sessionId } = draft
        if (!known.has(sessionId)) {
          known.add(sessionId)
          const isStart = draft.type === 'session.started'
          if (!isStart && !(await parts.sessions.get(sessionId))) {
            const start = inventStart(draft, waiting.sourceId, parts.machine)
            stamped.push({ ...start, eventId: newEventId() })
          }
        }
        stamped.push({ ...draft, eventId: newEventId() })
      }
    }
    return stamped
  }

  const store = async (slices: readonly Slice[]): Promise<void> => {
    const events = await log.append(await stamp(slices))
    settleSignals(hub, events)
    const told = events.filter(({ type }) => type.startsWith('session.'))
    if (told.length > 0) parts.onFacts?.(new Set(told.map(({ sessionId }) => sessionId)))
    for (const { waiting } of slices) {
      if (waiting.taken >= waiting.drafts.length) waiting.done.resolve()
    }
  }

  /** Gives up on a source: were later drafts stored now, they would stand before the failed ones. */
  const fail = (sourceId: SourceId, slices: readonly Slice[], error: unknown): void => {
    const own = slices.map((slice) => slice.waiting).filter((one) => one.sourceId === sourceId)
    for (const one of [...own, ...(queues.get(sourceId)?.list ?? [])]) one.done.reject(error)
    queues.delete(sourceId)
  }

  const drain = async (): Promise<void> => {
    for (let round = nextRound(); round.length > 0; round = nextRound()) {
      const bySource = Map.groupBy(round, (slice) => slice.waiting.sourceId)
      try {
        await store(round)
      } catch {
        // One source's draft may be what cannot be stored; the others' are not to suffer for it.
        for (const [sourceId, slices] of bySource) {
          await store(slices).catch((error: unknown) => fail(sourceId, slices, error))
        }
      }
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    draining = false
  }

  return {
    append: (sourceId, drafts) => {
      if (drafts.length === 0) return Promise.resolve()
      const queue = queues.get(sourceId) ?? { list: [], drafts: 0 }
      if (queue.drafts + drafts.length > MAX_WAITING) {
        return Promise.reject(new RelayError('rate_limited', { sourceId }))
      }
      const waiting: Waiting = {
        sourceId,
        drafts,
        taken: 0,
        neighbour: neighbourOf(drafts),
        done: Promise.withResolvers(),
      }
      // Whoever does not wait for it is not to bring the relay down when it fails.
      waiting.done.promise.catch(() => {})
      queue.list.push(waiting)
      queue.drafts += drafts.length
      queues.set(sourceId, queue)
      if (!draining) {
        draining = true
        queueMicrotask(() => void drain())
      }
      return waiting.done.promise
    },
  }
}
