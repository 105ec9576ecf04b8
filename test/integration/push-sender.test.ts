import { PUSH_MAX_BYTES, type PushMessage, testPush } from '@bellhop/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createMemorySecrets } from '../../apps/relay/src/backends/memory/memory-devices.ts'
import { systemClock } from '../../apps/relay/src/clock.ts'
import { createEndpointPolicy } from '../../apps/relay/src/notify/endpoint-policy.ts'
import {
  createPushSender,
  type OutgoingPush,
  type PushSender,
  readRetryAfter,
  topicOf,
} from '../../apps/relay/src/notify/push-sender.ts'
import { loadVapidKeys, type VapidKeys } from '../../apps/relay/src/notify/vapid.ts'
import { startPushService, type TestPushService } from '../support/push-service.ts'

const message = testPush({
  publicUrl: 'https://desk.shop.dev',
  at: '2026-11-20T09:41:00.000Z',
  waiting: 3,
})
const push: OutgoingPush = { message, ttlMs: 300_000, urgency: 'high', topic: 'per_1' }

let service: TestPushService
let keys: VapidKeys
let sender: PushSender
beforeEach(async () => {
  service = await startPushService()
  keys = await loadVapidKeys(createMemorySecrets())
  sender = senderWith({})
})
afterEach(() => service[Symbol.asyncDispose]())

const senderWith = (options: { subject?: string; timeoutMs?: number; extraHosts?: string[] }) =>
  createPushSender({
    keys,
    subject: 'mailto:me@shop.dev',
    policy: createEndpointPolicy({ extraHosts: options.extraHosts ?? [service.host] }),
    clock: systemClock,
    ...options,
  })

describe('the push sender', () => {
  it('[PU-1] [PU-11] sends one declarative push, encrypted to the browser and signed by the relay', async () => {
    const outcome = await sender.send(service.subscribe(), push)
    expect(service.faults).toEqual([])
    expect(outcome).toEqual({ kind: 'sent', detail: '201' })
    expect(service.received).toEqual([
      {
        endpoint: service.tries[0],
        message,
        bytes: expect.any(Number),
        contentType: 'application/notification+json',
        ttlS: 300,
        urgency: 'high',
        topic: 'per_1',
        vapid: {
          subject: 'mailto:me@shop.dev',
          audience: service.url,
          lifeS: expect.any(Number),
          publicKey: sender.publicKey,
        },
      },
    ])
  })

  it('[PU-2] gets the largest push there may be through, and does not send a larger one', async () => {
    const sized = (bytes: number): PushMessage => {
      const empty = { ...message, notification: { ...message.notification, body: '' } }
      const room = bytes - Buffer.byteLength(JSON.stringify(empty))
      return { ...empty, notification: { ...empty.notification, body: 'x'.repeat(room) } }
    }
    const subscription = service.subscribe()
    const largest = await sender.send(subscription, { ...push, message: sized(PUSH_MAX_BYTES) })
    expect(largest.kind).toBe('sent')
    expect(service.received[0]?.bytes).toBe(PUSH_MAX_BYTES)
    const larger = await sender.send(subscription, { ...push, message: sized(PUSH_MAX_BYTES + 1) })
    expect(larger.kind).toBe('refused')
    expect(service.tries).toHaveLength(1)
  })

  it.each([
    [{ status: 200 }, { kind: 'sent', detail: '200' }],
    [{ status: 404 }, { kind: 'gone', detail: '404' }],
    [
      { status: 410, body: 'Unregistered' },
      { kind: 'gone', detail: '410 Unregistered' },
    ],
    [
      { status: 429, retryAfter: '120' },
      { kind: 'later', detail: '429', retryAfterMs: 120_000 },
    ],
    [{ status: 500 }, { kind: 'later', detail: '500' }],
    [
      { status: 503, retryAfter: 'soon' },
      { kind: 'later', detail: '503' },
    ],
    [{ status: 408 }, { kind: 'later', detail: '408' }],
    [{ status: 400 }, { kind: 'refused', detail: '400' }],
    [{ status: 413 }, { kind: 'refused', detail: '413' }],
    [
      { status: 403, body: '{"reason":\n"BadJwtToken"}' },
      { kind: 'refused', detail: '403 {"reason": "BadJwtToken"}' },
    ],
  ])('[PU-7] reads the answer %j as %j', async (answer, outcome) => {
    service.answerNext(answer)
    expect(await sender.send(service.subscribe(), push)).toEqual(outcome)
  })

  it('[PU-7] keeps a long answer short', async () => {
    service.answerNext({ status: 400, body: 'why '.repeat(50_000) })
    const outcome = await sender.send(service.subscribe(), push)
    expect(outcome.detail.length).toBeLessThanOrEqual(200)
  })

  it('[PU-6] follows no redirect', async () => {
    const elsewhere = service.subscribe()
    service.answerNext({ status: 307, location: elsewhere.endpoint })
    const outcome = await sender.send(service.subscribe(), push)
    expect(outcome).toEqual({ kind: 'refused', detail: '307' })
    expect(service.tries).not.toContain(elsewhere.endpoint)
  })

  it('[PU-6] asks the policy again at sending', async () => {
    const outcome = await senderWith({ extraHosts: [] }).send(service.subscribe(), push)
    expect(outcome.kind).toBe('refused')
    expect(service.tries).toEqual([])
  })

  it('[PU-7] waits for an answer only so long', async () => {
    service.answerNext('hang')
    const outcome = await senderWith({ timeoutMs: 50 }).send(service.subscribe(), push)
    expect(outcome).toEqual({ kind: 'later', detail: 'No answer in 50 ms.' })
  })

  it('[PU-7] tries again later when nobody is there', async () => {
    const subscription = service.subscribe()
    await service[Symbol.asyncDispose]()
    const outcome = await sender.send(subscription, push)
    expect(outcome).toEqual({ kind: 'later', detail: expect.stringContaining('ECONNREFUSED') })
    service = await startPushService()
  })

  it('[PU-7] does not send with keys nothing can be encrypted with', async () => {
    const { keys, ...rest } = service.subscribe()
    const broken = { ...rest, keys: { ...keys, p256dh: `BA${'A'.repeat(85)}` } }
    expect((await sender.send(broken, push)).kind).toBe('refused')
    expect(service.tries).toEqual([])
  })

  it('[PU-11] does not come to be with a contact nobody can reach', () => {
    const refused = expect.objectContaining({ code: 'config_invalid' })
    expect(() => senderWith({ subject: 'mailto:me@localhost' })).toThrow(refused)
  })
})

describe('readRetryAfter', () => {
  it('[PU-7] reads seconds and dates, and nothing else', () => {
    const nowMs = Date.parse('2026-11-20T09:41:00Z')
    expect(readRetryAfter('0', nowMs)).toBe(0)
    expect(readRetryAfter(' 90 ', nowMs)).toBe(90_000)
    expect(readRetryAfter('Fri, 20 Nov 2026 09:43:00 GMT', nowMs)).toBe(120_000)
    expect(readRetryAfter('Fri, 20 Nov 2026 09:00:00 GMT', nowMs)).toBe(0)
    for (const text of [null, '', 'soon', '-5x'])
      expect(readRetryAfter(text, nowMs)).toBeUndefined()
  })
})

describe('topicOf', () => {
  it('[PU-9] names a tag the same way each time, in what every push service takes', async () => {
    const long = `per_${'x'.repeat(120)}`
    expect(await topicOf(long)).toMatch(/^[A-Za-z0-9_-]{32}$/)
    expect(await topicOf(long)).toBe(await topicOf(long))
    expect(await topicOf('per_1')).not.toBe(await topicOf('per_2'))
  })
})
