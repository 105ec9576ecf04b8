import {
  type CommandId,
  type Cursor,
  ERRORS,
  isErrorCode,
  type Session,
  type SessionEvent,
  type SessionId,
} from '@bellhop/core'
import { RelayUnreachable } from '@bellhop/core/client'
import type { Follower } from './follower.ts'
import type { RelayLink } from './relay-link.ts'
import { placeOf, type ReadBack, readBack, recentEvents, sessionNow } from './session-history.ts'
import { steadily } from './steady.ts'
import { ToolRefused } from './tool-refused.ts'

/** What a session that is watched costs to follow is spent only while somebody says so. */
const LOOK_AGAIN_MS = 30_000
const REFUSED = 'The relay does not serve this agent any more.'
/** So many events before the first that names a message may be about it too. */
const AROUND = 50

export type SessionWatch = Disposable & {
  /** As it stood when the watch began; of a session that was joined to another, that other. */
  readonly session: Session
  /** The place of the last event told. */
  readonly cursor: Cursor
  /** What happened since the message this is about, up to where the watch begins. */
  readonly before: readonly SessionEvent[]
  /** What had happened after the cursor when the watch began; it is told first. */
  readonly missed: readonly SessionEvent[]
  /** Events, each once and in order, until the signal aborts. Throws when the relay refuses. */
  events(): AsyncGenerator<SessionEvent>
}

type WatchOptions = {
  sessionId: SessionId
  after?: Cursor | undefined
  /** A message that was sent to it before. */
  about?: CommandId | undefined
  signal: AbortSignal
}

/** Whether an event names a message. */
export const isAbout = (event: SessionEvent, about: CommandId): boolean =>
  ('causedBy' in event && event.causedBy === about) ||
  ('commandId' in event && event.commandId === about)

/** Where the events about a message begin; at the end when none is. */
const beginOf = (events: readonly SessionEvent[], about: CommandId): number => {
  const at = events.findIndex((event) => isAbout(event, about))
  return at < 0 ? events.length : Math.max(0, at - AROUND)
}

/** What is known when a watch begins: as far back as the cursor, and as the message. */
const readFirst = async (
  link: RelayLink,
  { sessionId, after, about, signal }: WatchOptions,
): Promise<ReadBack> => {
  if (after === undefined && about === undefined) return recentEvents(link, sessionId, signal)
  const isEnough = (events: readonly SessionEvent[]) => {
    const hasCursor = after === undefined || events.some(({ cursor }) => cursor === after)
    const begin = about === undefined ? undefined : beginOf(events, about)
    return hasCursor && begin !== 0 && begin !== events.length
  }
  return readBack(link, sessionId, isEnough, signal)
}

/**
 * Watches one session from a cursor of it, or from now on, over breaks of the line and restarts of
 * the relay. [MC-4]
 */
export const openSessionWatch = async (
  { link, follower }: { link: RelayLink; follower: Follower },
  options: WatchOptions,
): Promise<SessionWatch> => {
  const { after, about, signal } = options
  // Says at once and clearly when there is no such session or no relay.
  const { sessionId } = await sessionNow(link, options.sessionId, signal)

  const live: SessionEvent[] = []
  let failure: Error | undefined
  let wake = () => {}
  const fail = (code: string, sentence: string) => {
    failure = new ToolRefused(code, sentence)
    wake()
  }
  const listening = await follower.listen(
    {
      sessionId,
      onEvent: (event) => {
        live.push(event)
        wake()
      },
      onReset: () => fail('cursor_unknown', 'The relay’s log is another one now.'),
      onRefused: (code) => fail(code, isErrorCode(code) ? ERRORS[code].text : REFUSED),
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
    const { session, events: read } = await steadily(
      () => readFirst(link, { ...options, sessionId }),
      signal,
    )
    let cursor = after ?? session.cursor
    const begin = after === undefined ? read.length : placeOf(read, after) + 1
    const missed = read.slice(begin)
    const waiting = [...missed]
    // The stream may still tell what has just been read.
    const known = new Set(read.map(({ eventId }) => eventId))
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
      before: about === undefined ? [] : read.slice(Math.min(begin, beginOf(read, about)), begin),
      missed,
      events,
      [Symbol.dispose]: stop,
    }
  } catch (error) {
    stop()
    // It was time before anything was known.
    throw signal.aborted ? new RelayUnreachable(error) : error
  }
}
