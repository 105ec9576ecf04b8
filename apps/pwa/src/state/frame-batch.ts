import type { SessionEvent, Signal, StreamFrame } from '@bellhop/core'

/** What came in together: applied in one go, so that a burst of events costs one drawing. */
export type FrameBatch = { events: SessionEvent[]; signals: Signal[]; cursor: string | undefined }

/** Collects frames and hands them over together once the present chunk has been read. */
export function batchFrames(apply: (batch: FrameBatch) => void): (frame: StreamFrame) => void {
  let batch: FrameBatch | undefined
  return (frame) => {
    if (frame.frame !== 'event' && frame.frame !== 'signal' && frame.frame !== 'caught_up') return
    if (!batch) {
      batch = { events: [], signals: [], cursor: undefined }
      setTimeout(() => {
        const ready = batch
        batch = undefined
        if (ready) apply(ready)
      })
    }
    if (frame.frame === 'signal') batch.signals.push(frame.signal)
    else if (frame.frame === 'event') {
      batch.events.push(frame.event)
      batch.cursor = frame.event.cursor
    } else batch.cursor = frame.cursor
  }
}
