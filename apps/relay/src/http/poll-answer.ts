import {
  type DeviceId,
  encodeFrame,
  isErrorCode,
  RelayError,
  type ResponseOf,
  type Signal,
  type StreamFrame,
  signalKey,
} from '@bellhop/core'
import type { OpenStream, OpenStreams } from './open-streams.ts'

/** The longest a poll without anything to tell is held. [ST-7] */
const HOLD_MS = 25_000
/** How long after the first thing worth telling more of it is waited for. */
const GATHER_MS = 50
/** Signals a reader is given on arrival come within this; they are no news, so they end no poll. */
const ARRIVAL_MS = 200
/** Events in one answer; the next poll goes on after them. [I6] */
const EVENTS_PER_ANSWER = 500
/** And how long they may be together, so that a page of large ones fits into any memory; one is always given. [I6] */
const CHARS_PER_ANSWER = 2_000_000

export type PollTimes = { holdMs: number; gatherMs: number; arrivalMs: number }

const TIMES: PollTimes = { holdMs: HOLD_MS, gatherMs: GATHER_MS, arrivalMs: ARRIVAL_MS }

/** A frame as the name and data its server-sent event would have. */
const asPolled = (frame: StreamFrame): { name: string; data: string } => {
  const text = encodeFrame(frame)
  // Only a line feed ends a field; what else counts as a line end somewhere may stand in the data.
  const fields = text.split('\n')
  const field = (name: string) => fields.find((line) => line.startsWith(`${name}: `)) ?? ''
  return {
    name: field('event').slice('event: '.length),
    data: field('data').slice('data: '.length),
  }
}

/**
 * Gathers what a stream would send into one answer: at once when events were missed, otherwise with
 * the next event or new signal, otherwise after the hold. Signals of one key stand once. [ST-7]
 */
export const pollAnswer = async (
  open: (signal: AbortSignal) => AsyncIterable<StreamFrame>,
  caller: AbortSignal,
  times: PollTimes = TIMES,
): Promise<ResponseOf<'poll'>> => {
  const frames: { name: string; data: string }[] = []
  const signals = new Map<string, Signal>()
  const abort = new AbortController()
  const signal = AbortSignal.any([caller, abort.signal])
  let timer = setTimeout(() => abort.abort(), times.holdMs)
  let caughtUpAtMs: number | undefined
  let events = 0
  let chars = 0

  const endSoon = () => {
    clearTimeout(timer)
    timer = setTimeout(() => abort.abort(), times.gatherMs)
  }

  for await (const frame of open(signal)) {
    if (frame.frame === 'signal') {
      signals.set(signalKey(frame.signal), frame.signal)
      const arrived = performance.now() - (caughtUpAtMs ?? 0) < times.arrivalMs
      if (caughtUpAtMs !== undefined && !arrived) endSoon()
      continue
    }
    if (frame.frame === 'tick') continue
    const polled = asPolled(frame)
    frames.push(polled)
    chars += polled.data.length
    if (frame.frame === 'event') events += 1
    if (frame.frame === 'caught_up') caughtUpAtMs = performance.now()
    if (frame.frame === 'hello' && frame.verdict === 'reset') break
    if (frame.frame === 'bye') break
    if (events >= EVENTS_PER_ANSWER || (events > 0 && chars >= CHARS_PER_ANSWER)) break
    if (events > 0 && caughtUpAtMs !== undefined) endSoon()
  }
  clearTimeout(timer)
  abort.abort()
  for (const latest of signals.values()) frames.push(asPolled({ frame: 'signal', signal: latest }))
  return { frames }
}

/**
 * The same as a call of a device: counted among its streams, and refused with the code they end with
 * when the device is removed or the relay closes meanwhile. [AU-8]
 */
export const heldPoll = async (parts: {
  open(signal: AbortSignal): AsyncIterable<StreamFrame>
  deviceId: DeviceId
  streams: OpenStreams
  caller: AbortSignal
  /** False answers as soon as the reader has caught up. */
  hold: boolean
}): Promise<ResponseOf<'poll'>> => {
  const stop = new AbortController()
  let code: string | undefined
  const stream: OpenStream = {
    deviceId: parts.deviceId,
    end: (why) => {
      code ??= why
      stop.abort()
      parts.streams.remove(stream)
    },
  }
  parts.streams.add(stream)
  const ends = AbortSignal.any([parts.caller, stop.signal])
  const answer = await pollAnswer(parts.open, ends, {
    ...TIMES,
    ...(!parts.hold && { holdMs: TIMES.arrivalMs }),
  }).finally(() => parts.streams.remove(stream))
  if (code !== undefined) throw new RelayError(isErrorCode(code) ? code : 'internal')
  return answer
}
