import { accountRoutes, tokenRoutes } from './account-routes.ts'
import { codeEventRoutes } from './code-events.ts'
import { codeSessionRoutes } from './code-sessions.ts'
import { apiErrors } from './error-answers.ts'
import type { Exchange, Handler, Route } from './exchange.ts'
import { flatSessionRoutes } from './flat-sessions.ts'
import { watchRoutes } from './watch-stream.ts'
import { workerRoutes } from './worker-routes.ts'
import type { World } from './world.ts'

interface Compiled {
  method: string
  pattern: RegExp
  handle: Handler
}

const compiled = ({ method, path, handle }: Route): Compiled => ({
  method,
  handle,
  pattern: new RegExp(`^${path.replaceAll(/:[a-z]+/g, '([^/]+)')}/?$`),
})

/** Why a request is turned away before its path is even looked at. */
const refusalOf = (world: World, exchange: Exchange) => {
  const { families, login } = world
  const { pathname } = exchange.url
  if (pathname.startsWith('/v1/code/') && !families.code) return apiErrors.notFound()
  if (/^\/v1\/sessions/.test(pathname) && !families.v1) return apiErrors.notFound()
  if (/^\/v[12]\//.test(pathname) && exchange.header('anthropic-version') === undefined)
    return apiErrors.versionMissing
  // Seen: an empty write is malformed before anybody asks who wrote it.
  if (exchange.method === 'POST' && pathname.endsWith('/events') && exchange.bodyText === '')
    return apiErrors.badRequest('events: Field required')
  return login.refusal(exchange.header('authorization'))
}

/** Finds who answers a request, after the version and the login have been looked at. */
export const createRouter = (world: World): ((exchange: Exchange) => Promise<void>) => {
  const worker = workerRoutes(world)
  // A worker shows a token of its own; whoever renews a login has none that counts.
  const open = [...worker.open, ...tokenRoutes(world)].map(compiled)
  const closed = [
    ...watchRoutes(world),
    ...codeSessionRoutes(world),
    ...codeEventRoutes(world),
    ...worker.closed,
    ...flatSessionRoutes(world),
    ...accountRoutes(world),
  ].map(compiled)
  const find = (routes: readonly Compiled[], { method, url }: Exchange) => {
    for (const route of routes) {
      const match = route.method === method ? route.pattern.exec(url.pathname) : null
      if (match) return { handle: route.handle, params: match.slice(1).map(decodeURIComponent) }
    }
    return undefined
  }
  return async (exchange) => {
    const own = find(open, exchange)
    if (own) return own.handle({ ...exchange, params: own.params })
    const refusal = refusalOf(world, exchange)
    if (refusal) return exchange.fail(refusal)
    const found = find(closed, exchange)
    if (found) return found.handle({ ...exchange, params: found.params })
    return exchange.fail(apiErrors.notFound())
  }
}
