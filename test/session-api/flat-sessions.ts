import { randomUUID } from 'node:crypto'
import { apiErrors } from './error-answers.ts'
import type { Exchange, Route } from './exchange.ts'
import { openSse } from './sse-writer.ts'
import { fieldsIn } from './tool-answers.ts'
import type { ApiSession, Fields, LogEntry } from './types.ts'
import { platformOf, type World } from './world.ts'

const largestPage = 1000

/** An event as the older family shows it: without an envelope. */
export const flatEvent = (session: ApiSession, { event, row }: LogEntry): unknown =>
  event
    ? {
        ...event.payload,
        uuid: event.event_id,
        session_id: session.rowId,
        created_at: event.created_at,
      }
    : row

const flatStatus = ({ row }: ApiSession): string =>
  row.status === 'archived' ? 'archived' : row.worker_status

const flatRow = (session: ApiSession): Fields => {
  const { row } = session
  return {
    id: session.rowId,
    type: 'internal_session',
    session_status: flatStatus(session),
    connection_status: row.connection_status,
    title: row.title,
    created_at: row.created_at,
    updated_at: row.updated_at,
    environment_id: row.environment_id,
    tags: row.tags,
    active_mount_paths: [],
    metadata: {},
    external_metadata: row.external_metadata,
    session_context: {
      cwd: row.config.cwd ?? '',
      model: row.config.model ?? null,
      sources: [],
      outcomes: [],
    },
  }
}

/** A page before or after an id; both ways oldest first. */
const pageOf = <T>(
  all: readonly T[],
  idOf: (one: T) => string,
  exchange: Exchange,
  limit: number,
): { page: T[]; hasMore: boolean } | undefined => {
  const after = exchange.url.searchParams.get('after_id')
  const before = exchange.url.searchParams.get('before_id')
  const at = (id: string) => all.findIndex((one) => idOf(one) === id)
  if ((after && at(after) < 0) || (before && at(before) < 0)) return undefined
  if (before) {
    // Seen: the page before an event ends with that event.
    const end = at(before) + 1
    return { page: all.slice(Math.max(0, end - limit), end), hasMore: end > limit }
  }
  const start = after ? at(after) + 1 : 0
  return { page: all.slice(start, start + limit), hasMore: start + limit < all.length }
}

const servePage = <T>(
  exchange: Exchange,
  all: readonly T[],
  idOf: (one: T) => string,
  show: (one: T) => unknown,
) => {
  const limit = Number(exchange.url.searchParams.get('limit') ?? 100)
  if (!Number.isInteger(limit) || limit < 1 || limit > largestPage)
    return exchange.fail(apiErrors.badRequest(`limit: must be between 1 and ${largestPage}`))
  const found = pageOf(all, idOf, exchange, limit)
  if (!found) return exchange.fail(apiErrors.badRequest('Unknown cursor'))
  const ids = found.page.map(idOf)
  exchange.json(200, {
    data: found.page.map(show),
    has_more: found.hasMore,
    first_id: ids[0] ?? null,
    last_id: ids.at(-1) ?? null,
  })
}

const entryId = ({ event, sequence }: LogEntry): string => event?.event_id ?? `raw-${sequence}`

/** The payload of a posted flat event, with the uuid that its row will have. */
const flatPayload = (event: unknown): Fields | undefined => {
  const fields = fieldsIn(event)
  const payload = fields?.type === 'event' ? fieldsIn(fields.data) : fields
  return typeof payload?.type === 'string' ? { uuid: randomUUID(), ...payload } : undefined
}

const serveWrite = (exchange: Exchange, session: ApiSession) => {
  const given = Array.isArray(exchange.body.events) ? exchange.body.events : []
  const payloads = given.map(flatPayload).filter((payload) => payload !== undefined)
  if (payloads.length === 0 || payloads.length < given.length)
    return exchange.fail(apiErrors.badRequest('events: Field required'))
  if (session.row.status === 'archived')
    return exchange.fail(apiErrors.conflict('Session is archived and not active'))
  for (const payload of payloads)
    session.receive(payload, { family: 'v1', platform: platformOf(exchange) })
  exchange.json(200, {})
}

const servePatch = (exchange: Exchange, session: ApiSession) => {
  if (session.row.status === 'archived')
    return exchange.fail(apiErrors.conflict('Session is archived'))
  const { title, session_status: status } = exchange.body
  if (typeof title === 'string') session.set({ title })
  if (status === 'archived') session.archive()
  exchange.json(200, flatRow(session))
}

const serveWatch = (world: World, exchange: Exchange) => {
  const writer = openSse(exchange, world.time)
  const listening = world.onAccountNotice((notice) => {
    if (notice.kind === 'removed') return
    writer.frame({ event: 'session_updated', data: JSON.stringify(flatRow(notice.session)) })
  })
  writer.onClose(() => listening[Symbol.dispose]())
}

/** The older family, and the read-only one beside it. */
export const flatSessionRoutes = (world: World): Route[] => {
  const withSession =
    (handle: (exchange: Exchange, session: ApiSession) => void) => (exchange: Exchange) => {
      const session = world.find(exchange.params[0])
      if (session) handle(exchange, session)
      else exchange.fail(apiErrors.notFound('Session not found'))
    }
  const list = (exchange: Exchange) => {
    const newestFirst = [...world.sessions.values()].sort(
      (a, b) => b.row.created_at.localeCompare(a.row.created_at) || b.id.localeCompare(a.id),
    )
    servePage(exchange, newestFirst, ({ rowId }) => rowId, flatRow)
  }
  const events = withSession((exchange, session) =>
    servePage(exchange, session.log, entryId, (entry) => flatEvent(session, entry)),
  )
  const get = withSession((exchange, session) => exchange.json(200, flatRow(session)))
  const change = (run: (session: ApiSession) => void, already: string) =>
    withSession((exchange, session) => {
      if (session.row.status === already)
        return exchange.fail(apiErrors.conflict(`Session is already ${already}`))
      run(session)
      exchange.json(200, flatRow(session))
    })
  const one = '/v1/sessions/:id'
  return [
    { method: 'GET', path: '/v1/sessions', handle: list },
    { method: 'GET', path: '/v1/sessions/watch', handle: (x) => serveWatch(world, x) },
    { method: 'GET', path: one, handle: get },
    { method: 'PATCH', path: one, handle: withSession(servePatch) },
    {
      method: 'POST',
      path: `${one}/archive`,
      handle: change((session) => session.archive(), 'archived'),
    },
    {
      method: 'POST',
      path: `${one}/unarchive`,
      handle: change((session) => session.unarchive(), 'active'),
    },
    { method: 'GET', path: `${one}/events`, handle: events },
    { method: 'POST', path: `${one}/events`, handle: withSession(serveWrite) },
    { method: 'GET', path: '/v2/ccr-sessions', handle: list },
    { method: 'GET', path: '/v2/ccr-sessions/:id', handle: get },
    { method: 'GET', path: '/v2/ccr-sessions/:id/events', handle: events },
  ]
}
