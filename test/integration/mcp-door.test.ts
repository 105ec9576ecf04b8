import { expect, test } from 'vitest'
import { begin, initialize, knock, ping, pinged, remove } from '../support/door-by-hand.ts'
import { addMcpAgent, agentToken, connectHttpAgent } from '../support/mcp-agent.ts'
import { startRelay } from '../support/start-relay.ts'

test('[MC-9] only a token of an agent that is in opens the door, and nothing else', async () => {
  await using relay = await startRelay()
  await addMcpAgent(relay)
  const token = await agentToken(relay.dataDir, 'desktop')
  const none = await knock(relay, undefined, { body: initialize })
  expect(none.status).toBe(401)
  expect(none.headers.get('www-authenticate')).toBe('Bearer realm="bellhop"')
  for (const wrong of [`${token.slice(0, -2)}xx`, 'bhm_', 'x y', token.slice(4)]) {
    const answer = await knock(relay, wrong, { body: initialize })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"')
    expect(await answer.json()).toMatchObject({ error: { code: 'not_paired' } })
  }
  for (const path of ['/v1/sessions', '/v1/relay', '/v1/devices']) {
    const answer = await fetch(relay.origin + path, {
      headers: { authorization: `Bearer ${token}` },
    })
    expect(answer.status).toBe(401)
  }
  const proven = await fetch(`${relay.origin}/mcp`, {
    method: 'POST',
    headers: { authorization: `DPoP ${token}` },
    body: '{}',
  })
  expect(proven.status).toBe(401)
  const sessionId = await begin(relay, token)
  expect(await remove(relay)).toBe(true)
  const after = await knock(relay, token, {
    body: ping,
    headers: { 'mcp-session-id': sessionId },
  })
  expect(after.status).toBe(401)
  expect(await after.json()).toMatchObject({ error: { code: 'device_removed' } })
})

test('[MC-9] whoever shows what is no token too often is told to wait; an agent is not', async () => {
  await using relay = await startRelay()
  await addMcpAgent(relay)
  const token = await agentToken(relay.dataDir, 'desktop')
  const statuses: number[] = []
  for (let tries = 0; tries < 30; tries += 1) {
    statuses.push((await knock(relay, 'bhm_guess', { body: initialize })).status)
  }
  expect(statuses[0]).toBe(401)
  expect(statuses.at(-1)).toBe(429)
  await begin(relay, token)
})

test('[MC-9] [HT-1] [HT-2] a page of another origin and a host we are not are refused', async () => {
  await using relay = await startRelay()
  await addMcpAgent(relay)
  const token = await agentToken(relay.dataDir, 'desktop')
  for (const method of ['POST', 'GET', 'DELETE']) {
    const body = method === 'POST' ? initialize : undefined
    for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example']) {
      const answer = await knock(relay, token, { method, body, headers: { origin } })
      expect(answer.status).toBe(403)
      expect(await answer.json()).toMatchObject({ error: { code: 'origin_refused' } })
    }
  }
  const own = await knock(relay, token, { body: initialize, headers: { origin: relay.origin } })
  expect(own.status).toBe(200)
  await own.text()
})

test('[MC-10] [HT-3] [HT-4] what is no call is refused as one, with every header a page needs', async () => {
  await using relay = await startRelay()
  await addMcpAgent(relay)
  const token = await agentToken(relay.dataDir, 'desktop')
  const garbled = await knock(relay, token, { body: '{"jsonrpc": ' })
  expect(garbled.status).toBe(400)
  expect(await garbled.json()).toMatchObject({ error: { code: -32_700 } })
  expect(garbled.headers.get('x-content-type-options')).toBe('nosniff')
  expect(garbled.headers.get('access-control-allow-origin')).toBeNull()
  const large = await knock(relay, token, { body: `"${'x'.repeat(300_000)}"` })
  expect(large.status).toBe(413)
  const typed = { body: initialize, headers: { 'content-type': 'text/plain' } }
  expect((await knock(relay, token, typed)).status).toBe(415)
  expect((await knock(relay, token, { body: ping })).status).toBe(400)
  expect((await knock(relay, token, { method: 'PUT', body: ping })).status).toBeGreaterThan(399)
})

test('[MC-10] [HT-4] hostile bodies are refused, never a mistake of ours, and the door goes on', async () => {
  await using relay = await startRelay()
  await addMcpAgent(relay)
  const token = await agentToken(relay.dataDir, 'desktop')
  const sessionId = await begin(relay, token)
  const modern = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const tool = (params: unknown) => ({ jsonrpc: '2.0', id: 3, method: 'tools/call', params })
  const bodies: unknown[] = [
    null,
    7,
    'null',
    '"words"',
    '[]',
    '[null]',
    '[[]]',
    '{}',
    '['.repeat(100_000) + ']'.repeat(100_000),
    `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`,
    { jsonrpc: '2.0', method: 'notifications/cancelled' },
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: {} } },
    { jsonrpc: '2.0', id: { a: 1 }, method: 'ping' },
    { jsonrpc: '2.0', id: 9, result: {} },
    { jsonrpc: '2.0', id: 4, method: 'no/such', params: { _meta: modern } },
    { jsonrpc: '2.0', id: 4, method: 'subscriptions/listen', params: { _meta: modern } },
    {
      jsonrpc: '2.0',
      id: 5,
      method: 'subscriptions/listen',
      params: { _meta: modern, notifications: { resourceSubscriptions: [7, null, {}] } },
    },
    { jsonrpc: '2.0', id: 6, method: 'resources/read', params: { uri: 'bellhop://sessions/%' } },
    { jsonrpc: '2.0', id: 7, method: 'resources/subscribe', params: { uri: 'x'.repeat(9_000) } },
    tool(undefined),
    tool({ name: '__proto__', arguments: {} }),
    tool({ name: 'list_sessions', arguments: { ['__proto__']: { limit: 1 }, constructor: 1 } }),
    tool({ name: 'read_session', arguments: [] }),
  ]
  for (const body of bodies) {
    for (const headers of [{}, { 'mcp-session-id': sessionId }]) {
      const answer = await knock(relay, token, { body, headers: { ...headers } })
      const said = await answer.text()
      expect({ status: answer.status, said }).toMatchObject({ status: expect.any(Number) })
      expect(answer.status).not.toBe(500)
      expect(said).not.toContain('internal')
    }
  }
  expect(await pinged(relay, token, sessionId)).toBe(200)
})

test('[MC-10] a session is its agent’s alone, and over once it ends it', async () => {
  await using relay = await startRelay()
  await addMcpAgent(relay, { name: 'one' })
  await addMcpAgent(relay, { name: 'two' })
  const [one, two] = await Promise.all(
    ['one', 'two'].map((name) => agentToken(relay.dataDir, name)),
  )
  const sessionId = await begin(relay, one ?? '')
  expect(await pinged(relay, one ?? '', sessionId)).toBe(200)
  expect(await pinged(relay, two ?? '', sessionId)).toBe(404)
  const end = { method: 'DELETE', headers: { 'mcp-session-id': sessionId } }
  expect((await knock(relay, two, end)).status).toBe(404)
  expect(await pinged(relay, one ?? '', sessionId)).toBe(200)
  expect((await knock(relay, one, end)).status).toBe(200)
  expect(await pinged(relay, one ?? '', sessionId)).toBe(404)
})

test('[MC-10] [I6] an agent holds sixteen sessions: one more ends the one unused for longest', async () => {
  await using relay = await startRelay()
  await addMcpAgent(relay)
  const token = await agentToken(relay.dataDir, 'desktop')
  const sessions: string[] = []
  for (let at = 0; at < 16; at += 1) sessions.push(await begin(relay, token))
  const [first = '', second = ''] = sessions
  expect(await pinged(relay, token, first)).toBe(200)
  await begin(relay, token)
  expect(await pinged(relay, token, second)).toBe(404)
  expect(await pinged(relay, token, first)).toBe(200)
})

test('[MC-10] the stream of a session ends when its agent is removed', async () => {
  await using relay = await startRelay()
  await addMcpAgent(relay)
  const token = await agentToken(relay.dataDir, 'desktop')
  const sessionId = await begin(relay, token)
  const answer = await knock(relay, token, {
    method: 'GET',
    headers: { 'mcp-session-id': sessionId },
  })
  expect(answer.status).toBe(200)
  const over = answer.text()
  await remove(relay)
  expect(await over).toBe('')
})

test('[MC-10] [I6] a call of a session is given up with the line it was asked on', async () => {
  await using relay = await startRelay()
  await addMcpAgent(relay)
  const token = await agentToken(relay.dataDir, 'desktop')
  const mcpSession = await begin(relay, token)
  const sessionId = await relay.source.start('left alone')
  const wait = (id: number) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'wait_for', arguments: { sessionId, timeoutS: 50 } },
  })
  const headers = { 'mcp-session-id': mcpSession }
  // More than may listen at once, were any of them to go on.
  for (let round = 0; round < 11; round += 1) {
    const stop = new AbortController()
    const { signal } = stop
    await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        knock(relay, token, { body: wait(100 * round + at), headers, signal }),
      ),
    )
    stop.abort()
  }
  await using agent = await connectHttpAgent(relay, 'desktop')
  const last = await agent.call('wait_for', { sessionId, timeoutS: 1 })
  expect(last).toMatchObject({ isError: false, value: { happened: 'timed_out' } })
})

test('[MC-10] two calls of one id at once: the second is refused, and the first gets its answer', async () => {
  await using relay = await startRelay()
  await addMcpAgent(relay)
  const token = await agentToken(relay.dataDir, 'desktop')
  const headers = { 'mcp-session-id': await begin(relay, token) }
  const sessionId = await relay.source.start('waited for')
  const params = { name: 'wait_for', arguments: { sessionId, timeoutS: 20 } }
  const wait = { jsonrpc: '2.0', id: 7, method: 'tools/call', params }
  const first = await knock(relay, token, { body: wait, headers })
  expect(first.status).toBe(200)
  const second = await knock(relay, token, { body: { ...ping, id: 7 }, headers })
  expect(second.status).toBe(400)
  expect(await second.json()).toMatchObject({ error: { code: -32_600 } })
  await relay.source.say(sessionId, 'session.ended', { reason: 'exited' })
  expect(await first.text()).toContain('session_ended')
  const after = await knock(relay, token, { body: { ...ping, id: 7 }, headers })
  expect(after.status).toBe(200)
  await after.text()
})
