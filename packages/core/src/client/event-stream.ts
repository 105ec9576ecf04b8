import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { Cursor } from '../ids.ts'
import { decodeFrame, SILENCE_LIMIT_MS, type StreamFrame, type StreamRequest } from '../stream.ts'
import { backoffMs, pause } from './backoff.ts'
import { isRefusal, RelayUnreachable } from './client-errors.ts'
import type { RelayClient } from './relay-client.ts'

/** How the line stands. `live`: caught up and heard from lately. `lost`: trying again. `refused`: given up, see `code`. */
export type StreamState =
  | { state: 'connecting' | 'catching_up' | 'live' | 'lost' }
  | { state: 'refused'; code: string }

export type EventStreamOptions = {
  client: RelayClient
  /** The last place folded in; absent starts with `onReset`. */
  after?: Cursor
  sessions?: StreamRequest['sessions']
  onFrame(frame: StreamFrame): void
  onState(state: StreamState): void
  /** The cursor is of no use: take a fresh snapshot and answer the cursor it is true at. [ST-3] */
  onReset(): Promise<Cursor>
  /** Hears every sign of life, for "no word since". */
  onWord?(atMs: number): void
  signal: AbortSignal
  /** True starts with long polling, for a line known to hold streams back. */
  poll?: boolean
  /** Told once when the line turned out to hold streams back. [CL-3] */
  onHeldBack?(): void
  limits?: Partial<typeof LIMITS>
  random?: () => number
}

/** How long to wait for what, in milliseconds. */
const LIMITS = {
  helloMs: 4_000,
  connectMs: 8_000,
  silenceMs: SILENCE_LIMIT_MS,
  firstMs: 500,
  maxMs: 15_000,
}

export interface EventStream {
  /** Reconnects at once: the screen came back, the network did. */
  poke(): void
  /** Resolves when the stream has ended for good. */
  readonly ended: Promise<void>
}

const FINAL = ['not_paired', 'device_removed', 'scope_missing']

/**
 * Follows the relay’s events until aborted: resumes by cursor, reconnects with growing pauses,
 * notices silence, and turns to long polling where a proxy holds streams back. No event is left out
 * or handed over twice. [CL-2] [ST-2]
 */
export const openEventStream = (options: EventStreamOptions): EventStream => {
  const limits = { ...LIMITS, ...options.limits }
  let cursor = options.after
  let polls = options.poll ?? false
  let attempt = 0
  let wake = new AbortController()

  /** Takes one frame; answers why the connection must end, if it must. */
  const take = (frame: StreamFrame): 'renew' | 'reset' | undefined => {
    if (frame.frame === 'hello') {
      if (frame.verdict === 'reset') return 'reset'
      options.onState({ state: 'catching_up' })
    }
    if (frame.frame === 'event') {
      cursor = frame.event.cursor
    }
    if (frame.frame === 'caught_up') {
      cursor = frame.cursor
      attempt = 0
      options.onState({ state: 'live' })
    }
    if (frame.frame === 'bye') {
      if (FINAL.includes(frame.code)) throw new GivenUp(frame.code)
      return 'renew'
    }
    options.onFrame(frame)
    return undefined
  }

  const request = (): StreamRequest => ({
    ...(cursor !== undefined && { after: cursor }),
    ...(options.sessions && { sessions: options.sessions }),
  })

  const streamOnce = async (signal: AbortSignal): Promise<'renew' | 'reset'> => {
    const dog = watchdog(signal)
    try {
      dog.expect(limits.connectMs, 'connect')
      const response = await options.client.stream(request(), dog.signal)
      dog.expect(limits.helloMs, 'hello')
      if (!response.body) throw new RelayUnreachable()
      const heard = new TransformStream<Uint8Array, Uint8Array>({
        transform: (chunk, out) => {
          dog.expect(limits.silenceMs, 'silence')
          options.onWord?.(Date.now())
          out.enqueue(chunk)
        },
      })
      const events = response.body
        .pipeThrough(heard)
        .pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>)
        .pipeThrough(new EventSourceParserStream())
      const reader = events.getReader()
      dog.signal.addEventListener('abort', () => void reader.cancel().catch(() => {}))
      while (true) {
        const { done, value } = await reader.read()
        if (done) {
          if (dog.why === 'hello') throw new HeldBack()
          throw new RelayUnreachable()
        }
        const frame = decodeFrame(value.event ?? 'message', value.data)
        const end = frame && take(frame)
        if (end) return end
      }
    } catch (error) {
      if (dog.why === 'hello') throw new HeldBack()
      throw error
    } finally {
      dog.stop()
    }
  }

  const pollOnce = async (signal: AbortSignal): Promise<'renew' | 'reset'> => {
    // The first answer comes at once, so that a quiet relay is known to be there.
    for (let hold = false; ; hold = true) {
      const { frames } = await options.client.call('poll', { ...request(), hold }, { signal })
      options.onWord?.(Date.now())
      for (const { name, data } of frames) {
        const frame = decodeFrame(name, data)
        const end = frame && take(frame)
        if (end) return end
      }
    }
  }

  const run = async (): Promise<void> => {
    while (!options.signal.aborted) {
      wake = new AbortController()
      const signal = AbortSignal.any([options.signal, wake.signal])
      try {
        options.onState({ state: 'connecting' })
        if (cursor === undefined) cursor = await options.onReset()
        const end = await (polls ? pollOnce(signal) : streamOnce(signal))
        if (end === 'reset') cursor = undefined
        else if (attempt++ > 3) await pause(limits.firstMs, signal)
        continue
      } catch (error) {
        if (options.signal.aborted) return
        if (error instanceof GivenUp) return options.onState({ state: 'refused', code: error.code })
        if (isRefusal(error) && FINAL.includes(error.code))
          return options.onState({ state: 'refused', code: error.code })
        if (error instanceof HeldBack) {
          polls = true
          options.onHeldBack?.()
          continue
        }
      }
      // A poke is not a failure: it goes on at once, without a pause.
      if (wake.signal.aborted) continue
      options.onState({ state: 'lost' })
      await pause(
        backoffMs(attempt++, limits, options.random),
        AbortSignal.any([options.signal, wake.signal]),
      )
    }
  }

  return {
    poke: () => {
      attempt = 0
      wake.abort()
    },
    ended: run(),
  }
}

class HeldBack extends Error {}
class GivenUp extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

/** An abort signal that goes off when what is expected does not come in time. */
const watchdog = (outer: AbortSignal) => {
  const control = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const dog = {
    signal: AbortSignal.any([outer, control.signal]),
    /** What had not come when it went off. */
    why: undefined as string | undefined,
    expect: (ms: number, what: string) => {
      clearTimeout(timer)
      timer = setTimeout(() => {
        dog.why = what
        control.abort()
      }, ms)
    },
    stop: () => {
      clearTimeout(timer)
      control.abort()
    },
  }
  return dog
}
