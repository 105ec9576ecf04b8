import { type ErrorCode, maskSecrets, RelayError } from '@bellhop/core'
import { Hono, type MiddlewareHandler } from 'hono'
import { DOOR_PATH, mountAgentDoor } from './agent-door.ts'
import type { AppParts } from './app-parts.ts'
import { type HttpEnv, mountEndpoints } from './endpoint.ts'
import { createHandlers } from './handlers.ts'
import { createInProcessCalls } from './in-process-calls.ts'
import { createDoorFailures, createLimits } from './limits.ts'
import { createOpenStreams } from './open-streams.ts'
import { createOrigins, type Origins } from './origins.ts'
import { helpPage, notBuiltPage, nothingHerePage } from './plain-page.ts'
import { createPwaAssets } from './pwa-assets.ts'
import { respondError } from './respond-error.ts'
import { setSecurityHeaders } from './security-headers.ts'

/** The relay as one function from request to answer. */
export type App = {
  fetch(request: Request, env: HttpEnv['Bindings']): Response | Promise<Response>
  /** Ends every open stream with `bye` and this code, and every one that opens later. */
  endStreams(code: ErrorCode): void
}

const isApi = (path: string) => path === '/healthz' || path === DOOR_PATH || path.startsWith('/v1/')
const isRead = (method: string) => method === 'GET' || method === 'HEAD'

/** Refuses hosts the relay was not told of, before anything else is looked at. [HT-1] */
const hostGuard =
  (origins: Origins): MiddlewareHandler<HttpEnv> =>
  async (context, next) => {
    const host = context.req.header('host') ?? ''
    const kind = origins.hostKind(host)
    if (kind === 'known') return next()
    if (kind === 'lan' && isRead(context.req.method) && !isApi(context.req.path)) return helpPage()
    throw new RelayError('host_refused', { host: host.slice(0, 100) })
  }

/**
 * Refuses what another site’s page sends, and at the door for agents what it asks. Without an
 * `Origin` it is no page, and has to show who it is anyway. [HT-2] [MC-9]
 */
const originGuard =
  (origins: Origins): MiddlewareHandler<HttpEnv> =>
  async (context, next) => {
    if (isRead(context.req.method) && context.req.path !== DOOR_PATH) return next()
    const origin = context.req.header('origin')
    const own = origins.of(context.req.header('host') ?? '')
    const site = context.req.header('sec-fetch-site') ?? 'none'
    if (origin !== undefined && !own.includes(origin)) throw new RelayError('origin_refused')
    if (site !== 'none' && site !== 'same-origin') throw new RelayError('origin_refused')
    return next()
  }

/** Joins the edge: log, headers, guards, endpoints, and the app’s files for everything else. */
export const createApp = (parts: AppParts): App => {
  const { clock, nonces } = parts
  const logger = parts.logger.part('http')
  const origins = createOrigins(parts.publicOrigins)
  const streams = createOpenStreams(parts.devices)
  const assets = createPwaAssets(parts.appDir, clock)
  const app = new Hono<HttpEnv>()

  app.onError((error, context) => {
    const { method, path } = context.req
    return respondError(error, { method, path }, logger)
  })

  app.use(async (context, next) => {
    const startedMs = performance.now()
    const { method, path } = context.req
    await next()
    setSecurityHeaders(context.res.headers, {
      https: origins.isHttps(context.req.header('host') ?? ''),
    })
    if (!isApi(path)) return
    if (path !== DOOR_PATH) context.res.headers.set('dpop-nonce', await nonces.current())
    if (path === '/healthz') return
    logger.info('call', {
      method,
      // What does not belong into an address is sometimes put there.
      path: maskSecrets(path.slice(0, 100)),
      status: context.res.status,
      ms: Math.round(performance.now() - startedMs),
      deviceId: context.get('deviceId'),
    })
  })
  app.use(hostGuard(origins))
  app.use(originGuard(origins))

  const handlers = createHandlers(parts, streams, logger)
  mountEndpoints(app, handlers, {
    authenticate: parts.authenticate,
    origins,
    limits: createLimits(clock, parts.limits),
    checkAnswers: parts.checkAnswers,
  })

  const { feed, devices, agentTokens, checkAnswers } = parts
  const door = mountAgentDoor(app, {
    agentTokens,
    devices,
    callsFor: createInProcessCalls({ handlers, feed, streams, devices, checkAnswers, logger }),
    load: parts.agentDoor,
    failures: createDoorFailures(clock),
    logger,
  })

  app.all('*', async (context) => {
    const { method, path } = context.req
    if (isApi(path) || !isRead(method)) throw new RelayError('not_found')
    const asset = await assets.respond(path, context.req.raw.headers)
    if (asset) return asset
    return path === '/' && !(await assets.isBuilt()) ? notBuiltPage() : nothingHerePage()
  })

  return {
    fetch: (request, env) => app.fetch(request, env),
    endStreams: (code) => {
      streams.endAll(code)
      door.close(code)
    },
  }
}
