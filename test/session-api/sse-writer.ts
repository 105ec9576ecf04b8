import type { ServerTime } from '../support/virtual-time.ts'
import type { Exchange } from './exchange.ts'

export interface Frame {
  event?: string
  id?: string
  data: string
}

export interface SseWriter {
  frame(frame: Frame): void
  bytes(text: string): void
  /** Ends the stream; with `abruptly` the connection is cut. */
  end(abruptly?: boolean): void
  onClose(run: () => void): void
}

const shortestPauseMs = 12_000

export const frameText = ({ event, id, data }: Frame): string => {
  const lines = [...(event ? [`event: ${event}`] : []), ...(id ? [`id: ${id}`] : [])]
  return `${[...lines, ...data.split('\n').map((line) => `data: ${line}`)].join('\n')}\n\n`
}

/** Answers a request with a stream of frames, kept alive by a comment every 12 to 15 seconds. */
export const openSse = (
  exchange: Exchange,
  time: ServerTime,
  { silent = false }: { silent?: boolean } = {},
): SseWriter => {
  const { response } = exchange
  exchange.openStream()
  let beats = 0
  let next: Disposable | undefined
  const bytes = (text: string) => {
    if (response.destroyed || response.writableEnded) return
    response.write(text)
    time.stirred()
  }
  const beat = () => {
    bytes(': keepalive\n\n')
    beats += 1
    next = time.after(shortestPauseMs + (beats % 4) * 1_000, beat)
  }
  if (!silent) beat()
  response.once('close', () => {
    next?.[Symbol.dispose]()
    time.stirred()
  })
  return {
    bytes,
    frame: (frame) => bytes(frameText(frame)),
    end: (abruptly = false) => {
      if (abruptly) response.socket?.destroy()
      else response.end()
      time.stirred()
    },
    onClose: (run) => {
      if (response.destroyed) run()
      else response.once('close', run)
    },
  }
}
