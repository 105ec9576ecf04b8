import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { RelayError } from '@bellhop/core'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import type { App } from './app.ts'

/** How long answers under way may take to end once the relay closes. */
const DRAIN_MS = 5_000

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
  return new RelayError('config_invalid', { why: `cannot listen on ${host}:${port}` }, cause)
}

/** Starts to answer. Throws `port_taken`, or `config_invalid` for an address that is not this machine’s. */
export const listen = async (parts: {
  app: App
  host: string
  port: number
  drainMs?: number
}): Promise<Listening> => {
  const { app, host } = parts
  const server = createAdaptorServer({
    fetch: (request, env) =>
      app.fetch(request, { peer: (env as HttpBindings).incoming.socket.remoteAddress }),
    serverOptions: {
      requestTimeout: 30_000,
      headersTimeout: 15_000,
      // Longer than the proxies in front keep theirs, so that none meets a line just closed.
      keepAliveTimeout: 75_000,
      noDelay: true,
    },
  }) as Server

  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(listenError(cause, host, parts.port)))
    server.listen(parts.port, host, resolve)
  })
  const { port } = server.address() as AddressInfo

  return {
    url: `http://${readable(host)}:${port}`,
    port,
    close: () =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), parts.drainMs ?? DRAIN_MS)
        server.close(() => {
          clearTimeout(timer)
          resolve()
        })
        app.endStreams('relay_not_running')
        server.closeIdleConnections()
      }),
  }
}
