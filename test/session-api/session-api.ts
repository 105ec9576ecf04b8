import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { realServerTime, type VirtualTime } from '../support/virtual-time.ts'
import { createApiSession } from './api-session.ts'
import { createExchange, readBody, recordOf } from './exchange.ts'
import { createFaults } from './faults.ts'
import { createLogin } from './login.ts'
import { createRouter } from './router.ts'
import { idSuffix, suffixOf } from './session-ids.ts'
import { attachSubscribeSocket, type SocketHabits } from './subscribe-socket.ts'
import type {
  ApiSession,
  Families,
  OpenStreams,
  RecordedRequest,
  SessionApi,
  SessionApiOptions,
} from './types.ts'
import type { AccountNotice, World } from './world.ts'

const isVirtual = (time: object): time is VirtualTime => 'busy' in time

const usualEnvironments = () => [
  {
    environment_id: 'env_01cloud',
    kind: 'anthropic_cloud',
    name: 'Default',
    state: 'active',
    created_at: '2026-08-01T08:00:00.000000Z',
    config: {},
    bridge_info: null,
  },
  {
    environment_id: 'env_01server',
    kind: 'bridge',
    name: 'desk',
    state: 'active',
    created_at: '2026-08-02T08:00:00.000000Z',
    config: {},
    bridge_info: {
      max_sessions: 4,
      machine_name: 'desk',
      directory: '/home/ada/shop-api',
      branch: 'main',
      git_repo_url: null,
      online: true,
      spawn_mode: 'same-dir',
    },
  },
]

/** Starts the server on loopback; disposing of it ends every connection. */
export const startSessionApi = async (options: SessionApiOptions = {}): Promise<SessionApi> => {
  const time = options.time ?? realServerTime
  const faults = createFaults()
  const login = createLogin(time, options.organizationId)
  const requests: RecordedRequest[] = []
  const streams: OpenStreams = { events: 0, watch: 0, worker: 0, socket: 0 }
  const families: Families = { code: true, codeStream: true, watch: true, v1: true, socket: true }
  const sessions = new Map<string, ApiSession>()
  const accountListeners = new Set<(notice: AccountNotice) => void>()
  const createdListeners = new Set<(session: ApiSession) => void>()
  let count = 0
  let underWay = 0
  let url = ''

  const tellAccount = (notice: AccountNotice) => {
    for (const listener of [...accountListeners]) listener(notice)
  }
  const world: World = {
    time,
    faults,
    families,
    login,
    sessions,
    streams,
    environments: usualEnvironments(),
    replayLimit: options.replayLimit ?? Number.POSITIVE_INFINITY,
    wrapping: 'response_shape',
    url: () => url,
    created: (session) => {
      for (const listener of [...createdListeners]) listener(session)
    },
    find: (id) => sessions.get(idSuffix(id ?? '')),
    add: (adding) => {
      count += 1
      const suffix = suffixOf(count)
      const session = createApiSession(
        {
          time,
          suffix,
          accountId: login.accountId,
          onRowChanged: (changed) => tellAccount({ kind: 'changed', session: changed }),
          isDeliverySilent: ({ id }) => faults.takeForSilence({ method: 'DELIVERY', path: id }),
        },
        adding,
      )
      sessions.set(suffix, session)
      tellAccount({ kind: 'added', session })
      return session
    },
    remove: (id) => {
      const session = world.find(id)
      if (!session) return
      sessions.delete(idSuffix(id))
      session.cutStreams(4001)
      tellAccount({ kind: 'removed', id: session.id })
    },
    onAccountNotice: (listener) => {
      accountListeners.add(listener)
      return { [Symbol.dispose]: () => void accountListeners.delete(listener) }
    },
  }
  const route = createRouter(world)

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const record = recordOf(request, time.nowMs())
    requests.push(record)
    const gone = new AbortController()
    let isUnderWay = false
    const setUnderWay = (now: boolean) => {
      if (now !== isUnderWay) underWay += now ? 1 : -1
      isUnderWay = now
      time.stirred()
    }
    setUnderWay(true)
    response.once('close', () => {
      setUnderWay(false)
      gone.abort()
    })
    const bodyText = await readBody(request)
    if (bodyText) {
      try {
        record.body = JSON.parse(bodyText)
      } catch {
        record.body = bodyText
      }
    }
    const struck = faults.takeForRequest(record)
    for (const fault of struck) {
      if (fault.kind !== 'slow') continue
      setUnderWay(false)
      await time.wait(fault.ms, gone.signal)
      setUnderWay(!gone.signal.aborted)
    }
    const exchange = createExchange({
      request,
      response,
      record,
      bodyText,
      faults: struck,
      gone: gone.signal,
      onStream: () => setUnderWay(false),
    })
    const answer = struck.find((fault) => fault.kind === 'answer')
    if (struck.some(({ kind }) => kind === 'refuse')) request.socket.destroy()
    else if (answer?.text !== undefined) exchange.text(answer.status, answer.text, answer.headers)
    else if (answer) exchange.fail({ ...answer, body: { ...(answer.body as object) } })
    else await route(exchange)
  }

  const server = createServer((request, response) => {
    // The server’s clock is the test’s: a client tells from it how far off its own is.
    response.sendDate = false
    response.setHeader('date', new Date(time.nowMs()).toUTCString())
    serve(request, response).catch(() => request.socket.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const socket: SocketHabits = { framing: 'lines', asksInitialize: false }
  const sockets = attachSubscribeSocket(world, server, socket, requests)
  const busy = isVirtual(time) ? time.busy(() => underWay > 0) : undefined

  return {
    url,
    time,
    get accessToken() {
      return login.accessToken
    },
    get refreshToken() {
      return login.refreshToken
    },
    organizationId: login.organizationId,
    accountId: login.accountId,
    requests,
    openStreams: streams,
    get sessions() {
      return [...sessions.values()]
    },
    environments: world.environments,
    families,
    socket,
    get wrapping() {
      return world.wrapping
    },
    set wrapping(wrapping) {
      world.wrapping = wrapping
    },
    faults,
    onCreated: (listener) => {
      createdListeners.add(listener)
      return { [Symbol.dispose]: () => void createdListeners.delete(listener) }
    },
    requestsTo: (path, method) =>
      requests.filter((one) => path.test(one.path) && (!method || one.method === method)),
    rotateToken: login.rotate,
    writeLogin: login.write,
    addSession: world.add,
    session: (id) => {
      const session = world.find(id)
      if (!session) throw new Error(`The server has no session ${id}`)
      return session
    },
    removeSession: world.remove,
    [Symbol.asyncDispose]: async () => {
      busy?.[Symbol.dispose]()
      sockets[Symbol.dispose]()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}
