import {
  PUSH_MAX_BYTES,
  type PushMessage,
  type PushSubscriptionRecord,
  pushBytes,
  sha256,
  toBase64Url,
  utf8,
} from '@bellhop/core'
import type { Clock } from '../clock.ts'
import type { EndpointPolicy } from './endpoint-policy.ts'
import { checkContact, type VapidKeys } from './vapid.ts'

/**
 * How far a push got. `gone`: the subscription is no more. `later`: worth another try, no sooner
 * than `retryAfterMs`. `refused`: this push will never be taken. `detail` is for people. [PU-7]
 */
export type SendOutcome =
  | { kind: 'sent' | 'gone' | 'refused'; detail: string }
  | { kind: 'later'; detail: string; retryAfterMs?: number }

export type OutgoingPush = {
  message: PushMessage
  /** How long the push service keeps it for a device that is off. */
  ttlMs: number
  urgency: 'high' | 'normal'
  /** Replaces an undelivered push of the same topic. */
  topic?: string
}

export interface PushSender {
  /** What a browser subscribes with. */
  readonly publicKey: string
  /** Never rejects: whatever goes wrong is an outcome. */
  send(
    subscription: PushSubscriptionRecord,
    push: OutgoingPush,
    signal?: AbortSignal,
  ): Promise<SendOutcome>
}

/** Safari reads the media type; the others do not mind it. */
const CONTENT_TYPE = 'application/notification+json'
const TIMEOUT_MS = 10_000
const DETAIL_MAX = 200

/** Sends pushes by RFC 8030, encrypted by RFC 8291, signed by RFC 8292. Throws `config_invalid` for a contact nobody can reach. */
export const createPushSender = (parts: {
  keys: VapidKeys
  /** A public contact, as a `mailto:` or https address. */
  subject: string
  policy: EndpointPolicy
  clock: Clock
  timeoutMs?: number
}): PushSender => {
  const { keys, policy, clock, timeoutMs = TIMEOUT_MS } = parts
  const subject = checkContact(parts.subject)

  const sealed = async (subscription: PushSubscriptionRecord, push: OutgoingPush) => {
    if (pushBytes(push.message) > PUSH_MAX_BYTES) throw new TypeError('the push is too large')
    // Loaded by the first push: a relay that rings nobody need not carry it.
    const { default: webpush } = await import('web-push')
    const endpoint = policy.check(subscription.endpoint).href
    const { headers, body } = webpush.generateRequestDetails(
      { endpoint, keys: subscription.keys },
      JSON.stringify(push.message),
      {
        vapidDetails: { subject, ...keys },
        TTL: Math.max(0, Math.floor(push.ttlMs / 1000)),
        urgency: push.urgency,
        ...(push.topic !== undefined && { topic: push.topic }),
      },
    )
    const sent = new Headers({ 'Content-Type': CONTENT_TYPE })
    for (const [name, value] of Object.entries(headers)) {
      if (!/^content-(type|length)$/i.test(name)) sent.set(name, String(value))
    }
    return { endpoint, headers: sent, body: new Uint8Array(body) }
  }

  return {
    publicKey: keys.publicKey,
    send: async (subscription, push, signal) => {
      let request: Awaited<ReturnType<typeof sealed>>
      try {
        request = await sealed(subscription, push)
      } catch (error) {
        return { kind: 'refused', detail: oneLine(`Not sent: ${words(error)}`) }
      }
      const timeout = AbortSignal.timeout(timeoutMs)
      try {
        const response = await fetch(request.endpoint, {
          method: 'POST',
          headers: request.headers,
          body: request.body,
          redirect: 'manual',
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        })
        return outcomeOf(response, await readStart(response), clock.nowMs())
      } catch (error) {
        const detail = timeout.aborted
          ? `No answer in ${timeoutMs} ms.`
          : `Not reached: ${words(error)}`
        return { kind: 'later', detail: oneLine(detail) }
      }
    },
  }
}

const outcomeOf = (response: Response, text: string, nowMs: number): SendOutcome => {
  const { status } = response
  const detail = oneLine(`${status} ${text}`)
  if (status >= 200 && status < 300) return { kind: 'sent', detail }
  if (status === 404 || status === 410) return { kind: 'gone', detail }
  if (status === 408 || status === 429 || status >= 500) {
    const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), nowMs)
    return { kind: 'later', detail, ...(retryAfterMs !== undefined && { retryAfterMs }) }
  }
  return { kind: 'refused', detail }
}

/** How long `Retry-After` asks to wait, given in seconds or as a date; undefined when it says nothing readable. */
export const readRetryAfter = (value: string | null, nowMs: number): number | undefined => {
  if (value === null) return undefined
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000
  const atMs = Date.parse(value)
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs)
}

/** The first words of an answer. The rest is not waited for. */
const readStart = async (response: Response): Promise<string> => {
  const reader = response.body?.getReader()
  const first = await reader?.read()
  await reader?.cancel()
  return first?.value ? new TextDecoder().decode(first.value.subarray(0, 4 * DETAIL_MAX)) : ''
}

const words = (error: unknown): string => {
  const { cause, message } = error as Error
  return cause instanceof Error && cause.message !== '' ? cause.message : message
}

const oneLine = (text: string): string =>
  text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, DETAIL_MAX)

/** The topic for a tag: as many of the letters a push service takes as it takes, telling it nothing. */
export const topicOf = async (tag: string): Promise<string> =>
  toBase64Url((await sha256(utf8(tag))).subarray(0, 24))
