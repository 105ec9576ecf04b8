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

/** A push small enough to send: the body is cut until the whole fits. [PU-2] */
export const fitPush = (message: PushMessage): PushMessage => {
  const bytes = (value: PushMessage) => new TextEncoder().encode(JSON.stringify(value)).length
  let fitted = message
  while (bytes(fitted) > PUSH_MAX_BYTES && fitted.notification.body.length > 1) {
    const over = bytes(fitted) - PUSH_MAX_BYTES
    const keep = Math.max(0, fitted.notification.body.length - Math.max(8, Math.ceil(over / 3)) - 1)
    fitted = {
      ...fitted,
      notification: { ...fitted.notification, body: `${fitted.notification.body.slice(0, keep)}…` },
    }
  }
  return fitted
}

export const parsePushMessage = (value: unknown): PushMessage | undefined => {
  const parsed = v.safeParse(pushMessageSchema, value)
  return parsed.success ? parsed.output : undefined
}
