import { mcpSetup } from '../../apps/relay/src/mcp/mcp-setup.ts'
import { deskOf } from './mcp-agent.ts'
import type { TestRelay } from './start-relay.ts'

/** The first call of a client of a protocol before 2026-07-28. */
export const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'by hand', version: '1' },
  },
}

/** Calls the door by hand. */
export const knock = (
  { origin }: TestRelay,
  token: string | undefined,
  options: {
    method?: string
    body?: unknown
    headers?: Record<string, string>
    signal?: AbortSignal
  } = {},
) => {
  const { method = 'POST', body, headers = {}, signal } = options
  return fetch(`${origin}/mcp`, {
    method,
    headers: {
      accept: 'application/json, text/event-stream',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal && { signal }),
  })
}

/** Begins a session by hand and answers its name. */
export const begin = async (relay: TestRelay, token: string) => {
  const answer = await knock(relay, token, { body: initialize })
  await answer.text()
  if (answer.status !== 200) throw new TypeError(`began nothing: ${answer.status}`)
  return answer.headers.get('mcp-session-id') ?? ''
}

export const ping = { jsonrpc: '2.0', id: 2, method: 'ping' }

/** Asks a session for a sign of life and answers with the status. */
export const pinged = async (relay: TestRelay, token: string, sessionId: string) => {
  const headers = { 'mcp-session-id': sessionId }
  const answer = await knock(relay, token, { body: ping, headers })
  await answer.text()
  return answer.status
}

/** Takes an agent out, as the terminal does. */
export const remove = async ({ dataDir, origin }: TestRelay, name = 'desktop') =>
  mcpSetup.remove({ dataDir, desk: await deskOf(dataDir, origin), name })
