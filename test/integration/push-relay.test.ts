import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPushService } from '../support/push-service.ts'
import { createScriptedSource, shellAsk } from '../support/scripted-source.ts'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

const pushConfig = (host: string, graceMs = 0) => ({
  push: { subject: 'mailto:me@shop.dev', extraHosts: [host], graceMs },
})

test('[PU-1] [PU-10] a phone subscribes over the wire and is rung when a session asks', async () => {
  await using service = await startPushService()
  await using relay = await startRelay({ config: pushConfig(service.host) })
  await using phone = await relay.phone()
  const subscription = service.subscribe()
  const state = await phone.client.call('pushSubscribe', { subscription, level: 'full' })
  expect(state).toMatchObject({ subscribed: true, level: 'full', last: null })

  expect(await phone.client.call('pushTest', {})).toEqual({ outcome: 'sent', detail: '201' })
  const id = await relay.source.start('shop', { project: 'shop-api' })
  await relay.source.ask(id, 'per_1', shellAsk('pnpm test'))
  const push = await until(() =>
    service.received.find(
      (one) => one.urgency === 'high' && one.message.notification.tag === 'per_1',
    ),
  )
  expect(push.message.notification).toMatchObject({
    title: 'shop-api: run a command?',
    body: 'pnpm test',
    navigate: `${relay.origin}/#/s/${id}/per_1`,
  })
  expect(push.vapid.publicKey).toBe(state.publicKey)
  expect(service.faults).toEqual([])

  await phone.client.call('pushSubscribe', { subscription: null })
  await expect(phone.client.call('pushTest', {})).rejects.toMatchObject({
    code: 'push_not_subscribed',
  })
  const elsewhere = { ...subscription, endpoint: 'https://evil.test/push' }
  await expect(
    phone.client.call('pushSubscribe', { subscription: elsewhere }),
  ).rejects.toMatchObject({ code: 'push_endpoint_refused' })
})

test('[PU-8] what a phone has to be rung for outlives the relay, and so do the keys it subscribed with', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'bellhop-push-'))
  try {
    await using service = await startPushService()
    const first = await startRelay({ dataDir, config: pushConfig(service.host, 60_000) })
    await using phone = await first.phone()
    const subscription = service.subscribe()
    const { publicKey } = await phone.client.call('pushSubscribe', { subscription })
    const id = await first.source.start('shop')
    await first.source.ask(id, 'per_1', shellAsk('pnpm test'))
    await first.stop()
    expect(service.received).toEqual([])

    const source = createScriptedSource()
    await using _second = await startRelay({ dataDir, source, config: pushConfig(service.host) })
    const push = await until(() => service.received[0])
    expect(push.message.notification.tag).toBe('per_1')
    expect(push.vapid.publicKey).toBe(publicKey)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})
