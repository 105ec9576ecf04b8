import { encodeFrame, type SessionEvent, type StreamFrame } from '@bellhop/core'

/**
 * What has been written out already of an event, so that ten readers cost one writing. Lives as long
 * as the event's object and can be thrown away at any time. [I4]
 */
const written = new WeakMap<SessionEvent, { json?: string; text?: string }>()

/** Notes an event's JSON where it is at hand anyway, as when it was just read from disk. */
export const rememberJson = (event: SessionEvent, json: string): void => {
  written.set(event, { json })
}

/** What `encodeFrame` writes, byte for byte; an event's text is made once and shared by all readers. */
export const frameText = (frame: StreamFrame): string => {
  if (frame.frame !== 'event') return encodeFrame(frame)
  const { event } = frame
  const known = written.get(event)
  if (known?.text !== undefined) return known.text
  const text =
    known?.json === undefined
      ? encodeFrame(frame)
      : `id: ${event.cursor}\nevent: event\ndata: ${known.json}\n\n`
  written.set(event, { text })
  return text
}
