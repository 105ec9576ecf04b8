import type { SessionEvent, Signal, StreamFrame } from '@bellhop/core'

/** What came in together: applied in one go, so that a burst of events costs one drawing. */
export type FrameBatch = { events: SessionEvent[]; signals: Signal[]; cursor: string | undefined }

export type FrameBatcher = {
  take: (frame: StreamFrame) => void
  /** Applies at once what has come in. */
  flush: () => void
}

/** Collects frames and hands them over together once the present chunk has been read. */
export function batchFrames(apply: (batch: FrameBatch) => void): FrameBatcher {
  let batch: FrameBatch | undefined
  const flush = () => {
    const ready = batch
    batch = undefined
    if (ready) apply(ready)
  }
  return {
    flush,
    take: (frame) => {
      if (frame.frame !== 'event' && frame.frame !== 'signal' && frame.frame !== 'caught_up') return
      if (!batch) {
        batch = { events: [], signals: [], cursor: undefined }
        setTimeout(flush)
      }
      if (frame.frame === 'signal') batch.signals.push(frame.signal)
      else if (frame.frame === 'event') {
        batch.events.push(frame.event)
        batch.cursor = frame.event.cursor
      } else batch.cursor = frame.cursor
    },
  }
}
