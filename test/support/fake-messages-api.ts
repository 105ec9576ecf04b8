/**
 * A scripted stand-in for the Messages API, so that the real `claude` runs without a network.
 *
 * A reply comes from, in this order: the side-call answer (requests without tools: titles,
 * summaries, safety checks), the queue (`push`), a script in the prompt (model-script.ts), and
 * otherwise an echo of what the person said. As a program it prints `{"url":…}` and runs until
 * it is stopped; then the queue is filled by `POST /__fake/push`, and `/__fake/requests`,
 * `/__fake/pending` and `/__fake/reset` watch and empty it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { deltasOf, type MessagesRequest, messageOf, newId, sampleOf } from './model-message.ts'
import { filledTurn, lastUserText, type ModelTurn, scriptedTurn } from './model-script.ts'

export interface SeenRequest {
  atMs: number
  method: string
  path: string
  /** Without anything that authenticates. */
  headers: Record<string, unknown>
  body: unknown
  answer?: ModelTurn
}

export interface FakeMessagesApi extends AsyncDisposable {
  url: string
  requests: SeenRequest[]
  /** Queues replies; the first that fits a request answers it. */
  push(...turns: ModelTurn[]): void
  pending(): number
  reset(): void
}

export interface FakeMessagesApiOptions {
  port?: number
  sideText?: (body: MessagesRequest) => string
}

function defaultSideText(body: MessagesRequest): string {
  const isSafetyCheck = JSON.stringify(body.system ?? '').includes('security monitor')
  return isSafetyCheck ? '<block>no</block>' : 'A side remark'
}

async function streamMessage(
  response: ServerResponse,
  message: ReturnType<typeof messageOf>,
  chunkMs: number,
): Promise<void> {
  const send = (type: string, fields: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`)
  const usageSoFar = { ...message.usage, output_tokens: 1 }
  send('message_start', {
    message: { ...message, content: [], stop_reason: null, usage: usageSoFar },
  })
  for (const [index, block] of message.content.entries()) {
    const { start, deltas } = deltasOf(block, chunkMs)
    send('content_block_start', { index, content_block: start })
    for (const delta of deltas) {
      if (chunkMs > 0) await sleep(chunkMs)
      if (response.destroyed) return
      send('content_block_delta', { index, delta })
    }
    send('content_block_stop', { index })
  }
  send('message_delta', {
    delta: { stop_reason: message.stop_reason, stop_sequence: null },
    usage: message.usage,
  })
  send('message_stop', {})
  response.end()
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': newId('req') })
  response.end(JSON.stringify(value))
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Listens on loopback only. Resolves once it accepts connections. */
export async function startFakeMessagesApi(
  options: FakeMessagesApiOptions = {},
): Promise<FakeMessagesApi> {
  const queue: ModelTurn[] = []
  const requests: SeenRequest[] = []
  const sideText = options.sideText ?? defaultSideText

  function turnFor(body: MessagesRequest): ModelTurn {
    if (!body.tools?.length) {
      const text = sideText(body)
      const schema = body.output_config?.format?.schema
      return { text: schema ? JSON.stringify(sampleOf(schema, text)) : text }
    }
    const said = lastUserText(body.messages)
    const next = queue.findIndex((turn) => !turn.match || new RegExp(turn.match).test(said))
    const queued = next < 0 ? undefined : queue.splice(next, 1)[0]
    if (queued) return filledTurn(queued, body.messages)
    return scriptedTurn(body.messages) ?? { text: `You said: ${said}` }
  }

  function control(path: string, body: unknown, response: ServerResponse): void {
    if (path === '/__fake/push') queue.push(...([body].flat() as ModelTurn[]))
    if (path === '/__fake/reset') api.reset()
    sendJson(response, 200, path === '/__fake/requests' ? requests : { pending: queue.length })
  }

  async function answerMessages(response: ServerResponse, seen: SeenRequest): Promise<void> {
    const body = seen.body as MessagesRequest
    const turn = turnFor(body)
    seen.answer = turn
    if (turn.delayMs) await sleep(turn.delayMs)
    if (turn.error) {
      const { status, type, message } = turn.error
      sendJson(response, status, { type: 'error', error: { type, message } })
    } else if (body.stream) {
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache',
        'request-id': newId('req'),
      })
      await streamMessage(response, messageOf(turn, body), turn.chunkMs ?? 0)
    } else {
      sendJson(response, 200, messageOf(turn, body))
    }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET'
    const path = new URL(request.url ?? '/', 'http://fake').pathname
    const body = await readBody(request)
    if (path.startsWith('/__fake/')) return control(path, body, response)

    const { authorization: _, 'x-api-key': __, ...headers } = request.headers
    const seen: SeenRequest = { atMs: Date.now(), method, path: request.url ?? '/', headers, body }
    requests.push(seen)
    if (path === '/v1/messages' && method === 'POST') return answerMessages(response, seen)
    if (path === '/v1/messages/count_tokens') return sendJson(response, 200, { input_tokens: 1000 })
    if (path === '/v1/models') {
      return sendJson(response, 200, { data: [], has_more: false, first_id: null, last_id: null })
    }
    if (method === 'HEAD' || path === '/') return sendJson(response, 200, {})
    sendJson(response, 404, {
      type: 'error',
      error: { type: 'not_found_error', message: `nothing answers ${method} ${path} here` },
    })
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      // A script with a mistake in it must be seen in the session, not hang it.
      if (response.headersSent) response.destroy()
      else
        sendJson(response, 400, {
          type: 'error',
          error: { type: 'api_error', message: `${error}` },
        })
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const api: FakeMessagesApi = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    push: (...turns) => void queue.push(...turns),
    pending: () => queue.length,
    reset: () => {
      queue.length = 0
      requests.length = 0
    },
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return api
}

if (import.meta.main) {
  const { url } = await startFakeMessagesApi({ port: Number(process.argv[2] ?? 0) })
  console.log(JSON.stringify({ url }))
}
