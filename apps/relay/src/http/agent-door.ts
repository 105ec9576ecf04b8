import { type DeviceId, type ErrorCode, RelayError } from '@bellhop/core'
import type { Hono } from 'hono'
import type { AgentTokens } from '../devices/agent-tokens.ts'
import type { Devices } from '../devices/devices.ts'
import type { Logger } from '../logger.ts'
import { clientAddress } from './client-address.ts'
import type { HttpEnv } from './endpoint.ts'
import { parseJson } from './endpoint-checks.ts'
import type { InProcessCalls } from './in-process-calls.ts'
import type { RateLimit } from './rate-limit.ts'
import { readBody } from './read-body.ts'
import { respondError } from './respond-error.ts'

export const DOOR_PATH = '/mcp'

/** What answers agents that were let in. */
export type AgentDoor = {
  serve(call: {
    deviceId: DeviceId
    calls: InProcessCalls
    request: Request
    body?: unknown
  }): Promise<Response>
  /** Ends all an agent has open, at once. */
  dismiss(deviceId: DeviceId, code: ErrorCode): Promise<void>
  /** Ends all that is open, for good. */
  close(code: ErrorCode): Promise<void>
}

/** What RFC 6750 has a refusal say, so that a client knows what is missing. */
const challengeFor = (authorization: string | null) =>
  `Bearer realm="bellhop"${authorization === null ? '' : ', error="invalid_token"'}`

const unreadable = () =>
  Response.json(
    { jsonrpc: '2.0', error: { code: -32_700, message: 'Parse error: not JSON' }, id: null },
    { status: 400 },
  )

/**
 * Mounts the door for agents: lets a call in by its bearer token alone, counts those that fail by
 * where they come from, and loads what answers them when the first one is in. [MC-9] [MC-10]
 */
export const mountAgentDoor = (
  app: Hono<HttpEnv>,
  parts: {
    agentTokens: AgentTokens
    devices: Pick<Devices, 'get' | 'onRevoked'>
    callsFor: (deviceId: DeviceId) => InProcessCalls
    load: () => Promise<AgentDoor>
    failures: RateLimit
    logger: Logger
  },
): { close(code: ErrorCode): void } => {
  const { agentTokens, devices, logger } = parts
  let loading: Promise<AgentDoor> | undefined
  let closed: ErrorCode | undefined
  const open = () => {
    loading ??= parts.load()
    return loading
  }
  /** Tells the door, if there is one yet. */
  const tell = (word: (door: AgentDoor) => Promise<void>) => {
    loading?.then(word).catch((error: unknown) => logger.error('the door failed', { error }))
  }
  devices.onRevoked((deviceId) => tell((door) => door.dismiss(deviceId, 'device_removed')))

  app.all(DOOR_PATH, async (context) => {
    const request = context.req.raw
    const authorization = request.headers.get('authorization')
    try {
      const { deviceId } = await agentTokens.principalOf(authorization)
      context.set('deviceId', deviceId)
      const bytes = await readBody(request)
      let body: unknown
      try {
        if (bytes.length > 0) body = parseJson(bytes)
      } catch {
        return unreadable()
      }
      if (request.method === 'POST' && body === undefined) return unreadable()
      const door = await open()
      // Reading may have taken a while: whoever was removed meanwhile is not let in.
      if (devices.get(deviceId)?.revokedAt !== null) throw new RelayError('device_removed')
      if (closed !== undefined) throw new RelayError(closed)
      const calls = parts.callsFor(deviceId)
      return await door.serve({ deviceId, calls, request, ...(body !== undefined && { body }) })
    } catch (error) {
      const call = { method: request.method, path: DOOR_PATH }
      const refused = respondError(error, call, logger)
      if (refused.status !== 401) return refused
      parts.failures.take(clientAddress(context.env?.peer, request.headers))
      refused.headers.set('www-authenticate', challengeFor(authorization))
      return refused
    }
  })

  return {
    close: (code) => {
      closed = code
      tell((door) => door.close(code))
    },
  }
}
