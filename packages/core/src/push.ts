import * as v from 'valibot'
import { lineSchema } from './bounds.ts'
import { isoTimeSchema } from './ids.ts'

/** How much a push may say on a lock screen. */
export const PUSH_LEVELS = ['private', 'brief', 'full'] as const
export type PushLevel = (typeof PUSH_LEVELS)[number]

/** A browser’s push subscription as `PushSubscription.toJSON()` gives it. */
export const pushSubscriptionSchema = v.object({
  endpoint: v.pipe(v.string(), v.url(), v.maxLength(2048)),
  keys: v.object({
    p256dh: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{80,100}=*$/)),
    auth: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{16,32}=*$/)),
  }),
  expirationTime: v.optional(v.nullable(v.number())),
})
export type PushSubscriptionRecord = v.InferOutput<typeof pushSubscriptionSchema>

/** How this device’s pushes stand. */
export const pushStateSchema = v.object({
  /** The relay’s public VAPID key, for `applicationServerKey`. */
  publicKey: v.string(),
  subscribed: v.boolean(),
  level: v.picklist(PUSH_LEVELS),
  /** The last push and what the push service said to it; null before the first. */
  last: v.nullable(
    v.object({
      at: isoTimeSchema,
      outcome: v.picklist(['sent', 'gone', 'failed']),
      detail: lineSchema,
    }),
  ),
})
export type PushState = v.InferOutput<typeof pushStateSchema>

/**
 * One push, in the form of Declarative Web Push: Safari shows it without a service worker, every
 * other browser’s worker reads the same JSON. [PU-1]
 */
export const pushMessageSchema = v.object({
  web_push: v.literal(8030),
  notification: v.object({
    title: v.string(),
    body: v.string(),
    navigate: v.string(),
    tag: v.string(),
    lang: v.literal('en'),
    dir: v.picklist(['auto', 'ltr']),
    silent: v.boolean(),
    /** Sound again although a notification with this tag still stands: a reminder, a later turn. */
    renotify: v.boolean(),
    /** When it happened, in milliseconds since 1970; a late push must not read as “now”. */
    timestamp: v.number(),
    /** WebKit’s first readers look for it here, the specification says at the top: it stands in both. */
    app_badge: v.optional(v.string()),
    data: v.object({
      kind: v.string(),
      sessionId: v.optional(v.string()),
      permissionId: v.optional(v.string()),
    }),
    actions: v.array(v.object({ action: v.string(), title: v.string(), navigate: v.string() })),
  }),
  app_badge: v.optional(v.number()),
  mutable: v.boolean(),
})
export type PushMessage = v.InferOutput<typeof pushMessageSchema>

/** What is left of 4096 bytes after RFC 8291 has wrapped it. */
export const PUSH_MAX_BYTES = 3993

/** How many bytes a push takes before it is encrypted. */
export const pushBytes = (message: PushMessage): number =>
  new TextEncoder().encode(JSON.stringify(message)).length

/** At most `max` code points, the last a `…` where something went. Never cuts a character in two. */
const shorten = (text: string, max: number): string => {
  const points = Array.from(text)
  return points.length > max ? `${points.slice(0, Math.max(0, max - 1)).join('')}…` : text
}

const withPart = (message: PushMessage, part: 'title' | 'body', max: number): PushMessage => ({
  ...message,
  notification: { ...message.notification, [part]: shorten(message.notification[part], max) },
})

/** What is left of a title when cutting the body alone is not enough. */
const TITLE_KEEP = 60

/** A push small enough to send: the body is cut until the whole fits, and the title where it must. [PU-2] */
export const fitPush = (message: PushMessage): PushMessage => {
  const fits = (candidate: PushMessage) => pushBytes(candidate) <= PUSH_MAX_BYTES
  if (fits(message)) return message
  const titled = fits(withPart(message, 'body', 1))
    ? message
    : withPart(message, 'title', TITLE_KEEP)
  let kept = 1
  let tooMany = Array.from(message.notification.body).length + 1
  while (tooMany - kept > 1) {
    const middle = Math.floor((kept + tooMany) / 2)
    if (fits(withPart(titled, 'body', middle))) kept = middle
    else tooMany = middle
  }
  return withPart(titled, 'body', kept)
}

export const parsePushMessage = (value: unknown): PushMessage | undefined => {
  const parsed = v.safeParse(pushMessageSchema, value)
  return parsed.success ? parsed.output : undefined
}
