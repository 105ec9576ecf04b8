import { type DeviceId, type ErrorCode, RelayError } from '@bellhop/core'
import { createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server'
import { type Answer, createExchanges } from './exchanges.ts'
import { createFollower } from './follower.ts'
import { createHttpSessions } from './http-sessions.ts'
import { createInProcessLink, type InProcessCalls } from './in-process-link.ts'
import { makeServer } from './make-server.ts'
import { createResourceUpdates } from './resource-updates.ts'

const TIDY_MS = 60_000
/** How long calls under way may take to say that they were ended. */
const LAST_WORD_MS = 1_000

/** One call of an agent that was let in. */
type DoorCall = {
  deviceId: DeviceId
  calls: InProcessCalls
  request: Request
  /** What the call carries, read; absent when it carries nothing. */
  body?: unknown
}

/** MCP over streamable HTTP for the agents of one relay. [MC-10] */
export type HttpDoor = {
  serve(call: DoorCall): Promise<Response>
  /** Ends all an agent has open: its calls with this refusal, at once. [MC-1] */
  dismiss(deviceId: DeviceId, code: ErrorCode): Promise<void>
  /** Ends all that is open, for good. */
  close(code: ErrorCode): Promise<void>
}

/** What one agent has here: clients of today name no session, those before begin one. */
const openSeat = (calls: InProcessCalls, nowMs: () => number) => {
  const link = createInProcessLink(calls)
  const follower = createFollower(link)
  const control = new AbortController()
  const updates = createResourceUpdates(follower)
  const parts = { link, follower, gone: control.signal, updates }
  const exchanges = createExchanges()
  const sessions = createHttpSessions(() => makeServer(parts, 'legacy'), nowMs)
  // Streams from the first: a wait then says that it lives, and proxies on the way let it be.
  const handler = createMcpHandler(({ era }) => makeServer(parts, era), {
    legacy: 'reject',
    responseMode: 'sse',
  })
  const tell = (uri: string) => handler.notify.resourceUpdated(uri)
  let listening = 0
  let watching: Promise<Disposable> | undefined

  const answer = async (request: Request, body: unknown): Promise<Answer> => {
    if (await isLegacyRequest(request, body)) return sessions.answer(request, body)
    return { response: await handler.fetch(request, { parsedBody: body }) }
  }

  /** Answers with a stream on which changes are told, all of them from its beginning on. */
  const listen = async (request: Request, body: unknown): Promise<Answer> => {
    listening += 1
    watching ??= updates.watch(tell)
    const over = () => {
      listening -= 1
      if (listening > 0) return
      void watching?.then((one) => one[Symbol.dispose]())
      watching = undefined
    }
    try {
      await watching
      return { response: await handler.fetch(request, { parsedBody: body }), onOver: over }
    } catch (error) {
      over()
      throw error
    }
  }

  return {
    serve: ({ request, body }: Pick<DoorCall, 'request' | 'body'>) => {
      const { method } = Object(body) as { method?: unknown }
      if (method === 'subscriptions/listen') {
        return exchanges.give('stream', () => listen(request, body))
      }
      const kind = request.method === 'GET' ? 'stream' : 'call'
      return exchanges.give(kind, () => answer(request, body))
    },
    isUnused: () => exchanges.count === 0 && sessions.count === 0,
    tidy: sessions.tidy,
    end: async (code: ErrorCode) => {
      control.abort(new RelayError(code))
      await exchanges.callsAnswered(LAST_WORD_MS)
      updates[Symbol.dispose]()
      follower[Symbol.dispose]()
      await Promise.all([sessions.end(), handler.close()])
      exchanges.cut()
    },
  }
}

export const createHttpDoor = ({ nowMs }: { nowMs: () => number }): HttpDoor => {
  const seats = new Map<DeviceId, ReturnType<typeof openSeat>>()
  let closed: ErrorCode | undefined

  const dismiss = async (deviceId: DeviceId, code: ErrorCode) => {
    const seat = seats.get(deviceId)
    seats.delete(deviceId)
    await seat?.end(code)
  }

  const tidying = setInterval(() => {
    for (const [deviceId, seat] of seats) {
      seat.tidy()
      if (seat.isUnused()) void dismiss(deviceId, 'relay_not_running')
    }
  }, TIDY_MS).unref()

  return {
    serve: async ({ deviceId, calls, ...call }) => {
      if (closed !== undefined) throw new RelayError(closed)
      const seat = seats.get(deviceId) ?? openSeat(calls, nowMs)
      seats.set(deviceId, seat)
      return seat.serve(call)
    },
    dismiss,
    close: async (code) => {
      closed = code
      clearInterval(tidying)
      await Promise.all([...seats.keys()].map((deviceId) => dismiss(deviceId, code)))
    },
  }
}
