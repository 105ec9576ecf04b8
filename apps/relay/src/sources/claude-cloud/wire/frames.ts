import { createParser } from 'eventsource-parser'
import type { Timing } from '../../../clock.ts'
import type { CloudHttp, CloudRequest } from './cloud-http.ts'

/** One server-sent event. */
export type Frame = { event: string | undefined; id: string | undefined; data: string }

/** A frame larger than this ends the line; what it held is read from history. [I6] */
const MAX_FRAME_CHARS = 32_000_000

/** A frame that has a name and no data would be passed over, and one of them has none. */
const NO_DATA = /^(event: ?catch_up_truncated)(\r?\n)(?=\r?\n)/gm

/**
 * Reads frames out of text as it comes; undefined when one does not end. Only whole ones are read, so
 * that a name is seen together with what follows it.
 */
export const createFrameReader = (): ((text: string) => Frame[] | undefined) => {
  let frames: Frame[] = []
  let rest = ''
  const parser = createParser({
    onEvent: ({ event, id, data }) => void frames.push({ event, id, data }),
  })
  return (text) => {
    // A blank line may be split between two chunks, so its beginning is looked at again.
    const from = Math.max(0, rest.length - 3)
    rest += text
    const tail = rest.slice(from)
    const at = Math.max(tail.lastIndexOf('\n\n'), tail.lastIndexOf('\n\r\n'))
    if (at < 0) return rest.length > MAX_FRAME_CHARS ? undefined : []
    const end = from + tail.indexOf('\n', at + 1) + 1
    parser.feed(rest.slice(0, end).replaceAll(NO_DATA, '$1$2data: {}$2'))
    rest = rest.slice(end)
    const read = frames
    frames = []
    return read
  }
}

export type LineItem = { kind: 'open' } | { kind: 'frame'; frame: Frame }

/**
 * Opens a stream and tells its frames. Ends quietly when the line ends or nothing has come for a
 * while; rejects when it cannot be opened, or as the signal aborts.
 */
export const openFrames = async function* (
  parts: { http: CloudHttp; timing: Timing },
  request: CloudRequest,
  silenceMs: number,
  signal: AbortSignal,
): AsyncGenerator<LineItem, void, void> {
  signal.throwIfAborted()
  const { timing } = parts
  const line = new AbortController()
  const forward = () => line.abort(signal.reason)
  signal.addEventListener('abort', forward, { once: true })
  let heardAtMs = 0
  let isWaiting = false
  const watch = async () => {
    while (!line.signal.aborted) {
      // Whoever takes the frames may take their time; that is not the line’s silence.
      if (!isWaiting) heardAtMs = timing.nowMs()
      const leftMs = heardAtMs + silenceMs - timing.nowMs()
      if (leftMs <= 0) return line.abort()
      await timing.wait(leftMs, line.signal)
    }
  }
  try {
    const { body } = await parts.http.open(request, line.signal)
    const reader = body.getReader()
    /** The next bytes; undefined when the line ended, in whatever way. */
    const next = async (): Promise<Uint8Array | undefined> => {
      heardAtMs = timing.nowMs()
      isWaiting = true
      try {
        return (await reader.read()).value
      } catch {
        signal.throwIfAborted()
        return undefined
      } finally {
        isWaiting = false
      }
    }
    heardAtMs = timing.nowMs()
    void watch()
    yield { kind: 'open' }
    const decoder = new TextDecoder()
    const read = createFrameReader()
    for (let chunk = await next(); chunk; chunk = await next()) {
      const frames = read(decoder.decode(chunk, { stream: true }))
      if (!frames) return
      for (const frame of frames) yield { kind: 'frame', frame }
    }
    signal.throwIfAborted()
  } finally {
    signal.removeEventListener('abort', forward)
    line.abort()
  }
}
