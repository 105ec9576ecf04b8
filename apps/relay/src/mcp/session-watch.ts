import {
  type Cursor,
  ERRORS,
  isErrorCode,
  type Session,
  type SessionEvent,
  type SessionId,
} from '@bellhop/core'
import type { Follower } from './follower.ts'
import type { RelayLink } from './relay-link.ts'
import { eventsAfter, recentEvents, sessionNow } from './session-history.ts'
import { ToolRefused } from './tool-refused.ts'

/** What a session that is watched costs to follow is spent only while somebody says so. */
const LOOK_AGAIN_MS = 30_000
const REFUSED = 'The relay does not serve this agent any more.'

export type SessionWatch = Disposable & {
  /** As it stood when the watch began. */
  readonly session: Session
  /** The place of the last event told. */
  readonly cursor: Cursor
  /** Events, each once and in order, until the signal aborts. Throws when the relay refuses. */
  events(): AsyncGenerator<SessionEvent>
}

/**
 * Watches one session from a cursor of it, or from now on, over breaks of the line and restarts of
 * the relay. [MC-4]
 */
export const openSessionWatch = async (
  parts: { link: RelayLink; follower: Follower },
  options: { sessionId: SessionId; after?: Cursor | undefined; signal: AbortSignal },
): Promise<SessionWatch> => {
  const { link, follower } = parts
  const { sessionId, after, signal } = options
  // Says at once and clearly when there is no such session or no relay.
  await sessionNow(link, sessionId, signal)

  const live: SessionEvent[] = []
  let failure: Error | undefined
  let wake = () => {}
  const listening = await follower.listen(
    {
      sessionId,
      onEvent: (event) => {
        live.push(event)
        wake()
      },
      onReset: () => {
        failure = new ToolRefused('cursor_unknown', 'The relay’s log is another one now.')
        wake()
      },
      onRefused: (code) => {
        failure = new ToolRefused(code, isErrorCode(code) ? ERRORS[code].text : REFUSED)
        wake()
      },
    },
    signal,
  )
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort)
  const looking = setInterval(() => {
    void sessionNow(link, sessionId, signal).catch(() => {})
  }, LOOK_AGAIN_MS)
  const stop = () => {
    clearInterval(looking)
    signal.removeEventListener('abort', onAbort)
    listening[Symbol.dispose]()
  }

  try {
    const read =
      after === undefined
        ? await recentEvents(link, sessionId, signal)
        : await eventsAfter(link, sessionId, after, signal)
    const { session } = read
    let cursor = after ?? session.cursor
    const waiting = after === undefined ? [] : [...read.events]
    // The stream may still tell what has just been read.
    const known = new Set(read.events.map(({ eventId }) => eventId))
    const next = (): SessionEvent | undefined => {
      const early = waiting.shift()
      if (early) return early
      let event = live.shift()
      while (event && known.has(event.eventId)) event = live.shift()
      return event
    }

    const events = async function* (): AsyncGenerator<SessionEvent> {
      while (true) {
        if (failure) throw failure
        const event = next()
        if (event) {
          cursor = event.cursor
          yield event
          continue
        }
        if (signal.aborted) return
        await new Promise<void>((resolve) => {
          wake = resolve
          if (live.length > 0 || failure || signal.aborted) resolve()
        })
      }
    }
    return {
      session,
      get cursor() {
        return cursor
      },
      events,
      [Symbol.dispose]: stop,
    }
  } catch (error) {
    stop()
    throw error
  }
}
