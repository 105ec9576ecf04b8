import {
  type DeviceId,
  fromBase64Url,
  type PushLevel,
  type PushState,
  type PushSubscriptionRecord,
  RelayError,
  type ResponseOf,
  testPush,
} from '@bellhop/core'
import { type Clock, isoTime } from '../clock.ts'
import type { RelaySecrets } from '../devices/device-registry.ts'
import type { SessionIndex } from '../sessions/event-log.ts'
import { createEndpointPolicy } from './endpoint-policy.ts'
import { createPushSender, type OutgoingPush, type SendOutcome, topicOf } from './push-sender.ts'
import type { PushSubscriptions } from './push-subscriptions.ts'
import { loadVapidKeys } from './vapid.ts'

/** What a lock screen may say until the person chooses. */
const USUAL_LEVEL: PushLevel = 'brief'
const TEST_TTL_MS = 60_000

/** The pushes of each device: how they stand, where they go, and sending one. */
export interface PushService {
  state(deviceId: DeviceId): Promise<PushState>
  /**
   * Sets or, with null, removes where the device’s pushes go. Throws `push_endpoint_refused` for
   * an address no push service has and `invalid_request` for keys nothing can be encrypted with.
   */
  subscribe(
    deviceId: DeviceId,
    subscription: PushSubscriptionRecord | null,
    level?: PushLevel,
  ): Promise<PushState>
  /**
   * Sends a test push and says what the push service answered. Throws `push_not_subscribed`,
   * `push_endpoint_refused`, and `push_failed` where another try may succeed.
   */
  test(deviceId: DeviceId): Promise<ResponseOf<'pushTest'>>
  /** The devices that have a subscription. */
  subscribed(): Promise<readonly DeviceId[]>
  /** Sends one push as its level wants it and notes what came of it; undefined without a subscription. */
  deliver(
    deviceId: DeviceId,
    compose: (level: PushLevel) => OutgoingPush,
    signal?: AbortSignal,
  ): Promise<SendOutcome | undefined>
}

/** Throws `config_invalid` when `subject` is no contact a push service can reach. */
export const createPushService = async (parts: {
  subscriptions: PushSubscriptions
  secrets: RelaySecrets
  sessions: Pick<SessionIndex, 'list'>
  clock: Clock
  /** Where the app is reached, for the links in pushes. */
  publicUrl: () => string
  /** A public contact for push services, as a `mailto:` or https address. */
  subject: string
  /** Push services beyond those of the browsers, as `host` or `host:port`. */
  extraHosts?: readonly string[]
  timeoutMs?: number
}): Promise<PushService> => {
  const { subscriptions, sessions, clock, publicUrl, subject, timeoutMs } = parts
  const policy = createEndpointPolicy({ extraHosts: parts.extraHosts ?? [] })
  const sender = createPushSender({
    keys: await loadVapidKeys(parts.secrets),
    subject,
    policy,
    clock,
    ...(timeoutMs !== undefined && { timeoutMs }),
  })
  /** Why a device has no subscription any more, so that its settings can say so. At most one a device. */
  const goneNotes = new Map<DeviceId, PushState['last']>()

  const state = async (deviceId: DeviceId): Promise<PushState> => {
    const stored = await subscriptions.get(deviceId)
    return {
      publicKey: sender.publicKey,
      subscribed: stored !== undefined,
      level: stored?.level ?? USUAL_LEVEL,
      last: stored?.last ?? goneNotes.get(deviceId) ?? null,
    }
  }

  /** Two devices with one address would ring it twice: the later one keeps it. */
  const takeFromOthers = async (deviceId: DeviceId, endpoint: string) => {
    for (const other of await subscriptions.list()) {
      if (other.deviceId !== deviceId && other.subscription.endpoint === endpoint) {
        await subscriptions.remove(other.deviceId)
      }
    }
  }

  const note = async (deviceId: DeviceId, endpoint: string, outcome: SendOutcome) => {
    const stored = await subscriptions.get(deviceId)
    // Subscribed anew while the push was on its way: this outcome says nothing of the new address.
    if (stored?.subscription.endpoint !== endpoint) return
    const last = { at: isoTime(clock.nowMs()), ...wireOutcome(outcome) }
    if (outcome.kind !== 'gone') return await subscriptions.setLast(deviceId, last)
    await subscriptions.remove(deviceId)
    goneNotes.set(deviceId, last)
  }

  const deliver: PushService['deliver'] = async (deviceId, compose, signal) => {
    const stored = await subscriptions.get(deviceId)
    if (stored === undefined) return undefined
    const outcome = await sender.send(stored.subscription, compose(stored.level), signal)
    // A push we broke off ourselves says nothing of the push service.
    if (!signal?.aborted || outcome.kind !== 'later') {
      await note(deviceId, stored.subscription.endpoint, outcome)
    }
    return outcome
  }

  return {
    state,
    subscribe: async (deviceId, subscription, level) => {
      goneNotes.delete(deviceId)
      if (subscription === null) {
        await subscriptions.remove(deviceId)
        return state(deviceId)
      }
      policy.check(subscription.endpoint)
      await checkKeys(subscription)
      await takeFromOthers(deviceId, subscription.endpoint)
      const known = await subscriptions.get(deviceId)
      await subscriptions.set(deviceId, subscription, level ?? known?.level ?? USUAL_LEVEL)
      return state(deviceId)
    },

    test: async (deviceId) => {
      const stored = await subscriptions.get(deviceId)
      if (stored === undefined) throw new RelayError('push_not_subscribed')
      policy.check(stored.subscription.endpoint)
      const waiting = await countWaiting(sessions)
      const message = testPush({ publicUrl: publicUrl(), at: isoTime(clock.nowMs()), waiting })
      const topic = await topicOf(message.notification.tag)
      const outcome = await deliver(deviceId, () => ({
        message,
        ttlMs: TEST_TTL_MS,
        urgency: 'high',
        topic,
      }))
      if (outcome === undefined) throw new RelayError('push_not_subscribed')
      if (outcome.kind === 'later') throw new RelayError('push_failed', { detail: outcome.detail })
      return wireOutcome(outcome)
    },

    subscribed: async () => (await subscriptions.list()).map(({ deviceId }) => deviceId),
    deliver,
  }
}

/** How many sessions wait for a person: the number on the app’s icon. */
export const countWaiting = async (sessions: Pick<SessionIndex, 'list'>): Promise<number> =>
  (await sessions.list()).sessions.filter((session) => session.status === 'waiting').length

const WIRE_OUTCOMES = { sent: 'sent', gone: 'gone', refused: 'failed', later: 'failed' } as const
const wireOutcome = ({ kind, detail }: SendOutcome) => ({ outcome: WIRE_OUTCOMES[kind], detail })

const checkKeys = async ({ keys }: PushSubscriptionRecord): Promise<void> => {
  try {
    const curve = { name: 'ECDH', namedCurve: 'P-256' }
    await crypto.subtle.importKey('raw', fromBase64Url(keys.p256dh), curve, false, [])
    if (fromBase64Url(keys.auth).length === 16) return
  } catch (error) {
    throw new RelayError('invalid_request', { issue: 'keys.p256dh is not a P-256 key' }, error)
  }
  throw new RelayError('invalid_request', { issue: 'keys.auth is not 16 bytes' })
}
