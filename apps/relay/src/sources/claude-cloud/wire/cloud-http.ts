import { BELLHOP_VERSION } from '@bellhop/core'
import type { Timing } from '../../../clock.ts'
import { CloudFailure } from '../cloud-failure.ts'
import type { Login } from '../login/login.ts'
import type { LoginStore } from '../login/login-store.ts'
import type { Organization } from '../login/organization.ts'
import { type Answer, parseJson, readBounded } from './answer.ts'
import { clockOffMs } from './clock-off.ts'
import { createLoginTrial } from './login-trial.ts'
import { lateFailure, networkFailure } from './network-failure.ts'
import type { Pace } from './pace.ts'
import { refusalOf, senseless } from './refusal.ts'
import { TimeLimit, withTimeLimit } from './time-limit.ts'

export type CloudRequest = {
  /** What is called, without the ids in it. */
  route: string
  path: string
  method?: 'GET' | 'PATCH' | 'POST' | 'PUT'
  query?: Readonly<Record<string, string | number | readonly string[] | undefined>>
  headers?: Readonly<Record<string, string>>
  body?: unknown
  /** Set when the call is about one session, which may be gone. */
  isAboutSession?: boolean
  timeLimitMs?: number
}

/** An answer that goes on: read it to its end, or abort the signal it was asked for with. */
export type OpenLine = { body: ReadableStream<Uint8Array> }

/** The one way out to the session API. Rejects with a `CloudFailure`, or as the signal aborts. */
export type CloudHttp = {
  readonly baseUrl: string
  /** What the answer says as JSON; undefined for an empty one. */
  call(request: CloudRequest, signal: AbortSignal): Promise<unknown>
  /** A stream of server-sent events. */
  open(request: CloudRequest, signal: AbortSignal): Promise<OpenLine>
  /** What a connection made elsewhere has to carry; holds the token. */
  credentials(
    signal: AbortSignal,
  ): Promise<{ headers: Headers; organizationId: string | undefined }>
  /** A text from the other side without the tokens it was called with, should it repeat them. [I12] */
  cover(text: string): string
  /** How far the clock here is behind theirs, by their last answer. */
  clockOffMs(): number | undefined
}

export type CloudHttpOptions = {
  /** By `cloudBaseUrl`. */
  baseUrl: string
  loginStore: LoginStore
  organization: Organization
  timing: Timing
  pace: Pace
}

const TIME_LIMIT_MS = 30_000
/** A page of 500 large events is some ten megabytes; made of nothing but brackets it takes up forty times that. */
const MAX_BODY_BYTES = 24_000_000
const MAX_REFUSAL_BYTES = 256_000
/** Logins whose tokens may still be repeated by the other side, such as one that was just replaced. */
const MOST_COVERED = 4

const tooLarge = () =>
  new CloudFailure('refused', 'The answer of Anthropic’s server is too large to take in.', {
    isTooLarge: true,
  })

const never = new AbortController().signal

export const createCloudHttp = (options: CloudHttpOptions): CloudHttp => {
  const { baseUrl, timing, pace } = options
  const { host } = new URL(baseUrl)
  const knownRoutes = new Set<string>()
  const trial = createLoginTrial({ loginStore: options.loginStore, timing })
  let clockOff: number | undefined
  const used = new Set<Login>()

  const use = (login: Login) => {
    used.delete(login)
    used.add(login)
    const [oldest] = used
    if (used.size > MOST_COVERED && oldest) used.delete(oldest)
  }
  const cover = (text: string): string => {
    let covered = text
    for (const login of used) covered = login.cover(covered)
    return covered
  }

  /** What every call carries. */
  const headersFor = (login: Login, organizationId: string | undefined): Headers => {
    const headers = new Headers({
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'ccr-byoc-2025-07-29',
      'anthropic-client-platform': 'web_claude_ai',
      'user-agent': `Bellhop/${BELLHOP_VERSION}`,
      ...(organizationId !== undefined && { 'x-organization-uuid': organizationId }),
    })
    login.authorize(headers)
    use(login)
    return headers
  }

  const urlOf = ({ path, query = {} }: CloudRequest): URL => {
    const url = new URL(path, baseUrl)
    for (const [name, value] of Object.entries(query))
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== undefined) url.searchParams.append(name, String(one))
    return url
  }

  const fetchOnce = async (request: CloudRequest, headers: Headers, signal: AbortSignal) => {
    for (const [name, value] of Object.entries(request.headers ?? {})) headers.set(name, value)
    if (request.body !== undefined) headers.set('content-type', 'application/json')
    const response = await fetch(urlOf(request), {
      method: request.method ?? 'GET',
      headers,
      redirect: 'manual',
      signal,
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    })
    clockOff = clockOffMs(response.headers, timing.nowMs()) ?? clockOff
    if (response.ok) return response
    const text = cover((await readBounded(response.body, MAX_REFUSAL_BYTES)) ?? '')
    const answer: Answer = { status: response.status, headers: response.headers, text }
    const failure = refusalOf(answer, {
      nowMs: timing.nowMs(),
      isAboutSession: request.isAboutSession ?? false,
      isRouteKnown: knownRoutes.has(request.route),
    })
    if (failure.kind !== 'limited') throw failure
    throw new CloudFailure('limited', failure.words, {
      status: answer.status,
      retryAfterMs: pace.hold(failure.retryAfterMs),
    })
  }

  /** One try with one login, in its place at the gate and in its time. */
  const attempt = async <Result>(
    request: CloudRequest,
    login: Login,
    organizationId: string | undefined,
    signal: AbortSignal,
    take: (response: Response) => Promise<Result>,
    lineSignal?: AbortSignal,
  ): Promise<Result> => {
    using _place = await pace.enter(signal, (request.method ?? 'GET') !== 'GET')
    try {
      return await withTimeLimit(
        timing,
        request.timeLimitMs ?? TIME_LIMIT_MS,
        signal,
        async (limited) => {
          const both = lineSignal ? AbortSignal.any([limited, lineSignal]) : limited
          const response = await fetchOnce(request, headersFor(login, organizationId), both)
          const result = await take(response)
          knownRoutes.add(request.route)
          pace.ease()
          return result
        },
      )
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof CloudFailure) throw error
      if (error instanceof TimeLimit) throw lateFailure(host)
      throw networkFailure(error, { host, clockOffMs: clockOff })
    }
  }

  const takeJson = async (response: Response): Promise<unknown> => {
    const text = await readBounded(response.body, MAX_BODY_BYTES)
    if (text === undefined) throw tooLarge()
    if (text.trim() === '') return undefined
    const value = parseJson(cover(text))
    if (value === undefined) throw senseless(response.status)
    return value
  }

  const organizationOf = (login: Login) =>
    options.organization.of(login, (path) =>
      attempt({ route: path, path, timeLimitMs: 10_000 }, login, undefined, never, takeJson),
    )

  const run = <Result>(
    request: CloudRequest,
    signal: AbortSignal,
    take: (response: Response) => Promise<Result>,
    lineSignal?: AbortSignal,
  ): Promise<Result> =>
    trial.run(signal, async (login) =>
      attempt(request, login, await organizationOf(login), signal, take, lineSignal),
    )

  return {
    baseUrl,
    call: (request, signal) => run(request, signal, takeJson),
    open: (request, signal) =>
      run(
        { ...request, headers: { accept: 'text/event-stream', ...request.headers } },
        signal,
        takeLine,
        signal,
      ),
    credentials: async (signal) => {
      const login = await trial.login(signal)
      const organizationId = await organizationOf(login)
      return { headers: headersFor(login, organizationId), organizationId }
    },
    cover,
    clockOffMs: () => clockOff,
  }
}

const takeLine = async (response: Response): Promise<OpenLine> => {
  const { body } = response
  if (body && /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? ''))
    return { body }
  await body?.cancel()
  throw senseless(response.status)
}
