import {
  type Attention,
  type DeviceId,
  pushFor,
  type Scope,
  type Session,
  stillNeeded,
} from '@bellhop/core'
import type { Clock } from '../clock.ts'
import type { DeviceRecord } from '../devices/device-registry.ts'
import type { Logger } from '../logger.ts'
import type { SessionIndex } from '../sessions/event-log.ts'
import type { Attempt } from './delivery-queue.ts'
import type { Presence } from './presence.ts'
import { topicOf } from './push-sender.ts'
import { countWaiting, type PushService } from './push-service.ts'
import { isAsk, type Ring } from './rings.ts'

/** What it takes to ring one device. */
export type RingParts = {
  sessions: Pick<SessionIndex, 'list' | 'get'>
  devices: { get(deviceId: DeviceId): DeviceRecord | undefined }
  push: Pick<PushService, 'subscribed' | 'deliver'>
  presence: Pick<Presence, 'isShown'>
  clock: Clock
  logger: Logger
  /** Where the app is reached, for the links in pushes. */
  publicUrl: () => string
  /** Ends what is under way when the relay stops. */
  signal: AbortSignal
}

/** Whether a device is welcome and holds the scopes for what the attention is about. [PU-10] */
export const mayHear = (device: DeviceRecord | undefined, attention: Attention): boolean => {
  if (device === undefined || device.revokedAt !== null) return false
  return neededFor(attention).every((scope) => device.scopes.includes(scope))
}

const neededFor = (attention: Attention): readonly Scope[] => {
  if (!('permissionId' in attention)) return ['watch']
  return attention.needs ?? ['answer']
}

/** `done`: this device needs it no more. `over`: nobody does. Otherwise: again, later. */
export type AttemptResult = 'done' | 'over' | (Attempt & { again: true })

/**
 * Tries to ring one device once. Everything is asked anew at this moment, because it may have
 * waited long: whether it is still needed, whether the device is still welcome, whether it shows
 * the session itself, how many wait. Never rejects.
 */
export const createRingAttempt = (parts: RingParts) => {
  const { sessions, devices, push, presence, clock, logger, publicUrl, signal } = parts

  const ring = async (
    { attention, cursor, sinceMs, round, deadlineMs }: Ring,
    deviceId: DeviceId,
  ): Promise<AttemptResult> => {
    const { kind, sessionId, tag } = attention
    const session = await sessions.get(sessionId)
    if (session === undefined || !stillNeeded(attention, session)) return 'over'
    const nowMs = clock.nowMs()
    if (nowMs >= deadlineMs) return 'done'
    if (!mayHear(devices.get(deviceId), attention)) return 'done'
    if (presence.isShown(deviceId, sessionId, cursor, sinceMs)) {
      logger.info('held back, being looked at', { kind, deviceId })
      return 'done'
    }
    const waiting = await countWaiting(sessions)
    const topic = await topicOf(tag)
    const endMs = Math.min(deadlineMs, expiresAtMs(attention, session))
    const place = { publicUrl: publicUrl(), waiting, reminder: round === 'reminder' }
    const outcome = await push.deliver(
      deviceId,
      (level) => ({
        message: pushFor(attention, session, level, place),
        ttlMs: endMs - nowMs,
        urgency: isAsk(attention) ? 'high' : 'normal',
        topic,
      }),
      signal,
    )
    if (outcome === undefined) return 'done'
    logger.info('rang', { kind, deviceId, round, outcome: outcome.kind, detail: outcome.detail })
    if (outcome.kind !== 'later') return 'done'
    const { retryAfterMs = 0 } = outcome
    if (clock.nowMs() + retryAfterMs >= deadlineMs) return 'done'
    return { again: true, notBeforeMs: retryAfterMs }
  }

  return async (one: Ring, deviceId: DeviceId): Promise<AttemptResult> => {
    try {
      return await ring(one, deviceId)
    } catch (error) {
      logger.error('could not ring', { kind: one.attention.kind, deviceId, error })
      return { again: true }
    }
  }
}

const expiresAtMs = (attention: Attention, session: Session): number => {
  if (!('permissionId' in attention)) return Number.POSITIVE_INFINITY
  const wait = session.waits.find((one) => one.permissionId === attention.permissionId)
  return wait?.expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(wait.expiresAt)
}
