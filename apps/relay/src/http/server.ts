import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { RelayError, toErrorBody } from '@bellhop/core'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import type { App } from './app.ts'

/** How long answers under way may take to end once the relay closes. */
const DRAIN_MS = 5_000

/** Lines open at once; one more is closed unanswered. Each phone needs a handful. [I6] */
const CONNECTIONS_MAX = 1_000

/** A server that answers. */
export type Listening = {
  /** Where it answers on this machine, such as `http://127.0.0.1:8787`. */
  readonly url: string
  readonly port: number
  /** Takes nothing new, says `bye` on every stream, and resolves when all is quiet. */
  close(): Promise<void>
}

const readable = (host: string) => {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

const listenError = (cause: NodeJS.ErrnoException, host: string, port: number) => {
  if (cause.code === 'EADDRINUSE') return new RelayError('port_taken', { port }, cause)
  return new RelayError('config_invalid', { host, port }, cause)
}

/** For a call that comes over a line that was open already. */
const goneAway = (): Response => {
  const refusal = new RelayError('relay_not_running')
  return Response.json(toErrorBody(refusal), { status: 503, headers: { connection: 'close' } })
}

/**
 * Lines that have not asked for anything yet. Browsers open them in advance, and Node counts them
 * neither as idle nor as busy.
 */
const watchUnused = (server: Server): ReadonlySet<Socket> => {
  const unused = new Set<Socket>()
  server.on('connection', (line: Socket) => {
    unused.add(line)
    line.once('close', () => unused.delete(line))
  })
  server.prependListener('request', (request) => unused.delete(request.socket))
  return unused
}

const drain = async (parts: {
  server: Server
  app: App
  unused: ReadonlySet<Socket>
  limitMs: number
}): Promise<void> => {
  const { server, app, unused, limitMs } = parts
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  app.endStreams('relay_not_running')
  for (const line of unused) line.destroy()
  // A kept-alive line becomes idle only once its last answer is out, so this asks again.
  const idle = setInterval(() => server.closeIdleConnections(), 20)
  const limit = setTimeout(() => server.closeAllConnections(), limitMs)
  await closed
  clearInterval(idle)
  clearTimeout(limit)
}

/** Starts to answer. Throws `port_taken`, or `config_invalid` for an address that is not this machine’s. */
export const listen = async (parts: {
  app: App
  host: string
  port: number
  drainMs?: number
}): Promise<Listening> => {
  const { app, host } = parts
  let closing: Promise<void> | undefined
  const server = createAdaptorServer({
    fetch: (request, env) =>
      closing
        ? goneAway()
        : app.fetch(request, { peer: (env as HttpBindings).incoming.socket.remoteAddress }),
    serverOptions: {
      requestTimeout: 30_000,
      headersTimeout: 15_000,
      // Longer than the proxies in front keep theirs, so that none meets a line just closed.
      keepAliveTimeout: 75_000,
      noDelay: true,
    },
  }) as Server

  const unused = watchUnused(server)

  server.maxConnections = CONNECTIONS_MAX

  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(listenError(cause, host, parts.port)))
    server.listen(parts.port, host, resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    url: `http://${readable(host)}:${port}`,
    port,
    close: () => {
      closing ??= drain({ server, app, unused, limitMs: parts.drainMs ?? DRAIN_MS })
      return closing
    },
  }
}
