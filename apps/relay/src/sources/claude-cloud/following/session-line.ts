import { backoffMs } from '@bellhop/core/client'
import type { Timing } from '../../../clock.ts'
import type { CloudApi, CloudFailure, Fields, OlderApi, StreamItem } from '../cloud-api.ts'
import { WAITS } from '../cloud-timing.ts'
import { catchUp, createGapKeeper, type GapKeeper } from './catch-up.ts'
import { failureOf } from './cloud-failure-of.ts'
import type { CloudSession, Road } from './cloud-session.ts'
import { catchUpOlder } from './older-catch-up.ts'

export type LineParts = {
  api: Pick<CloudApi, 'events' | 'stream'>
  older: Pick<OlderApi, 'events' | 'subscribe'>
  timing: Timing
  random: () => number
  isLookedAt(session: CloudSession): boolean
  /** Everything up to now was read. */
  onCaughtUp(session: CloudSession, signal: AbortSignal): Promise<void>
  /** What a stream says of the session itself. */
  onFields(session: CloudSession, fields: Fields): Promise<void>
  /** The session does not seem to be there any more. */
  onGone(session: CloudSession): Promise<void>
}

/** A session that is being read. */
export type Line = {
  /** The list is ahead of what was read: looks whether something was missed. */
  isBehind(): void
  done: Promise<void>
}

const LESSER: Record<Road, Road> = {
  stream: 'poll',
  poll: 'older-socket',
  'older-socket': 'older-poll',
  'older-poll': 'older-poll',
}

/**
 * Reads a session by the best road it has until aborted: a stream, the polling of its history, the
 * older family’s socket, or the polling of that family’s list. A road that is shut is left for the
 * next, and better ones are tried again after a while. `mayStream` is false for one session too many.
 */
export const followLine = (
  parts: LineParts,
  session: CloudSession,
  mayStream: boolean,
  signal: AbortSignal,
): Line => {
  const { api, older, timing } = parts
  let gap: GapKeeper | undefined
  let lookedMs = 0

  const takeDown = (road: Road, forMs: number = WAITS.roadRetryMs) => {
    session.road = LESSER[road]
    session.roadUntilMs = timing.nowMs() + forMs
  }
  const pollMs = () =>
    mayStream
      ? parts.isLookedAt(session) || session.isHeld
        ? WAITS.pollLookedAtMs
        : WAITS.pollMs
      : WAITS.pollOverflowMs

  /**
   * Follows a live connection to its end; what goes wrong beside it ends it, too. After two of them
   * that said nothing the next road is taken.
   */
  const connect = async (
    open: (signal: AbortSignal) => AsyncIterable<StreamItem>,
    take: (item: StreamItem, keeper: GapKeeper) => Promise<void>,
  ): Promise<void> => {
    const line = new AbortController()
    const ours = AbortSignal.any([signal, line.signal])
    let failure: { error: unknown } | undefined
    const beside = (work: () => Promise<void>) => {
      work().catch((error: unknown) => {
        if (ours.aborted) return
        failure = { error }
        line.abort()
      })
    }
    const keeper = createGapKeeper({
      api,
      session,
      signal: ours,
      later: (run) =>
        beside(async () => {
          await timing.wait(WAITS.lateEventMs, ours)
          if (!ours.aborted) await run()
        }),
    })
    gap = { ...keeper, refill: async () => beside(() => keeper.refill()) }
    const { road } = session
    session.hearsDeliveries(road === 'stream')
    const startedMs = timing.nowMs()
    let words = 0
    if (road !== 'stream') {
      const restMs = Math.max(0, session.roadUntilMs - startedMs)
      void timing.wait(restMs, ours).then(() => line.abort())
    }
    try {
      for await (const item of open(ours)) {
        if (item.kind !== 'open') words += 1
        await take(item, keeper)
      }
    } catch (error) {
      if (!line.signal.aborted) throw error
    } finally {
      gap = undefined
      line.abort()
    }
    if (failure) throw failure.error
    const isMute = words === 0 && timing.nowMs() - startedMs < WAITS.muteMs
    session.mutes = isMute ? session.mutes + 1 : 0
    if (session.mutes < 2 || signal.aborted) return
    session.mutes = 0
    takeDown(road)
  }

  const stream = async (): Promise<void> => {
    await catchUp(api, session, signal)
    await parts.onCaughtUp(session, signal)
    await connect(
      (ours) => api.stream(session.suffix, session.position, ours),
      async (item, keeper) => {
        if (item.kind === 'event') return keeper.take(item.event)
        if (item.kind === 'truncated') return keeper.refill()
        await passOn(parts, session, item)
      },
    )
  }

  const poll = async (read: () => Promise<void>): Promise<void> => {
    await read()
    session.hearsDeliveries(false)
    await parts.onCaughtUp(session, signal)
    await timing.wait(pollMs(), signal)
  }

  const socket = async (): Promise<void> => {
    await catchUpOlder(older, session, signal)
    await parts.onCaughtUp(session, signal)
    await connect(
      (ours) => older.subscribe(session.suffix, ours),
      async (item) => {
        if (item.kind === 'event') return session.inOrder(() => session.takeEvent(item.event))
        // A socket tells nothing from before it was open.
        if (item.kind === 'open') return catchUpOlder(older, session, signal)
        await passOn(parts, session, item)
      },
    )
  }

  const roads: Record<Road, () => Promise<void>> = {
    stream: () => (mayStream ? stream() : poll(() => catchUp(api, session, signal))),
    poll: () => poll(() => catchUp(api, session, signal)),
    'older-socket': () => (mayStream ? socket() : poll(() => catchUpOlder(older, session, signal))),
    'older-poll': () => poll(() => catchUpOlder(older, session, signal)),
  }

  /** How long to wait after a failure, having done what it asks for. */
  const afterFailure = async (failure: CloudFailure, attempt: number): Promise<number> => {
    const { kind } = failure
    const { road } = session
    if (kind === 'gone' || kind === 'conflict') await parts.onGone(session)
    if (kind === 'absent' && road !== 'older-poll') {
      takeDown(road)
      return 0
    }
    if (kind === 'refused' && (road === 'stream' || road === 'older-socket')) {
      takeDown(road)
      return 0
    }
    // The place is too old for a stream; history still goes on from it.
    if (kind === 'expired' && road === 'stream' && attempt > 1) {
      takeDown(road)
      return 0
    }
    if (kind === 'absent' || kind === 'refused') {
      session.road = 'stream'
      return WAITS.roadRetryMs
    }
    const limits = kind === 'login' ? WAITS.loginRetry : WAITS.retry
    return Math.max(failure.retryAfterMs ?? 0, backoffMs(attempt, limits, parts.random))
  }

  const run = async (): Promise<void> => {
    for (let attempt = 0; !signal.aborted && !session.isOver; ) {
      if (session.road !== 'stream' && timing.nowMs() >= session.roadUntilMs)
        session.road = 'stream'
      const startedMs = timing.nowMs()
      let waitMs = 0
      try {
        const { road } = session
        await roads[road]()
        // A connection that only just held is not opened again at once.
        const isLive = mayStream && (road === 'stream' || road === 'older-socket')
        attempt = timing.nowMs() - startedMs >= WAITS.stableMs ? 0 : attempt
        if (isLive && session.road === road) {
          waitMs = backoffMs(attempt, WAITS.retry, parts.random)
          attempt += 1
        } else attempt = 0
      } catch (error) {
        if (signal.aborted) return
        const failure = failureOf(error)
        if (!failure) throw error
        if (timing.nowMs() - startedMs >= WAITS.stableMs) attempt = 0
        waitMs = await afterFailure(failure, attempt)
        attempt += 1
      }
      if (waitMs > 0) await timing.wait(waitMs, signal)
    }
  }

  return {
    done: run(),
    isBehind: () => {
      if (!gap || timing.nowMs() - lookedMs < WAITS.behindEveryMs) return
      lookedMs = timing.nowMs()
      void gap.refill()
    },
  }
}

const passOn = async (parts: LineParts, session: CloudSession, item: StreamItem): Promise<void> => {
  if (item.kind === 'ephemeral') await session.take(session.reader.readEphemeral(item.payload))
  if (item.kind === 'delivery') await session.take(session.reader.readDelivery(item.delivery))
  if (item.kind === 'session') await parts.onFields(session, item.fields)
}
