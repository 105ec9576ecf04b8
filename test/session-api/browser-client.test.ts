import { randomUUID } from 'node:crypto'
import {
  type BrowserQueryOptions,
  getCcrEvent,
  getSseDropCounts,
  getSseLastSequenceNum,
  query,
  type SDKMessage,
  type SDKUserMessage,
} from '@anthropic-ai/claude-agent-sdk/browser'
import { expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { startSessionApi } from './session-api.ts'
import type { SessionApiOptions } from './types.ts'
import { createWorker } from './worker.ts'

/** What is typed, as the client wants it: one after the other, without an end. */
const createTyping = () => {
  const waiting: SDKUserMessage[] = []
  let wake = () => {}
  return {
    type: (content: string, uuid = randomUUID()) => {
      waiting.push({
        type: 'user',
        uuid,
        message: { role: 'user', content },
        parent_tool_use_id: null,
        session_id: '',
      })
      wake()
      return uuid
    },
    messages: (async function* () {
      for (;;) {
        const next = waiting.shift()
        if (next) yield next
        else
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      }
    })(),
  }
}

type Sse = NonNullable<Extract<BrowserQueryOptions, { sse: unknown }>['sse']>

/** The published browser client at a session of the test server. */
const openClient = async (
  options: {
    api?: SessionApiOptions
    sse?: Partial<Sse>
    earlier?: string[]
    canUseTool?: BrowserQueryOptions['canUseTool']
  } = {},
) => {
  const api = await startSessionApi(options.api)
  const session = api.addSession()
  const worker = createWorker(session)
  for (const text of options.earlier ?? [])
    session.emit({
      type: 'assistant',
      uuid: randomUUID(),
      session_id: session.id,
      parent_tool_use_id: null,
      message: { id: `msg_${text}`, role: 'assistant', content: [{ type: 'text', text }] },
    })
  const abortController = new AbortController()
  const typing = createTyping()
  const seen: SDKMessage[] = []
  const deliveries: { event_id: string; status: string }[] = []
  const base = `${api.url}/v1/code/sessions/${session.id}/events`
  const live = query({
    prompt: typing.messages,
    abortController,
    ...(options.canUseTool && { canUseTool: options.canUseTool }),
    sse: {
      streamUrl: `${base}/stream`,
      sendUrl: base,
      sessionId: session.id,
      headers: {
        Authorization: `Bearer ${api.accessToken}`,
        'anthropic-version': '2023-06-01',
        'anthropic-client-platform': 'web_claude_ai',
      },
      onDeliveryUpdate: (update) => deliveries.push(update),
      ...options.sse,
    },
  })
  const reading = (async () => {
    for await (const message of live) seen.push(message)
  })().catch(() => {})
  const texts = () =>
    seen.flatMap((message) =>
      message.type === 'assistant'
        ? message.message.content.flatMap((block: { text?: string }) => block.text ?? [])
        : [],
    )
  return {
    api,
    session,
    worker,
    live,
    seen,
    deliveries,
    texts,
    /** What it did not read, but for what it sent itself and finds in the log. */
    surprises: () => {
      const { expected_echo: _own, ...rest } = getSseDropCounts(live) ?? {}
      return rest
    },
    type: typing.type,
    [Symbol.asyncDispose]: async () => {
      abortController.abort()
      await live.return(undefined).catch(() => {})
      await reading
      worker[Symbol.dispose]()
      await api[Symbol.asyncDispose]()
    },
  }
}

test('streams a session from its start, in order, each event once', async () => {
  await using it = await openClient({ earlier: ['one', 'two', 'three'] })
  await until(() => it.texts().length === 3)
  expect(it.texts()).toEqual(['one', 'two', 'three'])
  const numbers = it.seen.map((message) => getCcrEvent(it.live, message)?.sequence_num)
  expect(numbers.filter(Boolean)).toEqual([1, 2, 3, 4])
  expect(it.surprises()).toEqual({})
})

test('goes on from a sequence number', async () => {
  await using it = await openClient({
    earlier: ['one', 'two', 'three'],
    sse: { fromSequenceNum: 3 },
  })
  await until(() => it.texts().length === 1)
  expect(it.texts()).toEqual(['three'])
  expect(getSseLastSequenceNum(it.live)).toBe(4)
})

test('sends a message, sees the turn, and is told how far it is', async () => {
  await using it = await openClient()
  it.worker.push({ text: 'Good morning' })
  const uuid = it.type('hello')
  await until(() => it.texts().includes('Good morning'))
  await until(() => it.seen.some(({ type }) => type === 'result'))
  expect(it.worker.heard).toEqual(['hello'])
  const own = () => it.deliveries.filter(({ event_id }) => event_id === uuid)
  await until(() => own().length === 3)
  expect(own().map(({ status }) => status)).toEqual([
    'DELIVERY_STATUS_RECEIVED',
    'DELIVERY_STATUS_PROCESSING',
    'DELIVERY_STATUS_PROCESSED',
  ])
  expect(it.surprises()).toEqual({})
})

test('answers a prompt the worker asked, and the worker runs the call', async () => {
  const asked: unknown[] = []
  await using it = await openClient({
    canUseTool: async (toolName, input) => {
      asked.push([toolName, input])
      return { behavior: 'allow', updatedInput: input }
    },
  })
  it.worker.push({ tool: 'Bash', input: { command: 'touch allowed' } }, { text: 'made it' })
  it.type('go')
  await until(() => it.texts().includes('made it'))
  expect(asked).toEqual([['Bash', { command: 'touch allowed' }]])
  expect(it.worker.ran('touch allowed')).toBe(true)
  expect(it.session.row.worker_status).not.toBe('requires_action')
  expect(it.surprises()).toEqual({})
})

test('denies a prompt, and the worker runs nothing', async () => {
  await using it = await openClient({
    canUseTool: async () => ({ behavior: 'deny', message: 'not on Fridays' }),
  })
  it.worker.push({ tool: 'Edit', input: { file_path: 'a' } }, { text: 'left it' })
  it.type('go')
  await until(() => it.texts().includes('left it'))
  expect(it.worker.runs).toEqual([])
  expect(JSON.stringify(it.session.events)).toContain('not on Fridays')
})

test('interrupts a turn, and changes the mode and the model', async () => {
  await using it = await openClient()
  it.worker.push({ text: 'a long story that goes on and on', chunkMs: 200 })
  it.type('tell me')
  await until(() => it.worker.isRunning)
  await it.live.interrupt()
  await until(() => !it.worker.isRunning)
  await it.live.setPermissionMode('acceptEdits')
  await it.live.setModel('sonnet')
  expect(it.worker.permissionMode).toBe('acceptEdits')
  expect(it.worker.model).toBe('sonnet')
})

test('reports a catch-up that was cut short', async () => {
  let truncated = 0
  await using it = await openClient({
    api: { replayLimit: 2 },
    earlier: ['one', 'two', 'three'],
    sse: {
      onCatchUpTruncated: () => {
        truncated += 1
      },
    },
  })
  await until(() => it.texts().length === 2)
  expect(it.texts()).toEqual(['two', 'three'])
  expect(truncated).toBe(1)
  expect(getSseDropCounts(it.live)).toMatchObject({ catch_up_truncated: 1 })
})

test('reads through frames, types and subtypes that nobody knows', async () => {
  await using it = await openClient()
  await until(() => it.api.openStreams.events === 1)
  it.api.faults.add({ kind: 'strange' })
  it.session.cutStreams()
  it.worker.submit('from the desk')
  await until(() => it.texts().includes('done'), { timeoutMs: 15_000 })
  expect(it.texts()).toEqual(['done'])
  expect(it.surprises()).not.toEqual({})
})

test('takes the stream up again where it was cut', async () => {
  await using it = await openClient({ earlier: ['one'] })
  await until(() => it.texts().length === 1)
  it.session.cutStreams()
  it.worker.submit('from the desk')
  await until(() => it.texts().includes('done'), { timeoutMs: 15_000 })
  expect(it.texts()).toEqual(['one', 'done'])
  const [, again] = it.api.requestsTo(/events\/stream/)
  expect(
    Number(
      again?.headers['last-event-id'] ?? /from_sequence_num=(\d+)/.exec(again?.path ?? '')?.[1],
    ),
  ).toBeGreaterThan(0)
})
