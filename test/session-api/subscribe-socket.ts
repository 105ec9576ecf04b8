import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { recordOf, requestId } from './exchange.ts'
import { flatEvent } from './flat-sessions.ts'
import { fieldsIn } from './tool-answers.ts'
import type { ApiSession, Fields, Notice, RecordedRequest } from './types.ts'
import type { World } from './world.ts'

/** How the socket behaves, where those who saw it differ. */
export interface SocketHabits {
  /** Several objects in one frame, a line each, or one object in each frame. */
  framing: 'lines' | 'objects'
  /** Whether the server asks for `initialize` and drops who does not answer. */
  asksInitialize: boolean
}

const answerWithinMs = 8_000
const path = /^\/v1\/sessions\/ws\/([^/?]+)\/subscribe/

const refuse = (socket: Duplex, status: number, words: string) =>
  socket.end(
    `HTTP/1.1 ${status} ${words}\r\nrequest-id: ${requestId()}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
  )

/** Why an upgrade is turned away; 401 also for sessions the server no longer knows. */
const refusalOf = (world: World, request: IncomingMessage, session: ApiSession | undefined) => {
  if (!world.families.socket) return { status: 404, words: 'Not Found' }
  const { authorization } = request.headers
  // Browsers cannot send headers here: they say who they are in their first frame.
  if (authorization && request.headers['anthropic-version'] === undefined)
    return { status: 400, words: 'Bad Request' }
  if (!session || (authorization && world.login.refusal(authorization)))
    return { status: 401, words: 'Unauthorized' }
  // A session in the cloud is not to be had this way.
  if (session.row.environment_kind !== 'bridge') return { status: 403, words: 'Forbidden' }
  return undefined
}

const serveSocket = (
  world: World,
  habits: SocketHabits,
  session: ApiSession,
  socket: WebSocket,
  asked: { replay: boolean; platform: string | undefined; isKnown: boolean },
) => {
  const { time, streams } = world
  let waiting: Disposable | undefined
  const send = (...values: unknown[]) => {
    if (habits.framing === 'lines')
      socket.send(values.map((value) => `${JSON.stringify(value)}\n`).join(''))
    else for (const value of values) socket.send(JSON.stringify(value))
    time.stirred()
  }
  const show = (notice: Notice) => {
    if (notice.kind === 'event') {
      const entry = session.log[notice.sequence - 1]
      if (entry) send(flatEvent(session, entry))
    }
    if (notice.kind === 'bytes') socket.send(notice.text)
    if (notice.kind !== 'end') return
    if (notice.closeCode === 1006) socket.terminate()
    else socket.close(notice.closeCode)
  }
  let listening: Disposable | undefined
  const begin = () => {
    if (asked.replay && session.log.length > 0)
      send(...session.log.map((entry) => flatEvent(session, entry)))
    listening = session.onNotice(show)
    if (!habits.asksInitialize) return
    const initialize = { subtype: 'initialize', hooks: {} }
    send({ type: 'control_request', request_id: 'initialize-1', request: initialize })
    waiting = time.after(answerWithinMs, () => socket.terminate())
  }
  /** The first frame of those who could not send a header. */
  const introduce = (payload: Fields | undefined) => {
    const token = fieldsIn(payload?.credential)?.token
    if (payload?.type === 'auth' && !world.login.refusal(`Bearer ${token}`)) begin()
    else socket.close(4003)
  }
  streams.socket += 1
  if (asked.isKnown) begin()
  socket.on('message', (data) => {
    time.stirred()
    for (const line of String(data).split('\n').filter(Boolean)) {
      let payload: Fields | undefined
      try {
        payload = fieldsIn(JSON.parse(line))
      } catch {
        payload = undefined
      }
      if (!listening) {
        introduce(payload)
        continue
      }
      if (typeof payload?.type !== 'string' || payload.type === 'keep_alive') continue
      const isGreeting = fieldsIn(payload.response)?.request_id === 'initialize-1'
      if (isGreeting) waiting?.[Symbol.dispose]()
      else session.receive(payload, { family: 'socket', platform: asked.platform })
    }
  })
  socket.on('close', () => {
    streams.socket -= 1
    waiting?.[Symbol.dispose]()
    listening?.[Symbol.dispose]()
    time.stirred()
  })
  socket.on('error', () => {})
}

/** Takes the server's upgrades to `/v1/sessions/ws/{id}/subscribe`. */
export const attachSubscribeSocket = (
  world: World,
  server: Server,
  habits: SocketHabits,
  requests: RecordedRequest[],
): Disposable => {
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    const record = recordOf(request, world.time.nowMs())
    requests.push(record)
    socket.on('error', () => {})
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const session = world.find(path.exec(url.pathname)?.[1])
    const struck = world.faults.takeForRequest(record)
    const answer = struck.find((fault) => fault.kind === 'answer')
    const refusal = answer
      ? { status: answer.status, words: 'Refused' }
      : refusalOf(world, request, session)
    if (struck.some(({ kind }) => kind === 'refuse')) socket.destroy()
    else if (refusal || !session) {
      record.status = refusal?.status
      refuse(socket, refusal?.status ?? 404, refusal?.words ?? 'Not Found')
    } else {
      record.status = 101
      sockets.handleUpgrade(request, socket, head, (one) =>
        serveSocket(world, habits, session, one, {
          replay: url.searchParams.get('replay') === 'true',
          platform: record.headers['anthropic-client-platform'],
          isKnown: record.headers.authorization !== undefined,
        }),
      )
    }
    world.time.stirred()
  })
  return {
    [Symbol.dispose]: () => {
      for (const one of sockets.clients) one.terminate()
      sockets.close()
    },
  }
}
