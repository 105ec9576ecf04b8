import { apiErrors } from './error-answers.ts'
import { serveEventStream } from './event-stream.ts'
import type { Exchange, Route } from './exchange.ts'
import type { ApiSession, Fields, LogEntry } from './types.ts'
import { platformOf, type World } from './world.ts'

const defaultLimit = 50
const largestLimit = 500

const numberIn = (exchange: Exchange, name: string): number | undefined => {
  const text = exchange.url.searchParams.get(name)
  return text === null || text === '' ? undefined : Number(text)
}

/** One page of a session's history, from either end. */
const servePage = (exchange: Exchange, session: ApiSession) => {
  const limit = numberIn(exchange, 'limit') ?? defaultLimit
  const cursor = numberIn(exchange, 'cursor')
  const order = exchange.url.searchParams.get('sort_order') ?? 'desc'
  if (!Number.isInteger(limit) || limit < 1 || limit > largestLimit)
    return exchange.fail(apiErrors.badRequest(`limit: must be between 1 and ${largestLimit}`))
  if (order !== 'asc' && order !== 'desc')
    return exchange.fail(apiErrors.badRequest('sort_order: must be asc or desc'))
  if (cursor !== undefined && !Number.isInteger(cursor))
    return exchange.fail(apiErrors.badRequest('cursor: is not a sequence number'))
  const { log } = session
  let page: LogEntry[]
  let hasMore: boolean
  if (order === 'asc') {
    const start = Math.max(0, cursor ?? 0)
    page = log.slice(start, start + limit)
    hasMore = start + limit < log.length
  } else {
    const end = Math.min(log.length, (cursor ?? log.length + 1) - 1)
    page = log.slice(Math.max(0, end - limit), Math.max(0, end)).reverse()
    hasMore = end - limit > 0
  }
  const last = page.at(-1)?.sequence
  exchange.json(200, {
    data: page.map(({ row }) => row),
    ...(hasMore && last !== undefined && { next_cursor: String(last) }),
    resume_cursor: String(last ?? cursor ?? 0),
  })
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The payloads of a write, or why it is malformed. */
const postedPayloads = (events: unknown): Fields[] | string => {
  if (!Array.isArray(events) || events.length === 0) return 'events: at least one is required'
  const payloads: Fields[] = []
  for (const event of events) {
    const payload = isFields(event) ? event.payload : undefined
    if (!isFields(payload) || typeof payload.type !== 'string')
      return 'events.0.payload.type: Field required'
    payloads.push(payload)
  }
  return payloads
}

const serveWrite = (exchange: Exchange, session: ApiSession) => {
  const payloads = postedPayloads(exchange.body.events)
  if (typeof payloads === 'string') return exchange.fail(apiErrors.badRequest(payloads))
  if (session.row.status === 'archived')
    return exchange.fail(
      apiErrors.conflict(`Session ${session.id} is archived and not active`, {
        'x-ccr-conflict-reason': 'session_not_active',
      }),
    )
  const platform = platformOf(exchange)
  const results = payloads.map((payload) => {
    const { eventId, sequence, duplicate } = session.receive(payload, { family: 'code', platform })
    return { event_id: eventId, sequence_num: String(sequence), duplicate }
  })
  exchange.json(200, { results })
}

export const codeEventRoutes = (world: World): Route[] => {
  const withSession =
    (handle: (exchange: Exchange, session: ApiSession) => void) => (exchange: Exchange) => {
      const session = world.find(exchange.params[0])
      if (session) handle(exchange, session)
      else exchange.fail(apiErrors.notFound('Session not found'))
    }
  const events = '/v1/code/sessions/:id/events'
  return [
    { method: 'GET', path: events, handle: withSession(servePage) },
    { method: 'POST', path: events, handle: withSession(serveWrite) },
    {
      method: 'GET',
      path: `${events}/stream`,
      handle: withSession((exchange, session) => serveEventStream(world, exchange, session)),
    },
  ]
}
