import { apiErrors } from './error-answers.ts'
import type { Exchange, Route } from './exchange.ts'
import { listTokenAt } from './resume-token.ts'
import { apiTime } from './session-ids.ts'
import type { ApiSession, Fields, SessionRow } from './types.ts'
import { platformOf, type World } from './world.ts'

const defaultLimit = 20
const largestLimit = 200
const presenceEveryS = 20

const byNewestEvent = (a: ApiSession, b: ApiSession): number =>
  b.row.last_event_at.localeCompare(a.row.last_event_at) || b.id.localeCompare(a.id)

const encode = (text: string) => Buffer.from(text).toString('base64')
const decode = (text: string) => Buffer.from(text, 'base64').toString('utf8')

/** A row as it is answered: as it is, unless a fault makes it stale. */
const shownRow = (world: World, exchange: Exchange, session: ApiSession): SessionRow =>
  Object.assign(
    { ...session.row },
    ...world.faults
      .takeForRow({ method: exchange.method, path: `${exchange.path} ${session.id}` })
      .map(({ fields }) => fields),
  )

const serveList = (world: World, exchange: Exchange) => {
  const query = exchange.url.searchParams
  const limit = Number(query.get('limit') ?? defaultLimit)
  if (!Number.isInteger(limit) || limit < 1 || limit > largestLimit)
    return exchange.fail(apiErrors.badRequest(`limit: must be between 1 and ${largestLimit}`))
  const statuses = query.getAll('statuses')
  const tags = query.getAll('tags')
  const excluded = query.getAll('exclude_tags')
  const cursor = query.get('cursor')
  const fitting = [...world.sessions.values()]
    .filter(({ row }) => statuses.length === 0 || statuses.includes(row.status))
    .filter(({ row }) => tags.every((tag) => row.tags.includes(tag)))
    .filter(({ row }) => !excluded.some((tag) => row.tags.includes(tag)))
    .sort(byNewestEvent)
  const [at, id] = cursor ? decode(cursor).split('|') : []
  const left = fitting.filter(
    ({ row, id: own }) =>
      at === undefined ||
      row.last_event_at < at ||
      (row.last_event_at === at && own.localeCompare(id ?? '') < 0),
  )
  const page = left.slice(0, limit)
  const last = page.at(-1)
  exchange.json(200, {
    data: page.map((session) => shownRow(world, exchange, session)),
    ...(last &&
      left.length > limit && { next_cursor: encode(`${last.row.last_event_at}|${last.id}`) }),
    resume_token: listTokenAt(world.time.nowMs()),
  })
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Makes a session, or finds the one that the same first message made before. */
const serveCreate = (world: World, exchange: Exchange) => {
  const { title, environment_id: environmentId, bridge, config, events } = exchange.body
  if (typeof environmentId !== 'string' && !isFields(bridge))
    return exchange.fail(apiErrors.badRequest('environment_id or bridge: Field required'))
  const payloads = (Array.isArray(events) ? events : [])
    .map((event: unknown) => (isFields(event) ? event.payload : undefined))
    .filter(isFields)
  const answer = (session: ApiSession, deduplicated: boolean) =>
    exchange.json(200, {
      session: {
        ...session.row,
        session_url: `https://claude.ai/code/${session.rowId}`,
      },
      ...(deduplicated && { deduplicated }),
    })
  const uuid = payloads[0]?.uuid
  const known =
    typeof uuid === 'string' &&
    [...world.sessions.values()].find(({ log: [first] }) => first?.event?.event_id === uuid)
  if (known) return answer(known, true)
  const environment = world.environments.find((one) => one.environment_id === environmentId)
  if (typeof environmentId === 'string' && environmentId !== '' && !environment)
    return exchange.fail(apiErrors.notFound('Environment not found'))
  const session = world.add({
    title: typeof title === 'string' ? title : '',
    row: {
      environment_id: typeof environmentId === 'string' ? environmentId : '',
      environment_kind: isFields(bridge) ? 'bridge' : String(environment?.kind ?? ''),
      connection_status: 'connecting',
      tags: [],
      config: isFields(config) ? config : {},
    },
  })
  for (const payload of payloads)
    session.receive(payload, { family: 'code', platform: platformOf(exchange) })
  answer(session, false)
  world.created(session)
}

const serveRename = (exchange: Exchange, session: ApiSession) => {
  const { title } = exchange.body
  if (typeof title !== 'string') return exchange.fail(apiErrors.badRequest('title: Field required'))
  session.set({ title })
  exchange.json(200, { response_shape: session.row })
}

const servePresence = (world: World, exchange: Exchange) => {
  if (typeof exchange.body.client_id !== 'string')
    return exchange.fail(apiErrors.badRequest('client_id: Field required'))
  exchange.json(200, { refresh_after_seconds: presenceEveryS, at: apiTime(world.time.nowMs()) })
}

export const codeSessionRoutes = (world: World): Route[] => {
  const one = '/v1/code/sessions/:id'
  const withSession =
    (handle: (exchange: Exchange, session: ApiSession) => void) => (exchange: Exchange) => {
      const session = world.find(exchange.params[0])
      if (session) handle(exchange, session)
      else exchange.fail(apiErrors.notFound('Session not found'))
    }
  const change = (from: string, word: string, run: (session: ApiSession) => void) =>
    withSession((exchange, session) => {
      if (session.row.status === from)
        return exchange.fail(apiErrors.conflict(`Session is already ${word}`))
      run(session)
      exchange.json(200, {})
    })
  return [
    { method: 'GET', path: '/v1/code/sessions', handle: (x) => serveList(world, x) },
    { method: 'POST', path: '/v1/code/sessions', handle: (x) => serveCreate(world, x) },
    {
      method: 'GET',
      path: one,
      handle: withSession((x, session) => {
        const row = shownRow(world, x, session)
        x.json(200, world.wrapping === 'none' ? row : { [world.wrapping]: row })
      }),
    },
    { method: 'PUT', path: one, handle: withSession(serveRename) },
    {
      method: 'POST',
      path: `${one}/archive`,
      handle: change('archived', 'archived', (session) => session.archive()),
    },
    {
      method: 'POST',
      path: `${one}/unarchive`,
      handle: change('active', 'active', (session) => session.unarchive()),
    },
    {
      method: 'POST',
      path: `${one}/mark_read`,
      handle: withSession((x, session) => {
        session.set({ unread: false })
        x.json(200, {})
      }),
    },
    {
      method: 'POST',
      path: `${one}/client/presence`,
      handle: withSession((x) => servePresence(world, x)),
    },
  ]
}
