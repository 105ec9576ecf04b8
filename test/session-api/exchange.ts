import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ErrorAnswer } from './error-answers.ts'
import type { RequestFault } from './faults.ts'
import type { Fields, RecordedRequest } from './types.ts'

/** One request on its way to its answer. */
export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly method: string
  readonly url: URL
  /** With the query. */
  readonly path: string
  /** What the route's pattern captured. */
  readonly params: readonly string[]
  readonly bodyText: string
  readonly body: Fields
  readonly record: RecordedRequest
  /** Aborts when the other side goes away. */
  readonly gone: AbortSignal
  header(name: string): string | undefined
  json(status: number, body: unknown, headers?: Record<string, string>): void
  fail(answer: ErrorAnswer): void
  text(status: number, text: string, headers?: Record<string, string>): void
  /** Sends the head of a stream, which is not work under way any more from then on. */
  openStream(): void
}

export type Handler = (exchange: Exchange) => void | Promise<void>

/** A path's answer; `:id` in the path stands for one part of it. */
export interface Route {
  method: string
  path: string
  handle: Handler
}

const fieldsOf = (text: string): Fields => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value))
      : {}
  } catch {
    return {}
  }
}

export const requestId = (): string => `req_011C${randomBytes(10).toString('hex')}`

export const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

const headersOf = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value ?? '')]),
  )

export const recordOf = (request: IncomingMessage, atMs: number): RecordedRequest => ({
  method: request.method ?? 'GET',
  path: request.url ?? '/',
  headers: headersOf(request),
  body: undefined,
  status: undefined,
  atMs,
})

export interface ExchangeParts {
  request: IncomingMessage
  response: ServerResponse
  record: RecordedRequest
  bodyText: string
  faults: readonly RequestFault[]
  gone: AbortSignal
  onStream(): void
}

export const createExchange = (parts: ExchangeParts): Exchange => {
  const { request, response, record, faults } = parts
  const isLost = faults.some(({ kind }) => kind === 'lost_answer')
  const isBroken = faults.some(({ kind }) => kind === 'broken_answer')

  // Whoever has gone is answered nothing.
  const answered = (status: number) => {
    if (!parts.gone.aborted) record.status = status
  }
  const send = (status: number, text: string, headers: Record<string, string>) => {
    if (isLost) {
      request.socket.destroy()
      return
    }
    answered(status)
    response.writeHead(status, headers)
    response.end(text)
  }
  const json: Exchange['json'] = (status, body, headers = {}) => {
    const text = JSON.stringify(body)
    send(status, isBroken ? `${text.slice(0, -3)}\u0000<` : text, {
      'content-type': 'application/json',
      'request-id': requestId(),
      ...headers,
    })
  }
  return {
    request,
    response,
    record,
    method: record.method,
    path: record.path,
    url: new URL(record.path, 'http://127.0.0.1'),
    params: [],
    bodyText: parts.bodyText,
    body: fieldsOf(parts.bodyText),
    gone: parts.gone,
    header: (name) => record.headers[name],
    json,
    fail: ({ status, body, headers = {} }) => {
      const id = requestId()
      json(status, { ...body, request_id: id }, { 'request-id': id, ...headers })
    },
    text: (status, text, headers = {}) =>
      send(status, text, { 'content-type': 'text/plain; charset=utf-8', ...headers }),
    openStream: () => {
      answered(200)
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
        'request-id': requestId(),
      })
      response.flushHeaders()
      parts.onStream()
    },
  }
}
