import {
  type Access,
  ALL_SCOPES,
  type DeviceId,
  ENDPOINTS,
  type Endpoint,
  type EndpointName,
  type ParsedRequestOf,
  type ResponseOf,
} from '@bellhop/core'
import type { Context, Hono } from 'hono'
import type { Admitted, Authenticate } from '../devices/authenticate.ts'
import type { ProvenKey } from '../devices/dpop-verifier.ts'
import type { Principal } from '../principal.ts'
import { clientAddress } from './client-address.ts'
import { checkAnswer, parseRequest, requirePerson } from './endpoint-checks.ts'
import type { Origins } from './origins.ts'
import type { RateLimit } from './rate-limit.ts'
import { readBody } from './read-body.ts'

/** What the server knows of a call beside the request. */
export type HttpEnv = {
  Bindings: { peer?: string | undefined }
  /** Set once a call is admitted, for the request log. */
  Variables: { deviceId?: DeviceId }
}

type Entry<Name extends EndpointName> = (typeof ENDPOINTS)[Name]
type Who<A extends Access> = A extends 'public'
  ? unknown
  : A extends 'device'
    ? { key: ProvenKey }
    : { principal: Principal; tokenExpiresAtMs: number }

/** A call that has passed every check, as its handler gets it. */
export type Call<Name extends EndpointName> = {
  input: ParsedRequestOf<Name>
  /** Aborts when the caller is gone. */
  signal: AbortSignal
} & Who<Entry<Name>['access']>

type Answer<Name extends EndpointName> = Entry<Name>['response'] extends null
  ? Response
  : ResponseOf<Name>

/** What each endpoint does, and nothing else: who may call it stands in core. */
export type Handlers = {
  [Name in EndpointName]: (call: Call<Name>) => Promise<Answer<Name>> | Answer<Name>
}

export type EndpointParts = {
  authenticate: Authenticate
  origins: Origins
  limits: Partial<Record<EndpointName, RateLimit>>
  /** Checks every answer against its schema: a mistake of ours is then an error, not a surprise. */
  checkAnswers: boolean
}

const ACCESSES: readonly string[] = ['public', 'device', ...ALL_SCOPES]

const who = (admitted: Admitted) =>
  admitted.who === 'device'
    ? { principal: admitted.principal, tokenExpiresAtMs: admitted.tokenExpiresAtMs }
    : admitted.who === 'key'
      ? { key: admitted.key }
      : {}

/** Admits, limits, reads, checks and answers one call, always in this order. */
const serve =
  (
    endpoint: Endpoint,
    handler: (call: never) => unknown,
    limit: RateLimit | undefined,
    parts: EndpointParts,
  ) =>
  async (context: Context<HttpEnv>): Promise<Response> => {
    const request = context.req.raw
    const caller = clientAddress(context.env?.peer, request.headers)
    limit?.take(caller)
    const admitted = await parts.authenticate(endpoint.access, {
      method: request.method,
      path: endpoint.path,
      origins: parts.origins.of(request.headers.get('host') ?? ''),
      authorization: request.headers.get('authorization'),
      proof: request.headers.get('dpop'),
      readBody: () => readBody(request),
    })
    if (admitted.who === 'device') requirePerson(endpoint, admitted.principal)
    const input = parseRequest(endpoint, admitted.body)
    if (admitted.who === 'device') context.set('deviceId', admitted.principal.deviceId)
    const answer = await handler({ input, signal: request.signal, ...who(admitted) } as never)
    // Who is paired is no stranger: a terminal that runs a command a second asks as often for a token.
    if (endpoint === ENDPOINTS.token) limit?.giveBack(caller)
    if (endpoint.response === null) return answer as Response
    if (parts.checkAnswers) checkAnswer(endpoint, answer)
    return new Response(JSON.stringify(answer), {
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
      },
    })
  }

/** Mounts every endpoint core lists, and none besides; one without a known access is our bug. [EP-1] [I10] */
export const mountEndpoints = (
  app: Hono<HttpEnv>,
  handlers: Handlers,
  parts: EndpointParts,
  endpoints: Readonly<Record<string, Endpoint>> = ENDPOINTS,
): void => {
  for (const [name, endpoint] of Object.entries(endpoints)) {
    const handler = handlers[name as EndpointName]
    const limit = parts.limits[name as EndpointName]
    if (!ACCESSES.includes(endpoint.access)) throw new TypeError(`${name} names no access`)
    if (!handler) throw new TypeError(`${name} has no handler`)
    if (limit && !endpoint.errors.includes('rate_limited')) {
      throw new TypeError(`${name} does not say of itself that it is limited`)
    }
    app.on(endpoint.method, endpoint.path, serve(endpoint, handler, limit, parts))
  }
}
