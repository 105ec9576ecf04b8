import { randomUUID } from 'node:crypto'
import {
  type AttachBridgeSessionOptions,
  attachBridgeSession,
  createCodeSession,
  fetchRemoteCredentials,
} from '@anthropic-ai/claude-agent-sdk/bridge'
import { expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { faultAnswers } from './error-answers.ts'
import { startSessionApi } from './session-api.ts'
import { fieldsIn } from './tool-answers.ts'
import type { Fields } from './types.ts'

const timeoutMs = 5_000

/** The published host side as the worker of a session it made itself. */
const attachWorker = async (options: Partial<AttachBridgeSessionOptions> = {}) => {
  const api = await startSessionApi()
  const sessionId = await createCodeSession(api.url, api.accessToken, 'Till', timeoutMs)
  if (typeof sessionId !== 'string') throw new Error(`Not made: ${JSON.stringify(sessionId)}`)
  const session = api.session(sessionId)
  const credentials = await fetchRemoteCredentials(sessionId, api.url, api.accessToken, timeoutMs)
  if (!credentials || !('worker_jwt' in credentials))
    throw new Error(`No credentials: ${JSON.stringify(credentials)}`)
  const heard: Fields[] = []
  const answered: Fields[] = []
  const closed: (number | undefined)[] = []
  const handle = await attachBridgeSession({
    sessionId,
    ingressToken: credentials.worker_jwt,
    apiBaseUrl: credentials.api_base_url,
    epoch: credentials.worker_epoch,
    onInboundMessage: (message) => void heard.push({ ...message }),
    onPermissionResponse: (response) => void answered.push({ ...response }),
    onClose: (code) => closed.push(code),
    ...options,
  })
  const post = async (payload: Fields) => {
    const response = await fetch(`${api.url}/v1/code/sessions/${sessionId}/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${api.accessToken}`,
        'anthropic-version': '2023-06-01',
        'anthropic-client-platform': 'web_claude_ai',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ events: [{ payload }] }),
    })
    expect(response.status).toBe(200)
  }
  return {
    api,
    session,
    handle,
    credentials,
    heard,
    answered,
    closed,
    post,
    [Symbol.asyncDispose]: async () => {
      handle.close()
      await api[Symbol.asyncDispose]()
    },
  }
}

test('makes a session, takes its credentials, and the epoch rises with each', async () => {
  await using it = await attachWorker()
  expect(it.session.row).toMatchObject({ title: 'Till', environment_kind: 'bridge' })
  expect(it.credentials).toMatchObject({ worker_epoch: 1, expires_in: 14_400 })
  const { sessionId } = it.handle
  const again = await fetchRemoteCredentials(sessionId, it.api.url, it.api.accessToken, timeoutMs)
  expect(again).toMatchObject({ worker_epoch: 2 })
})

test('a bearer that is not good is told from a refusal that stays', async () => {
  await using api = await startSessionApi()
  const { id } = api.addSession()
  const wrong = 'sk-ant-oat01-never-given-out'
  const credentials = (token: string) => fetchRemoteCredentials(id, api.url, token, timeoutMs)
  expect(await credentials(wrong)).toEqual({ terminal: false, reason: 'oauth_rejected' })
  api.faults.add(faultAnswers.trustedDevice403(), { times: 1 })
  expect(await credentials(api.accessToken)).toMatchObject({ reason: 'untrusted_device' })
  api.faults.add(faultAnswers.edge403, { times: 1 })
  expect(await credentials(api.accessToken)).toMatchObject({ source: 'nonorigin_cf' })
  api.faults.add(faultAnswers.serverError(503), { times: 1 })
  expect(await credentials(api.accessToken)).toBeNull()
})

test('what the worker writes is in the log, and its state in the row', async () => {
  await using it = await attachWorker()
  await until(() => it.handle.isConnected())
  it.handle.reportState('running')
  const uuid = randomUUID()
  it.handle.write({
    type: 'assistant',
    uuid,
    session_id: '',
    parent_tool_use_id: null,
    message: { id: 'msg_1', role: 'assistant', content: [{ type: 'text', text: 'Good morning' }] },
  } as never)
  it.handle.sendResult()
  await it.handle.flush()
  const stored = await until(() => it.session.events.find((event) => event.event_id === uuid))
  expect(stored).toMatchObject({ source: 'worker', event_type: 'assistant' })
  await until(() => it.session.row.worker_status === 'running')
  it.handle.reportMetadata({ current_branches: ['main'] })
  await until(() => it.session.row.external_metadata.current_branches !== undefined)
})

test('the worker hears what a client posts, and the server hears how far it is', async () => {
  await using it = await attachWorker()
  await until(() => it.api.openStreams.worker === 1)
  const uuid = randomUUID()
  await it.post({ type: 'user', uuid, message: { role: 'user', content: 'hello' } })
  await until(() => it.heard.length === 1)
  expect(it.heard[0]).toMatchObject({ message: { content: 'hello' } })
  const row = () => it.session.events.find((event) => event.event_id === uuid)
  it.handle.reportDelivery(uuid, 'processing')
  await until(() => row()?.processing_at)
  it.handle.reportDelivery(uuid, 'processed')
  await until(() => row()?.processed_at)
  expect(row()).toMatchObject({
    received_at: expect.any(String),
    processing_at: expect.any(String),
  })
})

test('a prompt of the worker is answered by a client’s POST', async () => {
  await using it = await attachWorker()
  await until(() => it.api.openStreams.worker === 1)
  const requestId = randomUUID()
  it.handle.sendControlRequest({
    type: 'control_request',
    request_id: requestId,
    request: {
      subtype: 'can_use_tool',
      tool_name: 'Bash',
      input: { command: 'touch allowed' },
      tool_use_id: 'toolu_1',
    },
  } as never)
  const asked = await until(() =>
    it.session.events.find(({ payload }) => payload.type === 'control_request'),
  )
  expect(asked.payload.request_id).toBe(requestId)
  const response = { behavior: 'allow', updatedInput: { command: 'touch allowed' } }
  await it.post({
    type: 'control_response',
    response: { subtype: 'success', request_id: requestId, response },
  })
  await until(() => it.answered.length === 1)
  expect(fieldsIn(it.answered[0]?.response)).toMatchObject({ request_id: requestId, response })
})

test('a client’s interrupt and initialize are answered by the host side itself', async () => {
  let interrupts = 0
  await using it = await attachWorker({
    onInterrupt: () => {
      interrupts += 1
    },
  })
  await until(() => it.api.openStreams.worker === 1)
  const ask = async (subtype: string) => {
    const requestId = randomUUID()
    await it.post({ type: 'control_request', request_id: requestId, request: { subtype } })
    const answer = await until(() =>
      it.session.events.find(
        ({ payload }) =>
          payload.type === 'control_response' &&
          fieldsIn(payload.response)?.request_id === requestId,
      ),
    )
    return fieldsIn(answer.payload.response)
  }
  expect(await ask('initialize')).toMatchObject({ pending_permission_requests: [] })
  await ask('interrupt')
  expect(interrupts).toBe(1)
  expect(await ask('rearrange_stars')).toMatchObject({ subtype: 'error' })
})

test('a worker whose epoch was overtaken is closed with 4090', async () => {
  await using it = await attachWorker()
  await until(() => it.handle.isConnected())
  await fetchRemoteCredentials(it.handle.sessionId, it.api.url, it.api.accessToken, timeoutMs)
  it.handle.reportState('running')
  await until(() => it.closed.length === 1, { timeoutMs: 15_000 })
  expect(it.closed).toEqual([4090])
})
