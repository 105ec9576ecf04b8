import {
  type Cursor,
  type SessionId,
  type Signal,
  type StreamFrame,
  type StreamRequest,
  signalKey,
  TICK_INTERVAL_MS,
} from '@bellhop/core'
import { type Clock, isoTime } from '../clock.ts'
import type { EventLog, LogPage } from './event-log.ts'
import type { SignalHub } from './signal-hub.ts'

/** The way out of the log, the same for a phone, a notifier and another program. */
export interface EventFeed {
  /**
   * Frames from a cursor on: `hello`, what was missed, `caught_up`, then events and signals as they
   * come, until the signal aborts. Ends by itself after `hello` with `reset`, and with `bye` when a
   * reader is so slow that what it has not read was trimmed. [ST-2] [ST-3]
   */
  open(request: StreamRequest, signal: AbortSignal): AsyncIterable<StreamFrame>
}

export type FeedParts = {
  log: EventLog
  hub: SignalHub
  clock: Clock
  instanceId: string
  tickIntervalMs?: number
}

/** Events read at a time; a reader holds no more than these. [I6] */
const PAGE = 200
/** The shortest time between two batches of signals: what is typed faster than this comes together. */
const SIGNAL_GAP_MS = 60

export const createEventFeed = (parts: FeedParts): EventFeed => ({
  open: (request, signal) => readFeed(parts, request, signal),
})

async function* readFeed(
  parts: FeedParts,
  request: StreamRequest,
  stop: AbortSignal,
): AsyncGenerator<StreamFrame, void, undefined> {
  const { log, hub, clock, instanceId, tickIntervalMs = TICK_INTERVAL_MS } = parts
  const sessionIds = request.sessions
  const now = () => isoTime(clock.nowMs())
  const read = (after: Cursor): Promise<LogPage> =>
    log.read({ after, limit: PAGE, ...(sessionIds && { sessionIds }) })

  let cursor = request.after ?? (await log.head())
  // Listening starts before the first read, so that nothing falls between the two.
  using news = listenForNews(log, hub, stop, sessionIds)

  let page = await read(cursor)
  const verdict = page.reset ? 'reset' : 'resume'
  yield {
    frame: 'hello',
    verdict,
    cursor: page.reset ? page.cursor : cursor,
    instanceId,
    now: now(),
  }
  if (page.reset) return

  /** Hands out pages until there are no more of them; false when the log has moved on without it. */
  async function* drainLog(): AsyncGenerator<StreamFrame, boolean, undefined> {
    for (;;) {
      if (page.reset) return false
      for (const event of page.events) yield { frame: 'event', event }
      cursor = page.cursor
      if (!page.hasMore || stop.aborted) return true
      page = await read(cursor)
    }
  }
  const bye: StreamFrame = { frame: 'bye', code: 'renew' }

  if (!(yield* drainLog())) return yield bye
  yield { frame: 'caught_up', cursor }
  for (const signal of hub.current()) news.add(signal)

  let wordAtMs = performance.now()
  let signalsAtMs = -SIGNAL_GAP_MS
  while (!stop.aborted) {
    const nowMs = performance.now()
    const tickInMs = wordAtMs + tickIntervalMs - nowMs
    const signalsInMs = news.hasSignals() ? signalsAtMs + SIGNAL_GAP_MS - nowMs : Infinity
    if (news.takeMore()) {
      page = await read(cursor)
      if (page.events.length > 0) wordAtMs = nowMs
      if (!(yield* drainLog())) return yield bye
    } else if (signalsInMs <= 0) {
      for (const signal of news.takeSignals()) yield { frame: 'signal', signal }
      wordAtMs = signalsAtMs = nowMs
    } else if (tickInMs <= 0) {
      yield { frame: 'tick', now: now() }
      wordAtMs = nowMs
    } else {
      await news.wait(Math.min(tickInMs, signalsInMs))
    }
  }
}

/**
 * What a reader has not looked at yet: that there is more in the log, which says nothing of how much,
 * and the latest signal of each key. So it stays small however slow the reader is. [I3] [I6]
 */
const listenForNews = (
  log: EventLog,
  hub: SignalHub,
  stop: AbortSignal,
  sessionIds: readonly SessionId[] | undefined,
) => {
  const wanted = sessionIds && new Set(sessionIds)
  const signals = new Map<string, Signal>()
  let more = false
  let wake = () => {}

  const add = (signal: Signal): void => {
    if (wanted && signal.type !== 'source.health' && !wanted.has(signal.sessionId)) return
    signals.set(signalKey(signal), signal)
    wake()
  }
  const onAppend = () => {
    more = true
    wake()
  }
  const onAbort = () => wake()
  const listening = [log.onAppend(onAppend), hub.subscribe(add)]
  stop.addEventListener('abort', onAbort)

  return {
    add,
    hasSignals: () => signals.size > 0,
    takeMore: (): boolean => {
      const was = more
      more = false
      return was
    },
    takeSignals: (): readonly Signal[] => {
      const taken = [...signals.values()]
      signals.clear()
      return taken
    },
    /** Resolves when there may be something to do, or after so long. */
    wait: (maxMs: number): Promise<void> =>
      new Promise((resolve) => {
        if (more || stop.aborted) return resolve()
        const timer = setTimeout(() => wake(), maxMs)
        wake = () => {
          clearTimeout(timer)
          wake = () => {}
          resolve()
        }
      }),
    [Symbol.dispose]: () => {
      for (const one of listening) one[Symbol.dispose]()
      stop.removeEventListener('abort', onAbort)
    },
  }
}
