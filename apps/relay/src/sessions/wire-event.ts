import { encodeFrame, type SessionEvent, type StreamFrame } from '@bellhop/core'

/**
 * What has been written out already of an event, so that ten readers cost one writing. Lives as long
 * as the event's object and can be thrown away at any time. [I4]
 */
const written = new WeakMap<SessionEvent, { json?: string; frame?: Buffer }>()

/** Notes an event's JSON where it is at hand anyway, as when it was just stored or read. */
export const rememberJson = (event: SessionEvent, json: string): void => {
  written.set(event, { json })
}

/** A frame as bytes of a server-sent event; an event's are made once and shared. [ST-4] */
export const frameBytes = (frame: StreamFrame): Buffer => {
  if (frame.frame !== 'event') return Buffer.from(encodeFrame(frame))
  const { event } = frame
  const known = written.get(event)
  if (known?.frame) return known.frame
  const text = known?.json
    ? `id: ${event.cursor}\nevent: event\ndata: ${known.json}\n\n`
    : encodeFrame(frame)
  const bytes = Buffer.from(text)
  written.set(event, { frame: bytes })
  return bytes
}
