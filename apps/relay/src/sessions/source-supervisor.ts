import { RelayError, type ResponseOf, type SourceId } from '@bellhop/core'
import { backoffMs, pause } from '@bellhop/core/client'
import { type Clock, isoTime } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { SessionIndex, SourceCheckpoints } from './event-log.ts'
import type { Ingest } from './ingest.ts'
import type { RunBoard } from './run-board.ts'
import type { OpenSession, SessionSource, SourceHealth, SourceSink } from './session-source.ts'
import type { SignalHub } from './signal-hub.ts'

/** Keeps the sources running, and knows how they are. */
export interface SourceSupervisor {
  start(): void
  /** Each source and how it is, in the order they were given. */
  states(): ResponseOf<'relay'>['sources']
  find(sourceId: string): SessionSource | undefined
  all(): readonly SessionSource[]
  /** Resolves once each source has said how it is, or in a few seconds. Never rejects. */
  heard(): Promise<void>
  /** Ends all of them; waits for them a few seconds at most. */
  stop(): Promise<void>
}

export type SupervisorParts = {
  sources: readonly SessionSource[]
  ingest: Ingest
  hub: SignalHub
  checkpoints: SourceCheckpoints
  sessions: Pick<SessionIndex, 'list'>
  runs: RunBoard
  clock: Clock
  logger: Logger
  random?: () => number
  pauses?: Pauses
}

type Pauses = {
  firstMs: number
  maxMs: number
  stableMs: number
  stopMs: number
  heardMs?: number
}
/** A source that fails is started again after a pause that doubles, until it has run well for a while. */
const PAUSES: Pauses = { firstMs: 1_000, maxMs: 60_000, stableMs: 60_000, stopMs: 5_000 }
/** How long a source may take to say the first thing of itself. */
const HEARD_MS = 10_000
/** What is said of a source that has not said anything yet. */
export const STARTING = 'Starting.'
const HEALTH_TEXT_MAX = 300
const boundedLines = (lines: readonly string[]) =>
  lines.slice(0, 40).map((line) => line.slice(0, HEALTH_TEXT_MAX))

export const createSourceSupervisor = (parts: SupervisorParts): SourceSupervisor => {
  const { hub, clock, random = Math.random, pauses = PAUSES } = parts
  const logger = parts.logger.part('sources')
  const stopped = new AbortController()
  const health = new Map<SourceId, Omit<SourceHealth, 'sinceMs'> & { since: string }>()
  const said = new Map<SourceId, PromiseWithResolvers<void>>()
  const runs: Promise<void>[] = []
  for (const { manifest } of parts.sources) {
    if (health.has(manifest.sourceId)) throw new TypeError(`two sources: ${manifest.sourceId}`)
    const since = isoTime(clock.nowMs())
    health.set(manifest.sourceId, { state: 'ok', text: STARTING, since })
    said.set(manifest.sourceId, Promise.withResolvers())
  }

  const report = (sourceId: SourceId, word: SourceHealth): void => {
    const { state, sinceMs = clock.nowMs() } = word
    said.get(sourceId)?.resolve()
    const text = word.text.slice(0, HEALTH_TEXT_MAX)
    const known = health.get(sourceId)
    const since = known?.state === state ? known.since : isoTime(sinceMs)
    health.set(sourceId, { state, text, since })
    if (known?.state === state && known.text === text) return
    hub.publish({ type: 'source.health', sourceId, state, text, since })
  }

  const keepRunning = async (source: SessionSource): Promise<void> => {
    const { sourceId } = source.manifest
    for (let failures = 0; !stopped.signal.aborted; ) {
      const startedAtMs = clock.nowMs()
      const run = new AbortController()
      const signal = AbortSignal.any([run.signal, stopped.signal])
      try {
        const isOver = () => run.signal.aborted || stopped.signal.aborted
        await source.run(sinkFor(parts, sourceId, isOver, report), signal)
        // A source that has nothing more to tell is not started again.
        return
      } catch (error) {
        if (stopped.signal.aborted) return
        failures = clock.nowMs() - startedAtMs > pauses.stableMs ? 1 : failures + 1
        logger.warn('a source stopped and is started again', { sourceId, failures, error })
        const why = error instanceof RelayError ? error.message : 'It stopped unexpectedly.'
        report(sourceId, { state: 'down', text: `${why} It is started again.` })
      } finally {
        // What the ended run still says is of no account: another one may be speaking.
        run.abort()
      }
      await pause(backoffMs(failures - 1, pauses, random), stopped.signal)
    }
  }

  return {
    start: () => {
      for (const source of parts.sources) runs.push(keepRunning(source))
    },
    states: () =>
      parts.sources.map((source) => {
        const { sourceId, title } = source.manifest
        const details = boundedLines(source.details?.() ?? [])
        const known = health.get(sourceId) ?? { state: 'down', text: '' }
        return { sourceId, title, ...known, ...(details.length > 0 && { details }) }
      }),
    all: () => parts.sources,
    heard: async () => {
      const patience = new AbortController()
      const signal = AbortSignal.any([patience.signal, stopped.signal])
      const all = Promise.all([...said.values()].map(({ promise }) => promise))
      await Promise.race([all, pause(pauses.heardMs ?? HEARD_MS, signal)])
      patience.abort()
    },
    find: (sourceId) => parts.sources.find((source) => source.manifest.sourceId === sourceId),
    stop: async () => {
      stopped.abort()
      const patience = new AbortController()
      await Promise.race([Promise.all(runs), pause(pauses.stopMs, patience.signal)])
      patience.abort()
    },
  }
}

const sinkFor = (
  parts: SupervisorParts,
  sourceId: SourceId,
  isOver: () => boolean,
  report: (sourceId: SourceId, health: SourceHealth) => void,
): SourceSink => {
  const { ingest, hub, checkpoints, sessions, runs } = parts
  return {
    append: (drafts) => ingest.append(sourceId, drafts),
    signal: (one) => {
      if (!isOver()) hub.publish(one)
    },
    health: (one) => {
      if (!isOver()) report(sourceId, one)
    },
    checkpoint: (key) => checkpoints.get(sourceId, key),
    saveCheckpoint: (key, value) => checkpoints.set(sourceId, key, value),
    otherRuns: () => runs.others(sourceId),
    onOtherRuns: (listener) => runs.onChange(() => isOver() || listener()),
    openSessions: async (): Promise<readonly OpenSession[]> =>
      (await sessions.list()).sessions
        .filter((session) => session.sourceId === sourceId && session.status !== 'ended')
        .map(({ sessionId, waits }) => ({
          sessionId,
          // What is held for an agent is not the source's to withdraw.
          permissionIds: waits
            .filter((wait) => wait.ask.kind !== 'agent')
            .map((wait) => wait.permissionId),
        })),
  }
}
