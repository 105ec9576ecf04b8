import { randomUUID } from 'node:crypto'
import {
  isInitializeRequest,
  type McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import type { Answer } from './exchanges.ts'

/** Sessions of one agent; one more ends the one unused for longest. [I6] */
const SESSIONS_MAX = 16
/** A session nobody uses for so long is ended. [I6] */
const IDLE_MS = 30 * 60_000

type HttpSession = {
  server: McpServer
  transport: WebStandardStreamableHTTPServerTransport
  /** Answers it is giving. */
  open: number
  /** What the calls it is answering are called by. */
  underWay: Set<RequestId>
  usedAtMs: number
}

/** The MCP sessions of one agent, for clients that begin with `initialize`. [MC-10] */
export type HttpSessions = {
  readonly count: number
  /** Answers one call of a session, or begins one. */
  answer(request: Request, body: unknown): Promise<Answer>
  /** Ends those unused for too long. */
  tidy(): void
  end(): Promise<void>
}

type RequestId = string | number

const isId = (value: unknown): value is RequestId =>
  typeof value === 'string' || typeof value === 'number'

/** One message or several, as a body holds them. */
const messagesOf = (body: unknown): { id?: unknown; method?: unknown; params?: unknown }[] =>
  [body].flat().filter((one) => typeof one === 'object' && one !== null)

/** What the calls in a body are called by. */
const calledIn = (body: unknown): RequestId[] =>
  messagesOf(body)
    .filter(({ method }) => typeof method === 'string')
    .map(({ id }) => id)
    .filter(isId)

/** The calls that a body calls off. */
const cancelledIn = (body: unknown): RequestId[] =>
  messagesOf(body)
    .filter(({ method }) => method === 'notifications/cancelled')
    .map(({ params }) => (Object(params) as { requestId?: unknown }).requestId)
    .filter(isId)

/** Has the transport forget a call that nobody waits for, which by itself it does not. */
const forget = async (transport: HttpSession['transport'], id: RequestId) => {
  transport.closeSSEStream(id)
  // Its stream is closed, so this goes nowhere.
  const error = { code: -32_000, message: 'cancelled' }
  await transport.send({ jsonrpc: '2.0', id, error }).catch(() => {})
}

/** Calls off what a body asked for, because whoever asked has gone. */
const callOff = (transport: HttpSession['transport'], body: unknown) => {
  for (const id of calledIn(body)) {
    const params = { requestId: id, reason: 'The caller has gone.' }
    transport.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params })
    void forget(transport, id)
  }
}

const refusal = (status: number, code: number, message: string) =>
  Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status })

export const createHttpSessions = (
  makeServer: () => McpServer,
  nowMs: () => number,
): HttpSessions => {
  const sessions = new Map<string, HttpSession>()

  const close = async (sessionId: string) => {
    const session = sessions.get(sessionId)
    sessions.delete(sessionId)
    await session?.server.close()
  }

  const makeRoom = () => {
    if (sessions.size < SESSIONS_MAX) return
    const byUse = [...sessions].sort(
      ([, a], [, b]) => Number(a.open > 0) - Number(b.open > 0) || a.usedAtMs - b.usedAtMs,
    )
    const [oldest] = byUse
    if (oldest) void close(oldest[0])
  }

  const begin = async (request: Request, body: unknown): Promise<Response> => {
    const server = makeServer()
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (sessionId) => {
        makeRoom()
        sessions.set(sessionId, {
          server,
          transport,
          open: 0,
          underWay: new Set(),
          usedAtMs: nowMs(),
        })
      },
      onsessionclosed: close,
    })
    await server.connect(transport)
    const response = await transport.handleRequest(request, { parsedBody: body })
    // What was refused began nothing.
    if (transport.sessionId === undefined) await server.close()
    return response
  }

  return {
    get count() {
      return sessions.size
    },
    answer: async (request, body) => {
      const sessionId = request.headers.get('mcp-session-id')
      if (sessionId === null) {
        const response = isInitializeRequest(body)
          ? await begin(request, body)
          : refusal(400, -32_000, 'Begin with initialize, then name the session it answers.')
        return { response }
      }
      const session = sessions.get(sessionId)
      // Another agent’s is none of this one’s.
      if (!session) return { response: refusal(404, -32_001, 'Session not found') }
      const { transport, underWay } = session
      const called = calledIn(body)
      // An answer finds its line by what its call is called by.
      if (called.some((id) => underWay.has(id))) {
        return { response: refusal(400, -32_600, 'A call with this id is being answered still.') }
      }
      for (const id of called) underWay.add(id)
      session.open += 1
      session.usedAtMs = nowMs()
      const onOver = (isGiven: boolean) => {
        session.open -= 1
        for (const id of called) underWay.delete(id)
        session.usedAtMs = nowMs()
        // An answer is given to the line it was asked on or to nobody.
        if (!isGiven) callOff(transport, body)
      }
      try {
        const response = await transport.handleRequest(request, { parsedBody: body })
        await Promise.all(cancelledIn(body).map((id) => forget(transport, id)))
        return { response, onOver }
      } catch (error) {
        onOver(true)
        throw error
      }
    },
    tidy: () => {
      for (const [sessionId, { open, usedAtMs }] of sessions) {
        if (open === 0 && nowMs() - usedAtMs > IDLE_MS) void close(sessionId)
      }
    },
    end: async () => {
      await Promise.all([...sessions.keys()].map(close))
    },
  }
}
