import type { Timing } from '../../../clock.ts'
import { TimeLimit, withTimeLimit } from './time-limit.ts'

/** How a WebSocket ended: never opened, or closed with a code, or silent, or flooded. */
export type SocketEnd =
  | { how: 'never_opened' }
  | { how: 'closed'; code: number; openForMs: number }
  | { how: 'given_up' }

export type SocketLine = AsyncDisposable & {
  /** The next frame as text; undefined at the end. */
  next(): Promise<string | undefined>
  say(value: unknown): void
  /** How it ended; undefined as long as it has not. */
  readonly end: SocketEnd | undefined
}

const OPEN_LIMIT_MS = 10_000
const KEEP_ALIVE_MS = 30_000
/** A line that says nothing for so long is made anew, to be sure. */
const SILENCE_MS = 10 * 60_000
/** Frames that may wait to be taken; beyond it the line ends and the list is read. [I6] */
const MOST_FRAMES = 5_000
/** The same, by what they hold, a single one included. */
const MOST_CHARS = 32_000_000

/** Node’s own WebSocket takes headers, which a browser’s does not. */
const HeadedWebSocket: new (url: string, options: { headers: Headers }) => WebSocket =
  WebSocket as never

/** Opens a WebSocket and keeps it alive; its frames are taken one by one. */
export const openSocket = async (
  url: string,
  headers: Headers,
  timing: Timing,
  signal: AbortSignal,
): Promise<SocketLine> => {
  const socket = new HeadedWebSocket(url, { headers })
  socket.binaryType = 'arraybuffer'
  const over = new AbortController()
  const frames: string[] = []
  let waitingChars = 0
  let end: SocketEnd | undefined
  let openedAtMs: number | undefined
  let heardAtMs = timing.nowMs()
  let wake = () => {}

  const finish = (how: SocketEnd) => {
    end ??= how
    signal.removeEventListener('abort', stop)
    over.abort()
    wake()
  }
  const giveUp = () => {
    finish({ how: 'given_up' })
    socket.close()
  }
  const stop = () => giveUp()
  const opened = Promise.withResolvers<void>()
  socket.addEventListener('open', () => {
    openedAtMs = timing.nowMs()
    opened.resolve()
  })
  socket.addEventListener('error', () => {})
  socket.addEventListener('close', ({ code }) => {
    finish(
      openedAtMs === undefined
        ? { how: 'never_opened' }
        : { how: 'closed', code, openForMs: timing.nowMs() - openedAtMs },
    )
    opened.resolve()
  })
  socket.addEventListener('message', ({ data }) => {
    heardAtMs = timing.nowMs()
    const text = typeof data === 'string' ? data : new TextDecoder().decode(data)
    waitingChars += text.length
    if (frames.length >= MOST_FRAMES || waitingChars > MOST_CHARS) return giveUp()
    frames.push(text)
    wake()
  })
  signal.addEventListener('abort', stop, { once: true })

  const say = (value: unknown) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(value))
  }
  const keepAlive = async () => {
    while (!over.signal.aborted) {
      await timing.wait(KEEP_ALIVE_MS, over.signal)
      if (timing.nowMs() - heardAtMs >= SILENCE_MS) return giveUp()
      say({ type: 'keep_alive' })
    }
  }

  try {
    await withTimeLimit(timing, OPEN_LIMIT_MS, signal, (limited) =>
      Promise.race([
        opened.promise,
        new Promise<never>((_, reject) => {
          limited.addEventListener('abort', () => reject(limited.reason), { once: true })
        }),
      ]),
    )
  } catch (error) {
    giveUp()
    if (!(error instanceof TimeLimit)) throw error
  }
  if (openedAtMs === undefined) end = { how: 'never_opened' }
  void keepAlive()
  return {
    say,
    get end() {
      return end
    },
    next: async () => {
      while (frames.length === 0 && !end) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const frame = frames.shift()
      waitingChars -= frame?.length ?? 0
      return frame
    },
    [Symbol.asyncDispose]: async () => giveUp(),
  }
}
