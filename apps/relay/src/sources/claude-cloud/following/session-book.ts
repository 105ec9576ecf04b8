import type { EventDraft, SessionId } from '@bellhop/core'
import { isoTime, type Timing } from '../../../clock.ts'
import type { OpenSession, SourceSink } from '../../../sessions/session-source.ts'
import type { CloudApi, CloudRow, Suffix } from '../cloud-api.ts'
import { LIMITS, WAITS } from '../cloud-timing.ts'
import { isSuffix, suffixOf } from '../session-names.ts'
import { failureOf } from './cloud-failure-of.ts'
import { CloudSession, type CloudSessionPorts } from './cloud-session.ts'

export type SessionBookParts = {
  api: Pick<CloudApi, 'row'>
  sink: Pick<SourceSink, 'openSessions'>
  timing: Timing
  ports: CloudSessionPorts
  /** Called before a session is told of for the first time: it may be another one’s. */
  claim(row: CloudRow, signal: AbortSignal): Promise<void>
  /** A row said something new of a session. */
  onRow(session: CloudSession, row: CloudRow): void
  hasLine(session: CloudSession): boolean
}

/** The sessions of the account that are not over, and what the list says of them. */
export const createSessionBook = (parts: SessionBookParts, signal: AbortSignal) => {
  const { api, timing } = parts
  const sessions = new Map<Suffix, CloudSession>()
  const claims = new Map<CloudSession, { row: CloudRow; done: Promise<CloudSession | undefined> }>()
  let leftOut = 0

  const sessionFor = (suffix: Suffix): CloudSession => {
    const known = sessions.get(suffix)
    if (known) return known
    const made = new CloudSession(parts.ports, suffix)
    sessions.set(suffix, made)
    return made
  }

  const takeRow = async (row: CloudRow): Promise<CloudSession | undefined> => {
    const { suffix } = row
    const known = sessions.get(suffix)
    // What was put away before anybody here heard of it is not brought up.
    if (!isSuffix(suffix) || (!known && row.isArchived)) return undefined
    if (!known && sessions.size >= LIMITS.sessions) {
      leftOut += 1
      return undefined
    }
    const session = known ?? sessionFor(suffix)
    return session.row ? takeKnown(session, row) : takeNew(session, row)
  }

  // A run that another worker took over, or that goes on under a new id, comes as any new row.
  /** The first word of a session; more of them, while it is seen whose it is, stand for the first. */
  const takeNew = (session: CloudSession, row: CloudRow): Promise<CloudSession | undefined> => {
    const known = claims.get(session)
    if (known) {
      known.row = row
      return known.done
    }
    const claim = { row, done: Promise.resolve<CloudSession | undefined>(undefined) }
    claims.set(session, claim)
    const decide = async () => {
      try {
        await session.load()
        if (!session.hasRow) await parts.claim(row, signal)
      } finally {
        claims.delete(session)
      }
      return signal.aborted ? undefined : takeKnown(session, claim.row)
    }
    claim.done = decide()
    return claim.done
  }

  const takeKnown = async (session: CloudSession, row: CloudRow): Promise<CloudSession> => {
    if (!(await session.takeRow(row))) return session
    if (session.isOver) sessions.delete(session.suffix)
    else if (row.worker !== 'requires_action') await withdrawStale(session)
    parts.onRow(session, row)
    return session
  }

  const takeRows = async (rows: readonly CloudRow[]): Promise<void> => {
    for (let at = 0; at < rows.length && !signal.aborted; at += LIMITS.rowsAtOnce) {
      await Promise.all(rows.slice(at, at + LIMITS.rowsAtOnce).map(takeRow))
    }
  }

  /** Asks for a session that the list no longer shows; one that is gone or put away ends here. */
  const check = async (suffix: Suffix): Promise<void> => {
    const session = sessions.get(suffix)
    if (!session) return
    try {
      await fresh(suffix, signal)
    } catch (error) {
      // It passes; the next reading of the list asks again.
      if (!failureOf(error)) throw error
    }
  }

  /** Asks for a row and takes it in; undefined when it is not there (any more). */
  const fresh = async (suffix: Suffix, asking: AbortSignal): Promise<CloudRow | undefined> => {
    try {
      const row = await api.row(suffix, asking)
      await takeRow(row)
      return row
    } catch (error) {
      const kind = failureOf(error)?.kind
      if (kind !== 'gone' && kind !== 'absent') throw error
      const session = sessions.get(suffix)
      if (session) await takeRow(endedRow(session))
      return undefined
    }
  }

  /** What the log holds open and nobody upstream asks (any more) is resolved. */
  const withdrawStale = async (session: CloudSession): Promise<void> => {
    if (session.stalePermissions.size === 0) return
    const { prompts } = await session.load()
    const open = new Set<string>(prompts.keys())
    const gone = [...session.stalePermissions].filter((id) => !open.has(id))
    session.stalePermissions = new Set()
    await session.append(gone.map((id) => withdrawn(session.sessionId, id, timing)))
  }

  return {
    /** Takes up what the log knows as running from before a restart. */
    restore: async (): Promise<void> => {
      const open: readonly OpenSession[] = await parts.sink.openSessions()
      for (const { sessionId, permissionIds } of open) {
        const suffix = suffixOf(sessionId)
        if (suffix === undefined || !isSuffix(suffix)) continue
        const session = sessionFor(suffix)
        session.stalePermissions = new Set(permissionIds)
        session.hasRow = true
      }
    },
    takeRow,
    takeRows,
    check,
    fresh,
    withdrawStale,
    /** The list was read to its end: whatever else is known here is asked for by itself. */
    takeComplete: async (listed: ReadonlySet<Suffix>): Promise<void> => {
      for (const suffix of [...sessions.keys()]) {
        if (signal.aborted) return
        if (!listed.has(suffix)) await check(suffix)
      }
      leftOut = 0
    },
    /** Forgets the readers of sessions nobody has needed for a while, down to their place. */
    tidy: (): void => {
      const limitMs = timing.nowMs() - WAITS.afterEventMs
      const resting = [...sessions.values()]
        .filter((one) => one.isLoaded && one.isResting && !parts.hasLine(one))
        .filter((one) => Math.max(one.lastReadMs, one.lastWantedMs) < limitMs)
        .sort((a, b) => b.lastReadMs - a.lastReadMs)
      for (const session of resting.slice(LIMITS.restingReaders)) session.rest()
    },
    all: (): IterableIterator<CloudSession> => sessions.values(),
    get: (suffix: Suffix): CloudSession | undefined => sessions.get(suffix),
    find: (sessionId: SessionId): CloudSession | undefined => {
      const suffix = suffixOf(sessionId)
      return suffix === undefined ? undefined : sessions.get(suffix)
    },
    leftOut: () => leftOut,
  }
}

const endedRow = ({ suffix, row }: CloudSession): CloudRow => ({
  ...(row ?? { suffix, worker: 'unknown', kind: 'unknown', isUnread: false, pending: [] }),
  isArchived: true,
  connection: 'disconnected',
})

const withdrawn = (sessionId: SessionId, permissionId: string, timing: Timing): EventDraft =>
  ({
    type: 'permission.resolved',
    sessionId,
    at: isoTime(timing.nowMs()),
    // As the reader would write it, so that it ends once.
    dedupeKey: `ask:${permissionId}:end`,
    permissionId,
    outcome: 'withdrawn',
    by: { kind: 'source' },
  }) as EventDraft
