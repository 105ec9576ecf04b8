import { setImmediate as othersFirst } from 'node:timers/promises'
import {
  type DeviceId,
  ENDPOINTS,
  type Endpoint,
  type EndpointName,
  RelayError,
  type RequestOf,
  type ResponseOf,
  type StreamFrame,
  type StreamRequest,
} from '@bellhop/core'
import { principalOf } from '../devices/authenticate.ts'
import type { Devices } from '../devices/devices.ts'
import type { Logger } from '../logger.ts'
import { type Principal, requireScope } from '../principal.ts'
import type { DomainParts } from './app-parts.ts'
import type { Handlers } from './endpoint.ts'
import { checkAnswer, checkRequest, requirePerson } from './endpoint-checks.ts'
import type { OpenStream, OpenStreams } from './open-streams.ts'

/** The endpoints as one device may call them from inside the relay. */
export type InProcessCalls = {
  /** Calls an endpoint with every check a call from outside meets, in the same order. [I10] */
  call<Name extends EndpointName>(
    name: Name,
    request: RequestOf<Name>,
    signal?: AbortSignal,
  ): Promise<ResponseOf<Name>>
  /** Streams as `stream` does, and ends with `bye` where that would. */
  open(request: StreamRequest, signal: AbortSignal): AsyncIterable<StreamFrame>
}

const FOREVER = new AbortController().signal

/** What only reads the log: nothing in it waits, so many at once would hold up everybody else. */
const READS: ReadonlySet<EndpointName> = new Set(['sessions', 'history', 'search', 'auditLog'])

/**
 * Calls from inside the relay, for a device whose credential was seen with the call they are part of.
 * What it may do is looked up anew each time, so that a removed device is refused at once. [MC-10]
 */
export const createInProcessCalls = (parts: {
  handlers: Handlers
  feed: DomainParts['feed']
  streams: OpenStreams
  devices: Pick<Devices, 'get'>
  checkAnswers: boolean
  logger: Logger
}): ((deviceId: DeviceId) => InProcessCalls) => {
  const { handlers, feed, streams, devices, logger } = parts

  const admit = (deviceId: DeviceId, endpoint: Endpoint): Principal => {
    const { access } = endpoint
    // There is no key here that could have signed the call.
    if (access === 'public' || access === 'device') throw new RelayError('proof_invalid')
    const device = devices.get(deviceId)
    if (!device) throw new RelayError('not_paired')
    if (device.revokedAt !== null) throw new RelayError('device_removed')
    const principal = principalOf(device, device.scopes)
    requireScope(principal, access)
    requirePerson(endpoint, principal)
    return principal
  }

  const reading = new Map<DeviceId, Promise<void>>()

  /** One read of a device at a time, and between two of them whatever else there is to do. [I6] */
  const inTurn = <T>(deviceId: DeviceId, signal: AbortSignal, read: () => Promise<T>) => {
    const answer = (reading.get(deviceId) ?? Promise.resolve()).then(() => {
      signal.throwIfAborted()
      return read()
    })
    const over = answer.then(
      () => othersFirst(),
      () => othersFirst(),
    )
    reading.set(deviceId, over)
    void over.then(() => {
      if (reading.get(deviceId) === over) reading.delete(deviceId)
    })
    return answer
  }

  const callNow = async (
    deviceId: DeviceId,
    name: EndpointName,
    request: unknown,
    signal: AbortSignal,
  ): Promise<unknown> => {
    const endpoint: Endpoint = ENDPOINTS[name]
    if (endpoint.response === null) throw new TypeError(`${endpoint.path} streams; use open()`)
    const handler = handlers[name] as (call: object) => unknown
    try {
      const principal = admit(deviceId, endpoint)
      const input = checkRequest(endpoint, request)
      const answer = await handler({ input, signal, principal, tokenExpiresAtMs: Infinity })
      if (parts.checkAnswers) checkAnswer(endpoint, answer)
      return answer
    } catch (error) {
      if (error instanceof RelayError || signal.aborted) throw error
      logger.error('a call failed', { path: endpoint.path, error })
      throw new RelayError('internal', {}, error)
    }
  }

  const call: typeof callNow = (deviceId, name, request, signal) => {
    const now = () => callNow(deviceId, name, request, signal)
    // What lies before the log is read at the source, which may take its time.
    const isRead = READS.has(name) && Object(request).past === undefined
    return isRead ? inTurn(deviceId, signal, now) : now()
  }

  async function* open(
    deviceId: DeviceId,
    request: StreamRequest,
    signal: AbortSignal,
  ): AsyncGenerator<StreamFrame, void, undefined> {
    admit(deviceId, ENDPOINTS.stream)
    const input = checkRequest(ENDPOINTS.stream, request) as StreamRequest
    const stop = new AbortController()
    let code: string | undefined
    const stream: OpenStream = {
      deviceId,
      end: (why) => {
        code ??= why
        stop.abort()
        streams.remove(stream)
      },
    }
    streams.add(stream)
    try {
      for await (const frame of feed.open(input, AbortSignal.any([signal, stop.signal]))) {
        if (stop.signal.aborted) break
        yield frame
      }
      if (code !== undefined) yield { frame: 'bye', code }
    } finally {
      streams.remove(stream)
    }
  }

  return (deviceId) => ({
    call: (name, request, signal = FOREVER) =>
      call(deviceId, name, request, signal) as Promise<never>,
    open: (request, signal) => open(deviceId, request, signal),
  })
}
