import type { Cursor, SessionEvent, SessionId } from '@bellhop/core'
import { openEventStream, pause } from '@bellhop/core/client'
import type { RelayLink } from './relay-link.ts'

/** Who wants to hear what happens in one session from now on. */
export type Listener = {
  sessionId: SessionId
  onEvent(event: SessionEvent): void
  /** The log is another one: no event told so far can be gone on from. */
  onReset(): void
  /** The relay will not tell this device anything any more. */
  onRefused(code: string): void
}

/** One stream for all who listen, however many: a device may hold only few open. [MC-4] */
export type Follower = Disposable & {
  /** Resolves once every event from now on will be told. */
  listen(listener: Listener, signal: AbortSignal): Promise<Disposable>
}

const TRY_AGAIN_MS = 300
/** How long the stream stays open for the next one who listens. */
const LINGER_MS = 30_000

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

  const refuse = (code: string) => {
    line = undefined
    for (const listener of [...listeners]) listener.onRefused(code)
  }

  /** Follows until aborted or refused, wherever the relay answers. */
  const run = async ({ control: { signal }, live }: Line): Promise<void> => {
    let cursor: Cursor | undefined
    while (!signal.aborted) {
      const client = await link.find().catch(() => undefined)
      if (!client) {
        await pause(TRY_AGAIN_MS, signal)
        continue
      }
      const lost = new AbortController()
      let refused: string | undefined
      const stream = openEventStream({
        client,
        ...(cursor !== undefined && { after: cursor }),
        signal: AbortSignal.any([signal, lost.signal]),
        onFrame: (frame) => {
          if (frame.frame === 'caught_up') cursor = frame.cursor
          if (frame.frame !== 'event') return
          const { event } = frame
          cursor = event.cursor
          for (const listener of [...listeners]) {
            if (listener.sessionId === event.sessionId) listener.onEvent(event)
          }
        },
        onState: (state) => {
          if (state.state === 'live') live.resolve()
          if (state.state === 'refused') refused = state.code
          // It may answer elsewhere when it is back, so it is looked for anew.
          if (state.state === 'lost') lost.abort()
        },
        onReset: async () => {
          const isAnotherLog = cursor !== undefined
          const snapshot = await client.call('sessions', null, { signal })
          if (isAnotherLog) for (const listener of [...listeners]) listener.onReset()
          cursor = snapshot.cursor
          return snapshot.cursor
        },
      })
      await stream.ended
      if (refused !== undefined) return refuse(refused)
      await pause(TRY_AGAIN_MS, signal)
    }
  }

  const open = (): Line => {
    if (line) return line
    line = { control: new AbortController(), live: Promise.withResolvers() }
    void run(line)
    return line
  }

  return {
    listen: async (listener, signal) => {
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
