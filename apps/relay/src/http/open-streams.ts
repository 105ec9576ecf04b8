import type { DeviceId } from '@bellhop/core'
import type { Devices } from '../devices/devices.ts'

/** Streams one device may hold open; one more ends its oldest. [I6] */
const STREAMS_PER_DEVICE = 16

export type OpenStream = {
  readonly deviceId: DeviceId
  /** Says `bye` with the code and closes. May be called again, which does nothing. */
  end(code: string): void
}

/** The streams that are open now; those of a removed device end at once. [AU-8] */
export type OpenStreams = {
  add(stream: OpenStream): void
  remove(stream: OpenStream): void
  /** Ends all of them, and every later one as soon as it opens. */
  endAll(code: string): void
}

export const createOpenStreams = (devices: Devices): OpenStreams => {
  const open = new Set<OpenStream>()
  let closed: string | undefined
  devices.onRevoked((deviceId) => {
    for (const stream of [...open]) if (stream.deviceId === deviceId) stream.end('device_removed')
  })
  return {
    add: (stream) => {
      if (closed !== undefined) return stream.end(closed)
      const own = [...open].filter((other) => other.deviceId === stream.deviceId)
      if (own.length >= STREAMS_PER_DEVICE) own[0]?.end('rate_limited')
      open.add(stream)
    },
    remove: (stream) => void open.delete(stream),
    endAll: (code) => {
      closed = code
      for (const stream of [...open]) stream.end(code)
    },
  }
}
