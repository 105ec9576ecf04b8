import { McpServer } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import { createHttpSessions } from './http-sessions.ts'

const MINUTE_MS = 60_000

const makeSessions = () => {
  const clock = { ms: 0 }
  const makeOne = () =>
    new McpServer({ name: 'test', version: '1' }, { capabilities: { tools: {} } })
  const sessions = createHttpSessions(makeOne, () => clock.ms)
  const ask = async (method: string, body: unknown, headers: Record<string, string> = {}) => {
    const request = new Request('http://localhost/mcp', {
      method,
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...headers,
      },
      ...(method === 'POST' && { body: JSON.stringify(body) }),
    })
    return sessions.answer(request, body)
  }
  const begin = async () => {
    const { response } = await ask('POST', {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'test', version: '1' },
      },
    })
    await response.text()
    return response.headers.get('mcp-session-id') ?? ''
  }
  return { clock, sessions, ask, begin }
}

test('[MC-10] [I6] a session nobody uses for half an hour is ended, one with a stream is not', async () => {
  const { clock, sessions, ask, begin } = makeSessions()
  const unused = await begin()
  const streaming = await begin()
  const stream = await ask('GET', undefined, { 'mcp-session-id': streaming })
  expect(stream.response.status).toBe(200)
  clock.ms = 31 * MINUTE_MS
  sessions.tidy()
  expect(sessions.count).toBe(1)
  const ping = { jsonrpc: '2.0', id: 2, method: 'ping' }
  expect((await ask('POST', ping, { 'mcp-session-id': unused })).response.status).toBe(404)
  stream.onOver?.(false)
  clock.ms = 60 * MINUTE_MS
  sessions.tidy()
  expect(sessions.count).toBe(1)
  clock.ms = 62 * MINUTE_MS
  sessions.tidy()
  expect(sessions.count).toBe(0)
})

test('[MC-10] what begins no session leaves none', async () => {
  const { sessions, ask } = makeSessions()
  const plain = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} }
  expect((await ask('POST', plain)).response.status).toBe(400)
  expect((await ask('POST', { jsonrpc: '2.0', id: 1, method: 'ping' })).response.status).toBe(400)
  expect((await ask('GET', undefined)).response.status).toBe(400)
  const refused = await ask('POST', plain, { accept: 'text/html' })
  expect(refused.response.status).toBeGreaterThan(399)
  expect(sessions.count).toBe(0)
})
