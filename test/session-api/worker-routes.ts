import { apiErrors } from './error-answers.ts'
import { serveEventStream } from './event-stream.ts'
import type { Exchange, Route } from './exchange.ts'
import { fieldsIn } from './tool-answers.ts'
import type { ApiSession, DeliveryStatus, Fields } from './types.ts'
import type { World } from './world.ts'

const tokenLifeS = 14_400

interface WorkerLogin {
  session: ApiSession
  epoch: number
}

const deliveryStatusOf = (word: unknown): DeliveryStatus | undefined =>
  (['received', 'processing', 'processed'] as const).find((status) =>
    String(word).toLowerCase().endsWith(status),
  )

/** A token that looks like the worker's: three parts, with its end in the middle one. */
const workerToken = (session: ApiSession, epoch: number, nowMs: number): string => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { session_id: session.id, epoch, exp: Math.floor(nowMs / 1000) + tokenLifeS }
  return `sk-ant-si-${part({ alg: 'none' })}.${part(claims)}.${part({})}`
}

/** Writes what a worker says of itself into the row. */
const applyWorkerState = (session: ApiSession, body: Fields) => {
  const metadata = fieldsIn(body.external_metadata)
  if (metadata) session.setMetadata(metadata)
  const { worker_status: status, connection_status: connection } = body
  session.set({
    ...(typeof status === 'string' && { worker_status: status }),
    ...(typeof connection === 'string' && { connection_status: connection }),
  })
}

/** The worker's side of a session: its token, its stream, and what it writes. */
export const workerRoutes = (world: World): { open: Route[]; closed: Route[] } => {
  const one = '/v1/code/sessions/:id'
  const tokens = new Map<string, WorkerLogin>()

  const raiseEpoch = (session: ApiSession): number => {
    session.epoch += 1
    return session.epoch
  }

  const bridge = (exchange: Exchange) => {
    const session = world.find(exchange.params[0])
    if (!session) return exchange.fail(apiErrors.notFound('Session not found'))
    const epoch = raiseEpoch(session)
    const token = workerToken(session, epoch, world.time.nowMs())
    tokens.set(token, { session, epoch })
    exchange.json(200, {
      worker_jwt: token,
      expires_in: tokenLifeS,
      api_base_url: world.url(),
      worker_epoch: epoch,
    })
  }

  /** What a worker does, once it is clear that it is still the one that may. */
  const asWorker =
    (handle: (exchange: Exchange, session: ApiSession) => void) => (exchange: Exchange) => {
      const token = /^Bearer (.+)$/i.exec(exchange.header('authorization') ?? '')?.[1]
      const known = tokens.get(token ?? '')
      const session = world.find(exchange.params[0])
      if (!session) return exchange.fail(apiErrors.notFound('Session not found'))
      if (known?.session !== session) return exchange.fail(apiErrors.loginInvalid)
      const claimed = Number(exchange.body.worker_epoch ?? known.epoch)
      const refuse = (reason: string) =>
        exchange.fail(
          apiErrors.conflict(`Worker conflict: ${reason}`, { 'x-ccr-conflict-reason': reason }),
        )
      if (session.row.status === 'archived') return refuse('session_not_active')
      if (claimed < session.epoch) return refuse('superseded_by_worker')
      handle(exchange, session)
    }

  const register = asWorker((exchange, session) =>
    exchange.json(200, { worker_epoch: String(raiseEpoch(session)) }),
  )

  const write = asWorker((exchange, session) => {
    const { events } = exchange.body
    if (!Array.isArray(events)) return exchange.fail(apiErrors.badRequest('events: Field required'))
    const results = events.map((event: unknown) => {
      const fields = fieldsIn(event) ?? {}
      const payload = fieldsIn(fields.payload) ?? fields
      if (fields.ephemeral === true) {
        session.ephemeral(payload)
        return {}
      }
      const before = session.log.length
      const stored = session.emit(payload)
      return {
        event_id: stored.event_id,
        sequence_num: stored.sequence_num,
        duplicate: session.log.length === before,
      }
    })
    exchange.json(200, { results })
  })

  const deliver = asWorker((exchange, session) => {
    const [, ownId] = exchange.params
    const updates = Array.isArray(exchange.body.updates) ? exchange.body.updates : [exchange.body]
    for (const update of updates.map(fieldsIn)) {
      const status = deliveryStatusOf(update?.status)
      const id = ownId ?? update?.event_id
      if (status && typeof id === 'string') session.delivery(id, status)
    }
    exchange.json(200, {})
  })

  const put = asWorker((exchange, session) => {
    applyWorkerState(session, exchange.body)
    exchange.json(200, {})
  })

  const closed: Route[] = [{ method: 'POST', path: `${one}/bridge`, handle: bridge }]
  const open: Route[] = [
    { method: 'POST', path: `${one}/worker/register`, handle: register },
    {
      method: 'GET',
      path: `${one}/worker/events/stream`,
      handle: asWorker((exchange, session) =>
        serveEventStream(world, exchange, session, { forWorker: true }),
      ),
    },
    { method: 'POST', path: `${one}/worker/events`, handle: write },
    { method: 'POST', path: `${one}/worker/events/delivery`, handle: deliver },
    { method: 'POST', path: `${one}/worker/events/:event/delivery`, handle: deliver },
    {
      method: 'POST',
      path: `${one}/worker/internal-events`,
      handle: asWorker((x) => x.json(200, {})),
    },
    { method: 'PUT', path: `${one}/worker`, handle: put },
    {
      method: 'GET',
      path: `${one}/worker`,
      handle: asWorker((x, session) =>
        x.json(200, { worker: { external_metadata: session.row.external_metadata } }),
      ),
    },
    {
      method: 'POST',
      path: `${one}/worker/heartbeat`,
      handle: asWorker((x) => x.json(200, { lease_extended: true })),
    },
  ]
  return { open, closed }
}
