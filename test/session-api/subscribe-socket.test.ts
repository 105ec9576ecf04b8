import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { query } from '@anthropic-ai/claude-agent-sdk/browser'
import { expect, test } from 'vitest'
import WebSocket from 'ws'
import { until } from '../support/until.ts'
import { createVirtualTime } from '../support/virtual-time.ts'
import { startSessionApi } from './session-api.ts'
import type { ApiSession, Fields, SessionApi } from './types.ts'
import { createWorker } from './worker.ts'

const subscribe = (api: SessionApi, session: ApiSession, query = '', token = api.accessToken) => {
  const base = api.url.replace('http', 'ws')
  const organization = `organization_uuid=${api.organizationId}`
  const socket = new WebSocket(
    `${base}/v1/sessions/ws/${session.rowId}/subscribe?${organization}${query}`,
    { headers: { authorization: `Bearer ${token}`, 'anthropic-version': '2023-06-01' } },
  )
  const frames: string[] = []
  const seen = { code: 0, status: 0 }
  socket.on('message', (data) => frames.push(String(data)))
  socket.on('close', (code) => {
    seen.code = code
  })
  socket.on('unexpected-response', (_request, response) => {
    seen.status = response.statusCode ?? 0
    socket.terminate()
  })
  socket.on('error', () => {})
  const objects = () =>
    frames.flatMap((frame) =>
      frame
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Fields),
    )
  return { socket, frames, seen, objects }
}

test('tells what happens from now on, as flat objects; the past only when asked', async () => {
  await using api = await startSessionApi()
  const session = api.addSession()
  session.emit({ type: 'user', uuid: 'old', message: { role: 'user', content: 'before' } })
  const plain = subscribe(api, session)
  const replaying = subscribe(api, session, '&replay=true')
  await Promise.all([once(plain.socket, 'open'), once(replaying.socket, 'open')])
  await until(() => api.openStreams.socket === 2)
  session.emit({ type: 'user', uuid: 'new', message: { role: 'user', content: 'after' } })
  await until(() => replaying.objects().length === 2)
  expect(replaying.objects().map(({ uuid }) => uuid)).toEqual(['old', 'new'])
  expect(plain.objects()).toMatchObject([{ uuid: 'new', session_id: session.rowId }])
  expect(plain.frames[0]).toMatch(/\n$/)
  plain.socket.close()
  await until(() => api.openStreams.socket === 1)
})

test('an answer sent over it lets the worker run the call', async () => {
  await using api = await startSessionApi()
  api.socket.framing = 'objects'
  const session = api.addSession()
  const worker = createWorker(session)
  const { socket, objects } = subscribe(api, session)
  await once(socket, 'open')
  worker.push({ tool: 'Bash', input: { command: 'touch allowed' } })
  worker.submit('go')
  const asked = await until(() => objects().find(({ type }) => type === 'control_request'))
  const response = {
    subtype: 'success',
    request_id: asked.request_id,
    response: { behavior: 'allow', updatedInput: {} },
  }
  socket.send(JSON.stringify({ type: 'control_response', response }))
  await until(() => worker.ran('touch allowed'))
  expect(session.sent[0]?.family).toBe('socket')
})

test('drops who does not answer its own initialize, and keeps who does', async () => {
  const time = createVirtualTime()
  await using api = await startSessionApi({ time })
  api.socket.asksInitialize = true
  const session = api.addSession()
  const rude = subscribe(api, session)
  const polite = subscribe(api, session)
  await until(() => rude.frames.length === 1 && polite.frames.length === 1)
  const answer = { subtype: 'success', request_id: polite.objects()[0]?.request_id, response: {} }
  polite.socket.send(JSON.stringify({ type: 'control_response', response: answer }))
  await time.pass(10_000)
  await until(() => rude.seen.code === 1006)
  expect(polite.socket.readyState).toBe(WebSocket.OPEN)
  expect(session.sent).toEqual([])
})

test('closes with the codes of a session that is gone or not allowed', async () => {
  await using api = await startSessionApi()
  const session = api.addSession()
  const one = subscribe(api, session)
  await once(one.socket, 'open')
  session.cutStreams(4003)
  await until(() => one.seen.code === 4003)
  const two = subscribe(api, session)
  await once(two.socket, 'open')
  api.removeSession(session.id)
  await until(() => two.seen.code === 4001)
  const zombie = subscribe(api, session)
  await until(() => zombie.seen.status === 401)
  const cloud = subscribe(api, api.addSession({ kind: 'cloud' }))
  await until(() => cloud.seen.status === 403)
  const stranger = subscribe(api, api.addSession(), '', 'sk-ant-oat01-other')
  await until(() => stranger.seen.status === 401)
})

test('closes with 4003 who says nothing of use first', async () => {
  await using api = await startSessionApi()
  const session = api.addSession()
  const url = `${api.url.replace('http', 'ws')}/v1/sessions/ws/${session.rowId}/subscribe`
  const socket = new WebSocket(url)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  socket.send(JSON.stringify({ type: 'auth', credential: { type: 'oauth', token: 'none' } }))
  expect((await closed)[0]).toBe(4003)
})

test('the published browser client reads and writes over it', async () => {
  await using api = await startSessionApi()
  const session = api.addSession()
  const worker = createWorker(session)
  const abortController = new AbortController()
  const seen: string[] = []
  const live = query({
    prompt: (async function* () {
      yield {
        type: 'user' as const,
        uuid: randomUUID(),
        message: { role: 'user' as const, content: 'hello' },
        parent_tool_use_id: null,
        session_id: '',
      }
      await new Promise(() => {})
    })(),
    abortController,
    websocket: {
      url: `${api.url.replace('http', 'ws')}/v1/sessions/ws/${session.rowId}/subscribe`,
      authMessage: { type: 'auth', credential: { type: 'oauth', token: api.accessToken } },
    },
  })
  const reading = (async () => {
    for await (const message of live) seen.push(message.type)
  })().catch(() => {})
  await until(() => seen.includes('result'), { timeoutMs: 10_000 })
  expect(worker.heard[0]).toContain('hello')
  abortController.abort()
  await reading
})
