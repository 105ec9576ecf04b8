import { type DeviceId, encodeFrame, type StreamFrame } from '@bellhop/core'
import { frameText } from '../sessions/frame-text.ts'
import type { OpenStream, OpenStreams } from './open-streams.ts'

/** Bytes read ahead for a reader that does not keep up; then the log is read no further. [I6] */
const AHEAD_CHARS = 64 * 1024

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
}

/** Lets whatever else is ready run first. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

/**
 * Answers frames as server-sent events until the frames end, the caller goes, the token runs out
 * (`bye` with `renew`) or the device is removed. Reads only as fast as the caller does. [ST-9]
 */
export const streamResponse = (parts: {
  /** Starts to read; ends soon after the signal aborts. */
  open(signal: AbortSignal): AsyncIterable<StreamFrame>
  deviceId: DeviceId
  endsInMs: number
  streams: OpenStreams
  onError(error: unknown): void
}): Response => {
  const abort = new AbortController()
  const encoder = new TextEncoder()
  let ahead = ''
  let over = false
  let wakeReader = () => {}
  let wakeWriter = () => {}
  let controller: ReadableStreamDefaultController<Uint8Array>

  const release = () => {
    over = true
    clearTimeout(timer)
    parts.streams.remove(stream)
    abort.abort()
    wakeReader()
    wakeWriter()
  }

  const close = (lastWord?: StreamFrame) => {
    if (over) return
    release()
    if (lastWord) controller.enqueue(encoder.encode(encodeFrame(lastWord)))
    controller.close()
  }

  const stream: OpenStream = {
    deviceId: parts.deviceId,
    end: (code) => close({ frame: 'bye', code }),
  }
  const timer = setTimeout(() => stream.end('renew'), Math.max(0, parts.endsInMs))

  const written = () =>
    new Promise<void>((resolve) => {
      wakeReader = resolve
    })

  /** Runs ahead of the writer, so that frames that are ready together leave together. */
  const read = async () => {
    let last: StreamFrame['frame'] | undefined
    let code = 'renew'
    try {
      for await (const frame of parts.open(abort.signal)) {
        if (over) return
        last = frame.frame
        ahead += frameText(frame)
        wakeWriter()
        while (ahead.length >= AHEAD_CHARS && !over) await written()
      }
    } catch (error) {
      if (!over) parts.onError(error)
      code = 'internal'
    }
    while (ahead !== '' && !over) await written()
    if (last === 'bye') close()
    else stream.end(code)
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given
        parts.streams.add(stream)
        if (!over) void read()
      },
      pull: async () => {
        while (ahead === '' && !over) {
          await new Promise<void>((resolve) => {
            wakeWriter = resolve
          })
          await turn()
        }
        if (over) return
        controller.enqueue(encoder.encode(ahead))
        ahead = ''
        wakeReader()
      },
      cancel: () => {
        if (!over) release()
      },
    },
    { highWaterMark: 1 },
  )
  return new Response(body, { headers: HEADERS })
}
