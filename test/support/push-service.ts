/**
 * A push service on this machine: takes pushes over plain http as a browser vendor’s does over
 * https, checks who signed them, decrypts them with the browser’s half of the keys and keeps them.
 */
import { createECDH, type ECDH, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type PushMessage, type PushSubscriptionRecord, parsePushMessage } from '@bellhop/core'
import { decrypt } from 'http_ece'
import { importJWK, jwtVerify } from 'jose'
import { lookThrough } from './leak-watch.ts'

export interface ReceivedPush {
  /** The subscription it came for. */
  endpoint: string
  message: PushMessage
  /** Bytes of the message before encryption. */
  bytes: number
  contentType: string
  ttlS: number
  urgency: string
  topic: string | undefined
  vapid: { subject: string; audience: string; lifeS: number; publicKey: string }
}

/** How the next pushes are answered: a status, perhaps with `Retry-After` or no sooner than that, or never. */
export type PushAnswer =
  | {
      status: number
      retryAfter?: string
      body?: string
      location?: string
      after?: Promise<unknown>
    }
  | 'hang'

export interface TestPushService extends AsyncDisposable {
  readonly url: string
  /** As an extra host of the relay’s endpoint policy. */
  readonly host: string
  /** What was taken: answered with 2xx. */
  readonly received: readonly ReceivedPush[]
  /** Every try that arrived, taken or not, in order, by endpoint. */
  readonly tries: readonly string[]
  /** Why a try could not be read; empty as long as all is well. */
  readonly faults: readonly string[]
  /** A browser’s subscription, as `PushSubscription.toJSON()` gives it. */
  subscribe(): PushSubscriptionRecord
  /** Answers the next tries with these, one each; afterwards 201 again. */
  answerNext(...answers: PushAnswer[]): void
}

type Keys = { ecdh: ECDH; auth: string }

export const startPushService = async (): Promise<TestPushService> => {
  const keys = new Map<string, Keys>()
  const received: ReceivedPush[] = []
  const tries: string[] = []
  const faults: string[] = []
  const answers: PushAnswer[] = []

  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? ''
    const endpoint = `${service.url}${path}`
    tries.push(endpoint)
    const body = await readBody(request)
    const answer = answers.shift() ?? { status: keys.has(path) ? 201 : 404 }
    if (answer === 'hang') return
    const known = keys.get(path)
    if (known && answer.status >= 200 && answer.status < 300) {
      try {
        const push = { endpoint, ...(await readPush(request, body, known, service.url)) }
        lookThrough('push', 'push', JSON.stringify([push, request.headers]))
        received.push(push)
      } catch (error) {
        faults.push(String(error))
        response.writeHead(403).end(String(error))
        return
      }
    }
    await answer.after
    response.writeHead(answer.status, {
      ...(answer.retryAfter !== undefined && { 'retry-after': answer.retryAfter }),
      ...(answer.location !== undefined && { location: answer.location }),
    })
    response.end(answer.body ?? '')
  }

  const server = createServer((request, response) => void take(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const service: TestPushService = {
    url: `http://${host}`,
    host,
    received,
    tries,
    faults,
    subscribe: () => {
      const ecdh = createECDH('prime256v1')
      const p256dh = ecdh.generateKeys('base64url')
      const auth = randomBytes(16).toString('base64url')
      const path = `/push/${randomBytes(8).toString('hex')}`
      keys.set(path, { ecdh, auth })
      return { endpoint: `http://${host}${path}`, expirationTime: null, keys: { p256dh, auth } }
    },
    answerNext: (...next) => void answers.push(...next),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return service
}

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const readPush = async (request: IncomingMessage, body: Buffer, keys: Keys, url: string) => {
  const { headers, method } = request
  const header = (name: string) => String(headers[name] ?? '')
  if (method !== 'POST') throw new Error(`a push by ${method}`)
  if (headers['content-encoding'] !== 'aes128gcm') throw new Error('not encrypted by RFC 8291')
  if (body.length > 4096) throw new Error(`${body.length} bytes, and 4096 are the most`)
  const topic = headers.topic === undefined ? undefined : header('topic')
  if (topic !== undefined && !/^[A-Za-z0-9_-]{1,32}$/.test(topic)) throw new Error(`topic ${topic}`)
  const text = decrypt(body, {
    version: 'aes128gcm',
    privateKey: keys.ecdh,
    dh: '',
    authSecret: keys.auth,
  })
  const message = parsePushMessage(JSON.parse(text.toString('utf8')))
  if (message === undefined) throw new Error('not a declarative push')
  return {
    message,
    bytes: text.length,
    contentType: header('content-type'),
    ttlS: Number(header('ttl')),
    urgency: header('urgency'),
    topic,
    vapid: await readVapid(header('authorization'), url),
  }
}

/** Checks the signature by RFC 8292 with the key that came along, and that it is meant for this service. */
const readVapid = async (authorization: string, url: string): Promise<ReceivedPush['vapid']> => {
  const match = /^vapid t=([^,\s]+),\s*k=([\w-]+)$/.exec(authorization)
  if (!match?.[1] || !match[2]) throw new Error(`not signed: ${authorization}`)
  const point = Buffer.from(match[2], 'base64url')
  const key = await importJWK(
    {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    },
    'ES256',
  )
  const { payload } = await jwtVerify(match[1], key, { audience: url, algorithms: ['ES256'] })
  const lifeS = (payload.exp ?? Number.POSITIVE_INFINITY) - Date.now() / 1000
  if (lifeS > 24 * 60 * 60) throw new Error('signed for more than a day')
  return {
    subject: String(payload.sub),
    audience: String(payload.aud),
    lifeS,
    publicKey: match[2],
  }
}
