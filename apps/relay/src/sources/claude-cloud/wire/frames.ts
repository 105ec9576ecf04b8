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
  /** What came since the last whole frame, in the pieces it came in: put together once, at its end. */
  let pieces: string[] = []
  let chars = 0
  /** The end of it, as a blank line may be split between two pieces. */
  let seam = ''
  const parser = createParser({
    onEvent: ({ event, id, data }) => void frames.push({ event, id, data }),
  })
  return (text) => {
    const looked = seam + text
    const at = Math.max(looked.lastIndexOf('\n\n'), looked.lastIndexOf('\n\r\n'))
    const end = at < 0 ? 0 : looked.indexOf('\n', at + 1) + 1 - seam.length
    if (at >= 0) {
      const whole = pieces.join('') + text.slice(0, end)
      parser.feed(whole.replaceAll(NO_DATA, '$1$2data: {}$2'))
      pieces = []
      chars = 0
    }
    const rest = text.slice(end)
    pieces.push(rest)
    chars += rest.length
    seam = (at < 0 ? looked : rest).slice(-3)
    if (chars > MAX_FRAME_CHARS) return undefined
    const read = frames
    frames = []
    return read
  }
}

const covered = ({ event, id, data }: Frame, { cover }: CloudHttp): Frame => ({
  event,
  id: id === undefined ? undefined : cover(id),
  data: cover(data),
})

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
      for (const frame of frames) yield { kind: 'frame', frame: covered(frame, parts.http) }
    }
    signal.throwIfAborted()
  } finally {
    signal.removeEventListener('abort', forward)
    line.abort()
  }
}
