import { check } from '../check.ts'
import { DPOP_HEADER, DPOP_NONCE_HEADER } from '../dpop.ts'
import type { Endpoint } from '../endpoint.ts'
import { ENDPOINTS, type EndpointName, type RequestOf, type ResponseOf } from '../endpoints.ts'
import { errorBodySchema } from '../errors.ts'
import { isRefusal, RelayGarbled, RelayRefused, RelayUnreachable } from './client-errors.ts'
import { type DeviceKey, signProof } from './dpop-signer.ts'

const TOKEN_MARGIN_MS = 20_000
const CALL_TIMEOUT_MS = 40_000

export type RelayClientOptions = {
  /** Where the relay answers, such as `https://desk.example.ts.net`: it is signed into every proof. */
  origin: string
  key: DeviceKey
  /** One the relay gave just now, so that the first call is not turned back for the want of it. */
  nonce?: string
  fetch?: (url: string, init: RequestInit) => Promise<Response>
  nowMs?: () => number
}

type CallOptions = { signal?: AbortSignal; timeoutMs?: number }

/** A request, or how to make it once the nonce of its proof is known. */
export type RequestFor<Name extends EndpointName> =
  | RequestOf<Name>
  | ((nonce: string) => Promise<RequestOf<Name>>)

/** The one client of our own protocol. */
export interface RelayClient {
  readonly origin: string
  readonly key: DeviceKey
  /**
   * Calls an endpoint and checks the answer. Signs, fetches and renews tokens, and answers a nonce
   * challenge, all by itself. [CL-1] Throws `RelayRefused`, `RelayGarbled` or `RelayUnreachable`.
   */
  call<Name extends EndpointName>(
    name: Name,
    request: RequestFor<Name>,
    options?: CallOptions,
  ): Promise<ResponseOf<Name>>
  /** Opens a stream of server-sent events and answers its response once the headers are in. */
  stream(request: RequestOf<'stream'>, signal: AbortSignal): Promise<Response>
}

export const createRelayClient = (options: RelayClientOptions): RelayClient => {
  const { origin, key } = options
  const doFetch = options.fetch ?? ((url: string, init: RequestInit) => fetch(url, init))
  const nowMs = options.nowMs ?? Date.now
  let { nonce } = options
  let token: { value: string; goodUntilMs: number } | undefined
  let renewing: Promise<string> | undefined

  const send = async (
    endpoint: Endpoint,
    makeBody: BodyMaker,
    accessToken: string | undefined,
    call: CallOptions & { streams?: boolean },
  ) => {
    const url = origin + endpoint.path
    const proven = endpoint.access !== 'public'
    // The nonce is part of some bodies, so there has to be one before the body is made.
    if (proven && nonce === undefined && makeBody.needsNonce) await learnNonce(call)
    const usedNonce = nonce
    const body = await makeBody.make(usedNonce ?? '')
    const headers = new Headers()
    if (body !== undefined) headers.set('content-type', 'application/json')
    if (accessToken !== undefined) headers.set('authorization', `DPoP ${accessToken}`)
    if (proven) {
      const proof = await signProof(key, {
        method: endpoint.method,
        url,
        body: body ?? '',
        nowMs: nowMs(),
        ...(accessToken !== undefined && { accessToken }),
        ...(usedNonce !== undefined && { nonce: usedNonce }),
      })
      headers.set(DPOP_HEADER, proof)
    }
    const limit = call.streams ? undefined : AbortSignal.timeout(call.timeoutMs ?? CALL_TIMEOUT_MS)
    const signals = [call.signal, limit].filter((one) => one !== undefined)
    let response: Response
    try {
      response = await doFetch(url, {
        method: endpoint.method,
        headers,
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
        ...(body !== undefined && { body }),
        ...(signals.length > 0 && { signal: AbortSignal.any(signals) }),
      })
    } catch (cause) {
      throw new RelayUnreachable(cause)
    }
    nonce = response.headers.get(DPOP_NONCE_HEADER) ?? nonce
    if (!response.ok) throw await readRefusal(response)
    return response
  }

  const learnNonce = async (call: CallOptions) => {
    const { health } = ENDPOINTS
    await send(health, noBody, undefined, { ...(call.signal && { signal: call.signal }) })
  }

  const accessToken = (): Promise<string> => {
    if (token && nowMs() < token.goodUntilMs) return Promise.resolve(token.value)
    renewing ??= attempt(ENDPOINTS.token, noBody, {})
      .then(async (response) => {
        const answer = await readAnswer<'token'>(ENDPOINTS.token, response)
        token = {
          value: answer.accessToken,
          goodUntilMs: nowMs() + answer.expiresInS * 1000 - TOKEN_MARGIN_MS,
        }
        return answer.accessToken
      })
      .finally(() => {
        renewing = undefined
      })
    return renewing
  }

  /** Sends once, and once more for a stale nonce and for a stale token each. */
  const attempt = async (
    endpoint: Endpoint,
    makeBody: BodyMaker,
    call: CallOptions & { streams?: boolean },
  ): Promise<Response> => {
    const needsToken = endpoint.access !== 'public' && endpoint.access !== 'device'
    for (let nonceTries = 0, tokenTries = 0; ; ) {
      try {
        return await send(endpoint, makeBody, needsToken ? await accessToken() : undefined, call)
      } catch (error) {
        if (isRefusal(error, 'proof_nonce_needed') && nonceTries++ === 0) continue
        if (needsToken && isRefusal(error, 'token_invalid') && tokenTries++ === 0) {
          token = undefined
          continue
        }
        throw error
      }
    }
  }

  return {
    origin,
    key,
    call: async (name, request, call = {}) => {
      const endpoint: Endpoint = ENDPOINTS[name]
      return readAnswer(endpoint, await attempt(endpoint, bodyMaker(request), call))
    },
    stream: (request, signal) =>
      attempt(ENDPOINTS.stream, bodyMaker(request), { signal, streams: true }),
  }
}

type BodyMaker = { needsNonce: boolean; make: (nonce: string) => Promise<string | undefined> }

const noBody: BodyMaker = { needsNonce: false, make: () => Promise.resolve(undefined) }

const bodyMaker = (request: unknown): BodyMaker => {
  if (request === null || request === undefined) return noBody
  if (typeof request === 'function') {
    return { needsNonce: true, make: async (nonce) => JSON.stringify(await request(nonce)) }
  }
  const text = JSON.stringify(request)
  return { needsNonce: false, make: () => Promise.resolve(text) }
}

const readAnswer = async <Name extends EndpointName>(
  endpoint: Endpoint,
  response: Response,
): Promise<ResponseOf<Name>> => {
  let value: unknown
  try {
    value = await response.json()
  } catch (cause) {
    throw new RelayGarbled(response.status, 'not JSON', cause)
  }
  if (endpoint.response === null) throw new TypeError(`${endpoint.path} streams; use stream()`)
  const checked = check(endpoint.response, value)
  if (!checked.ok) throw new RelayGarbled(response.status, `${endpoint.path}: ${checked.issue}`)
  return checked.value as ResponseOf<Name>
}

const readRefusal = async (response: Response): Promise<RelayRefused | RelayGarbled> => {
  let value: unknown
  try {
    value = await response.json()
  } catch (cause) {
    return new RelayGarbled(response.status, `status ${response.status}`, cause)
  }
  const checked = check(errorBodySchema, value)
  if (!checked.ok) return new RelayGarbled(response.status, `status ${response.status}`)
  const { code, text, details, reference } = checked.value.error
  const seconds = Number(response.headers.get('retry-after'))
  return new RelayRefused({
    code,
    text,
    status: response.status,
    details,
    reference,
    retryAfterMs: seconds > 0 ? seconds * 1000 : undefined,
  })
}
