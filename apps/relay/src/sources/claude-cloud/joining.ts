import { createHash } from 'node:crypto'
import type { EventDraft, SessionId, SourceId } from '@bellhop/core'
import { isoTime, type Timing } from '../../clock.ts'
import type { KnownRun, SourceSink } from '../../sessions/session-source.ts'
import type { CloudRow, Suffix } from './cloud-api.ts'
import { choicesOf } from './commands/initialize-session.ts'
import { addedBy, needsPrompts, runsBySuffix } from './join-choice.ts'
import { type Join, type JoinRecord, readJoins, writeJoins } from './join-record.ts'
import type { FollowedSession } from './parts.ts'

/** How long after the start a session that may run here is kept back, until those here are known. */
const START_MS = 2_000
/** The same for one that comes up later, which whoever follows it here sees come up as well. */
const CLAIM_MS = 500
/** A session that has been there for longer would have been claimed by now. */
const NEW_MS = 60_000
/** How long after its run here ended a session is asked for whether it goes on elsewhere. */
const LEAVE_MS = 5_000
/** The same, when it could not be asked. */
const ASK_AGAIN_MS = 60_000
const CHECKPOINT = 'joins'

/** The session one is shown as, and whether its prompts are told there by this road. */
export type JoinState = { sessionId: SessionId; tellsPrompts: boolean }

/** Makes one row of a cloud session and the local session that is the same run. [EV-7] [CM-9] */
export interface Joining {
  /** Reads what was remembered; called before anything else. */
  start(): Promise<void>
  /**
   * Called before a session is told of for the first time: where it may run here, waits a moment for
   * the one it may be the same run as, and joins it, so that no row comes up only to go again.
   */
  claim(row: CloudRow, signal: AbortSignal): Promise<void>
  /**
   * Looks at all of them; called once the list has been read, and after a row came, went or changed.
   * Resolves when what follows is told.
   */
  look(): Promise<void>
  /** What a session’s reader has to be joined to; undefined while it is shown by itself. */
  stateOf(suffix: Suffix): JoinState | undefined
  /** The cloud session by which a session of another source is reached. */
  suffixFor(sessionId: SessionId): Suffix | undefined
}

export type JoiningParts = {
  sourceId: SourceId
  sink: Pick<SourceSink, 'append' | 'otherRuns' | 'onOtherRuns' | 'checkpoint' | 'saveCheckpoint'>
  timing: Timing
  rowOf(suffix: Suffix): CloudRow | undefined
  /** Asks for the row and takes it in; undefined when it is gone. Rejects when that cannot be told. */
  freshRow(suffix: Suffix, signal: AbortSignal): Promise<CloudRow | undefined>
  /** The session with its reader at hand. */
  open(suffix: Suffix): Promise<FollowedSession | undefined>
  /** Whether the log has a row of its own for it. */
  hasRow(suffix: Suffix): boolean
  capabilitiesOf(row: CloudRow): readonly string[]
  /** Resolves, once that can be told, with whether it is known to run on another machine. */
  isElsewhere(row: CloudRow): Promise<boolean>
  /** How it is shown, and so how it is to be read, has changed. */
  onChange(suffix: Suffix): void
  /** Something could not be stored. */
  onFailure(error: unknown): void
}

export const createJoining = (parts: JoiningParts, signal: AbortSignal): Joining => {
  const { sourceId, sink, timing } = parts
  let record: JoinRecord = { joins: new Map(), told: 0 }
  const leaving = new Set<Suffix>()
  let last: Promise<void> = Promise.resolve()
  let isDue = false
  /** Until when everything new is waited with, because the other sources are only starting. */
  let startingUntilMs = 0
  /** What each reader of this run of the relay was joined to. */
  const applied = new Map<Suffix, string>()

  const runOf = (suffix: Suffix) => runsBySuffix(sink.otherRuns()).get(suffix)

  const draft = (sessionId: SessionId, fields: object): EventDraft => {
    record.told += 1
    // The same telling after a crash has the same key; another one at its place has another.
    const digest = createHash('sha256').update(JSON.stringify([sessionId, fields]))
    const dedupeKey = `join:${sourceId}:${record.told}:${digest.digest('base64url').slice(0, 16)}`
    return { sessionId, at: isoTime(timing.nowMs()), dedupeKey, ...fields } as EventDraft
  }
  const roadDraft = (into: SessionId, capabilities: readonly string[]): EventDraft =>
    draft(into, { type: 'session.road', roadSourceId: sourceId, capabilities: [...capabilities] })

  const tell = async (session: FollowedSession | undefined, drafts: EventDraft[]) => {
    if (drafts.length > 0) await (session ?? sink).append(drafts)
    await sink.saveCheckpoint(CHECKPOINT, writeJoins(record))
  }

  const set = async (suffix: Suffix, join: Join, session: FollowedSession | undefined) => {
    const before = record.joins.get(suffix)
    const { into, capabilities, tellsPrompts } = join
    record.joins.set(suffix, join)
    const drafts: EventDraft[] = []
    if (before && before.into !== into && before.capabilities.length > 0) {
      drafts.push(roadDraft(before.into, []))
    }
    const own = session?.sessionId
    if (own && join.hidesRow && (!before?.hidesRow || before.into !== into)) {
      drafts.push(draft(own, { type: 'session.joined', into }))
    }
    const had = before?.into === into ? before.capabilities : []
    if (had.join() !== capabilities.join()) {
      drafts.push(roadDraft(into, capabilities))
      // What was said before of its settings may have been another road’s.
      if (capabilities.length > 0) {
        drafts.push(draft(into, { type: 'session.changed', choices: choicesOf() }))
      }
    }
    const state = JSON.stringify({ sessionId: into, tellsPrompts })
    const isSame = applied.get(suffix) === state
    // The row is hidden before its prompts go over, so that nobody is rung for twice.
    if (drafts.length > 0 || !isSame) await tell(session, drafts)
    if (isSame) return
    if (session) {
      await session.take(session.reader.joinTo({ sessionId: into, tellsPrompts }))
      applied.set(suffix, state)
    }
    parts.onChange(suffix)
  }

  const join = async (suffix: Suffix, run: KnownRun, row: CloudRow) => {
    leaving.delete(suffix)
    const session = await parts.open(suffix)
    if (!session) return
    const hidesRow = record.joins.get(suffix)?.hidesRow === true || parts.hasRow(suffix)
    // Who is asked already is asked to the end by the road they were asked by.
    const isAsking = record.joins.get(suffix)?.tellsPrompts && session.reader.prompts.size > 0
    const tellsPrompts = needsPrompts(run) || isAsking === true
    const capabilities = addedBy(parts.capabilitiesOf(row), run, tellsPrompts)
    await set(suffix, { into: run.sessionId, capabilities, tellsPrompts, hidesRow }, session)
  }

  /** It stays hidden, as it is the same run all the same; only this road is closed. */
  const close = async (suffix: Suffix, join: Join) => {
    const session = await parts.open(suffix)
    await set(suffix, { ...join, capabilities: [], tellsPrompts: false }, session)
  }

  const leave = async (suffix: Suffix, { hidesRow }: Join) => {
    record.joins.delete(suffix)
    applied.delete(suffix)
    const session = await parts.open(suffix)
    const shown = hidesRow && session
    const drafts = shown ? [draft(session.sessionId, { type: 'session.joined', into: null })] : []
    await tell(session, drafts)
    if (session) {
      await session.take(session.reader.joinTo(null))
      if (session.row) await session.take(session.reader.readRow(session.row))
    }
    parts.onChange(suffix)
  }

  /** Its run here is over: it is shown by itself once it is seen to go on without it. */
  const leaveLater = async (suffix: Suffix) => {
    if (leaving.has(suffix)) return
    leaving.add(suffix)
    for (let waitMs = LEAVE_MS; ; waitMs = ASK_AGAIN_MS) {
      await timing.wait(waitMs, signal)
      if (signal.aborted || !leaving.has(suffix)) return
      let row: CloudRow | undefined
      try {
        row = await parts.freshRow(suffix, signal)
      } catch {
        continue
      }
      leaving.delete(suffix)
      if (row?.connection === 'connected' && !row.isArchived) await inTurn(() => free(suffix))
      return
    }
  }
  const free = async (suffix: Suffix) => {
    const join = record.joins.get(suffix)
    if (join && !runOf(suffix)) await leave(suffix, join)
  }

  const lookAt = async (suffix: Suffix, run: KnownRun | undefined) => {
    const [row, known] = [parts.rowOf(suffix), record.joins.get(suffix)]
    const isThere = row !== undefined && !row.isArchived
    if (run && isThere) return join(suffix, run, row)
    if (!known) return
    if (known.capabilities.length > 0 || known.tellsPrompts) await close(suffix, known)
    if (run) return
    if (row === undefined) {
      // Nothing will be heard of it again; what was told of it stands.
      record.joins.delete(suffix)
      applied.delete(suffix)
      await tell(undefined, [])
    } else if (isThere && row.connection === 'connected') {
      leaveLater(suffix).catch(parts.onFailure)
    }
  }
  const lookNow = async () => {
    const runs = runsBySuffix(sink.otherRuns())
    for (const suffix of new Set([...runs.keys(), ...record.joins.keys()])) {
      await lookAt(suffix, runs.get(suffix))
    }
  }

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(work)
    last = done.catch(() => {})
    return done
  }

  let isListening = false
  const look = (): Promise<void> => {
    if (!isListening) {
      isListening = true
      const listening = sink.onOtherRuns(() => void look().catch(parts.onFailure))
      signal.addEventListener('abort', () => listening[Symbol.dispose](), { once: true })
    }
    if (isDue) return last
    isDue = true
    return inTurn(() => {
      isDue = false
      return lookNow()
    })
  }

  /** How long it is worth waiting for a session that runs here to be named here. */
  const claimMs = ({ suffix, kind, connection, createdAtMs = 0 }: CloudRow): number => {
    const nowMs = timing.nowMs()
    // One in the cloud, or one that nobody runs, does not run here.
    if (kind === 'cloud' || connection === 'disconnected' || parts.hasRow(suffix)) return 0
    if (nowMs < startingUntilMs) return startingUntilMs - nowMs
    return nowMs - createdAtMs < NEW_MS ? CLAIM_MS : 0
  }

  return {
    start: async () => {
      startingUntilMs = timing.nowMs() + START_MS
      record = readJoins(await sink.checkpoint(CHECKPOINT))
    },
    look,
    claim: async (row, waiting) => {
      const { suffix } = row
      const waitMs = claimMs(row)
      if (waitMs > 0 && !runOf(suffix)) {
        const over = new AbortController()
        using _ = sink.onOtherRuns(() => {
          if (runOf(suffix)) over.abort()
        })
        void parts.isElsewhere(row).then((isElsewhere) => isElsewhere && over.abort())
        await timing.wait(waitMs, AbortSignal.any([signal, waiting, over.signal]))
      }
      const run = runOf(suffix)
      if (run && !row.isArchived) await inTurn(() => join(suffix, run, row))
    },
    stateOf: (suffix) => {
      const join = record.joins.get(suffix)
      return join && { sessionId: join.into, tellsPrompts: join.tellsPrompts }
    },
    suffixFor: (sessionId) => {
      const found = [...record.joins].filter(([, { into }]) => into === sessionId)
      // One that is closed stands behind the one the session goes by now.
      return (found.find(([, { capabilities }]) => capabilities.length > 0) ?? found[0])?.[0]
    },
  }
}
