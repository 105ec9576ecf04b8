import { type Cursor, RelayError, type SessionEvent, type SessionId } from '@bellhop/core'
import { pause } from '@bellhop/core/client'
import type { RelayLink } from './relay-link.ts'

/** Who wants to hear what happens from now on. */
export type Listener = {
  /** Only in this session; absent means in all of them. */
  sessionId?: SessionId
  onEvent(event: SessionEvent): void
  /** The log is another one: no event told so far can be gone on from. */
  onReset(): void
  /** The relay will not tell this device anything any more. */
  onRefused(code: string): void
}

/** One stream for all who listen, however many: a device may hold only few open. [MC-4] */
export type Follower = Disposable & {
  /** Resolves once every event from now on will be told. Refuses with `rate_limited` one too many. */
  listen(listener: Listener, signal: AbortSignal): Promise<Disposable>
}

const TRY_AGAIN_MS = 300
/** How long the stream stays open for the next one who listens. */
const LINGER_MS = 30_000
/** Who may listen at once, for one agent. [I6] */
const LISTENERS_MAX = 500

type Line = { control: AbortController; live: PromiseWithResolvers<void> }

export const createFollower = (link: RelayLink): Follower => {
  const listeners = new Set<Listener>()
  let line: Line | undefined
  let lingering: NodeJS.Timeout | undefined

  const close = () => {
    clearTimeout(lingering)
    line?.control.abort()
    line = undefined
  }

  const refuse = (refused: Line, code: string) => {
    if (line === refused) line = undefined
    refused.live.resolve()
    for (const listener of [...listeners]) listener.onRefused(code)
  }

  /** Follows until aborted or refused, wherever the relay answers. */
  const run = async (own: Line): Promise<void> => {
    const { signal } = own.control
    let cursor: Cursor | undefined
    while (!signal.aborted) {
      const { refused } = await link.follow({
        after: cursor,
        signal,
        onEvent: (event) => {
          cursor = event.cursor
          for (const listener of [...listeners]) {
            const { sessionId = event.sessionId } = listener
            if (sessionId === event.sessionId) listener.onEvent(event)
          }
        },
        onLive: (at) => {
          cursor = at
          own.live.resolve()
        },
        onReset: () => {
          cursor = undefined
          for (const listener of [...listeners]) listener.onReset()
        },
      })
      if (refused !== undefined) return refuse(own, refused)
      await pause(TRY_AGAIN_MS, signal)
    }
  }

  const open = (): Line => {
    if (line) return line
    const opened: Line = { control: new AbortController(), live: Promise.withResolvers() }
    line = opened
    run(opened).catch(() => refuse(opened, 'internal'))
    return opened
  }

  return {
    listen: async (listener, signal) => {
      if (listeners.size >= LISTENERS_MAX) throw new RelayError('rate_limited')
      clearTimeout(lingering)
      listeners.add(listener)
      const stop = () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearTimeout(lingering)
        lingering = setTimeout(close, LINGER_MS).unref()
      }
      const given = Promise.withResolvers<void>()
      const giveUp = () => given.resolve()
      signal.addEventListener('abort', giveUp)
      await Promise.race([open().live.promise, given.promise])
      signal.removeEventListener('abort', giveUp)
      return { [Symbol.dispose]: stop }
    },
    [Symbol.dispose]: close,
  }
}
