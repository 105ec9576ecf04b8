import {
  ENDPOINTS,
  type EndpointName,
  proofDigest,
  RelayError,
  type Scope,
  toErrorBody,
} from '@bellhop/core'
import { createRelayClient, deviceKeyFrom, generateKeyPair } from '@bellhop/core/client'
import { exportJWK } from 'jose'
import { expect, test } from 'vitest'
import { createRawPhone, rawRequest } from '../support/raw-phone.ts'
import { startRelay, type TestRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

/** Lets a key in without a scan, as if it had been paired with these scopes. */
const enrol = async (running: TestRelay, scopes: Scope[], nowMs?: () => number) => {
  const phone = await createRawPhone(running.origin, nowMs ? { nowMs } : {})
  const { publicKey, thumbprint } = phone.key
  const device = await running.relay.devices.enrol({
    publicKey,
    thumbprint,
    name: 'Raw phone',
    platform: 'test',
    scopes,
    local: false,
  })
  return { ...phone, deviceId: device.deviceId }
}

const rename = (name: string) => JSON.stringify({ name })

test('[AU-4] a proof that was used is refused, and what it asked for is not done again', async () => {
  await using running = await startRelay()
  const phone = await enrol(running, ['watch'])
  const accessToken = await phone.token()
  const body = rename('first')
  const proof = await phone.prove('renameSelf', { body, accessToken })
  expect(await phone.call('renameSelf', { body, proof })).toMatchObject({ status: 200 })
  await phone.call('renameSelf', { body: rename('second') })
  expect(await phone.call('renameSelf', { body, proof })).toMatchObject({
    status: 401,
    code: 'proof_replayed',
  })
  expect(running.relay.devices.get(phone.deviceId)?.name).toBe('second')
})

test('[AU-4] of one call sent many times at the same moment exactly one is answered', async () => {
  await using running = await startRelay()
  const phone = await enrol(running, ['watch'])
  const accessToken = await phone.token()
  const proof = await phone.prove('relay', { accessToken })
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => phone.call('relay', { proof })),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(answers.filter(({ code }) => code === 'proof_replayed')).toHaveLength(9)
})

test('[AU-3] a body that was changed on the way is refused and nothing is done', async () => {
  await using running = await startRelay()
  const phone = await enrol(running, ['watch'])
  const accessToken = await phone.token()
  const proof = await phone.prove('renameSelf', { body: rename('mine'), accessToken })
  expect(await phone.call('renameSelf', { body: rename('theirs'), proof })).toMatchObject({
    status: 401,
    code: 'proof_invalid',
  })
  expect(running.relay.devices.get(phone.deviceId)?.name).toBe('Raw phone')
})

test('[AU-3] a proof made for another address, method, key or algorithm is refused', async () => {
  await using running = await startRelay()
  const phone = await enrol(running, ['watch'])
  const stranger = await deviceKeyFrom(await generateKeyPair())
  const open = await deviceKeyFrom(await generateKeyPair(true))
  const wrong = [
    { claims: { htu: 'https://evil.test/v1/relay' } },
    { claims: { htu: `${running.origin}/v1/devices` } },
    { claims: { htm: 'POST' } },
    { claims: { bd: await proofDigest('something') } },
    { claims: { ath: undefined } },
    { claims: { ath: await proofDigest('another token') } },
    { claims: { iat: Math.floor(Date.now() / 1000) - 3600 } },
    { header: { typ: 'JWT' } },
    { header: { jwk: stranger.publicKey } },
    { header: { jwk: stranger.publicKey }, signWith: stranger },
    { header: { jwk: await exportJWK(open.privateKey) }, signWith: open },
    { signWith: stranger },
  ]
  for (const call of wrong) {
    const answer = await phone.call('relay', call)
    expect(answer, JSON.stringify(call)).toMatchObject({ status: 401, code: 'proof_invalid' })
    expect(answer.header('www-authenticate')).toContain('DPoP error="invalid_dpop_proof"')
  }
  expect(await phone.call('relay', { proof: null })).toMatchObject({ code: 'proof_invalid' })
  expect(await phone.call('relay')).toMatchObject({ status: 200 })
})

test('[AU-5] a call without a good nonce is answered with a fresh one, which then works', async () => {
  await using running = await startRelay()
  const phone = await enrol(running, ['watch'])
  for (const nonce of [undefined, 'stale', '']) {
    const answer = await phone.call('relay', { claims: { nonce } })
    expect(answer).toMatchObject({ status: 401, code: 'proof_nonce_needed' })
    expect(answer.header('www-authenticate')).toContain('DPoP error="use_dpop_nonce"')
    const fresh = answer.header('dpop-nonce')
    expect(await phone.call('relay', { claims: { nonce: fresh } })).toMatchObject({ status: 200 })
  }
})

test('[AU-5] a nonce is refused once it is five minutes old', async () => {
  const clock = { aheadMs: 0, nowMs: () => Date.now() + clock.aheadMs }
  await using running = await startRelay({ overrides: { clock } })
  const phone = await enrol(running, ['watch'], clock.nowMs)
  const nonce = await phone.nonce()
  clock.aheadMs = 5 * 60_000
  expect(await phone.call('token', { claims: { nonce } })).toMatchObject({
    code: 'proof_nonce_needed',
  })
})

test('[AU-2] a token runs out after five minutes, and a signed call gets the next one', async () => {
  const clock = { aheadMs: 0, nowMs: () => Date.now() + clock.aheadMs }
  await using running = await startRelay({ overrides: { clock } })
  const phone = await enrol(running, ['watch'], clock.nowMs)
  const accessToken = await phone.token()
  clock.aheadMs = 5 * 60_000
  const answer = await phone.call('relay', { accessToken })
  expect(answer).toMatchObject({ status: 401, code: 'token_invalid' })
  expect(answer.header('www-authenticate')).toContain('DPoP error="invalid_token"')
  const next = String((await phone.call('token')).json().accessToken)
  expect(await phone.call('relay', { accessToken: next })).toMatchObject({ status: 200 })
})

test('[AU-2] the token of one device is of no use to another, nor is a made-up one', async () => {
  await using running = await startRelay()
  const phone = await enrol(running, ['watch', 'admin'])
  const thief = await enrol(running, ['watch'])
  const accessToken = await phone.token()
  expect(await thief.call('devices', { accessToken })).toMatchObject({
    status: 401,
    code: 'proof_invalid',
  })
  const [head, , mac] = accessToken.split('.')
  const claims = btoa(JSON.stringify({ sub: thief.deviceId })).replaceAll('=', '')
  for (const token of [`${head}.${claims}.${mac}`, 'a.b.c', 'nonsense']) {
    expect(await thief.call('devices', { accessToken: token })).toMatchObject({
      code: 'token_invalid',
    })
  }
  const bearer = await rawRequest(running.origin, {
    path: '/v1/relay',
    headers: { authorization: `Bearer ${accessToken}` },
  })
  expect(bearer).toMatchObject({ status: 401, code: 'token_invalid' })
})

test('[AU-7] [I10] every call but the public one is refused to someone unknown, and nothing else leaks', async () => {
  await using running = await startRelay()
  const stranger = await createRawPhone(running.origin)
  for (const [name, { access, method, path }] of Object.entries(ENDPOINTS)) {
    const bare = await rawRequest(running.origin, { method, path })
    if (access === 'public') {
      expect(bare.status, name).toBe(200)
      continue
    }
    expect(bare, name).toMatchObject({
      status: 401,
      code: access === 'device' ? 'proof_invalid' : 'not_paired',
    })
    if (access === 'device') continue
    const proof = await stranger.prove(name as EndpointName)
    const proven = await rawRequest(running.origin, { method, path, headers: { dpop: proof } })
    expect(proven, name).toMatchObject({ status: 401, code: 'not_paired' })
  }
  expect(await stranger.call('token')).toMatchObject({ status: 401, code: 'not_paired' })
})

test('[AU-7] a device without the scope an endpoint names is refused it', async () => {
  await using running = await startRelay()
  const holdings: Scope[][] = [[], ['watch'], ['admin'], ['answer', 'drive']]
  for (const scopes of holdings) {
    const phone = await enrol(running, scopes)
    for (const [name, { access }] of Object.entries(ENDPOINTS)) {
      if (access === 'public' || access === 'device' || scopes.includes(access)) continue
      const answer = await phone.call(name as EndpointName)
      expect(answer, `${name} with ${scopes}`).toMatchObject({ status: 403, code: 'scope_missing' })
    }
  }
})

test('[AU-6] a device paired with less than before has less at once, whatever its token says', async () => {
  await using running = await startRelay()
  const phone = await enrol(running, ['watch', 'admin'])
  expect(await phone.call('devices')).toMatchObject({ status: 200 })
  const { publicKey, thumbprint } = phone.key
  await running.relay.devices.enrol({
    publicKey,
    thumbprint,
    name: 'Raw phone',
    platform: 'test',
    scopes: ['watch'],
    local: false,
  })
  expect(await phone.call('devices')).toMatchObject({ status: 403, code: 'scope_missing' })
})

test('[AU-8] a removed device is refused from the next call on, its good token notwithstanding', async () => {
  await using running = await startRelay()
  const admin = await enrol(running, ['watch', 'admin'])
  const phone = await enrol(running, ['watch'])
  const accessToken = await phone.token()
  expect(await phone.call('relay')).toMatchObject({ status: 200 })
  const body = JSON.stringify({ deviceId: phone.deviceId })
  expect(await admin.call('revoke', { body })).toMatchObject({ status: 200 })
  const removed = { status: 401, code: 'device_removed' }
  expect(await phone.call('relay', { accessToken })).toMatchObject(removed)
  expect(await phone.call('token')).toMatchObject(removed)
  expect(await admin.call('revoke', { body })).toMatchObject({ code: 'device_not_found' })
  const listed = (await admin.call('devices')).json().devices as { deviceId: string }[]
  expect(listed.map(({ deviceId }) => deviceId)).toEqual([admin.deviceId])
})

test('[AU-8] the open stream of a removed device says so and ends within a second', async () => {
  await using running = await startRelay()
  await using phone = await running.phone()
  await until(() => phone.states.at(-1)?.state === 'live', { what: 'a live stream' })
  const device = running.relay.devices.byThumbprint(phone.key.thumbprint)
  const before = performance.now()
  await running.relay.devices.revoke(device?.deviceId as never)
  await until(() => phone.states.at(-1)?.state === 'refused', { timeoutMs: 1_000 })
  expect(performance.now() - before).toBeLessThan(1_000)
  expect(phone.states.at(-1)).toEqual({ state: 'refused', code: 'device_removed' })
})

test('[AU-8] a poll that is held for a removed device is refused within a second', async () => {
  await using running = await startRelay()
  const phone = await enrol(running, ['watch'])
  await phone.token()
  const held = phone.call('poll', { body: '{}' })
  await until(() => running.relay.devices.get(phone.deviceId)?.lastSeenAt ?? false)
  await running.relay.devices.revoke(phone.deviceId)
  const before = performance.now()
  expect(await held).toMatchObject({ status: 401, code: 'device_removed' })
  expect(performance.now() - before).toBeLessThan(1_000)
})

test('[AU-8] a phone can remove itself', async () => {
  await using running = await startRelay()
  const phone = await enrol(running, ['watch'])
  expect(await phone.call('forgetSelf')).toMatchObject({ status: 200 })
  expect(await phone.call('relay')).toMatchObject({ code: 'device_removed' })
})

test('[ST-9] a stream ends with `renew` when its token runs out, and the phone goes on with the next', async () => {
  const clock = { aheadMs: 0, nowMs: () => Date.now() + clock.aheadMs }
  await using running = await startRelay({ overrides: { clock } })
  const phone = await enrol(running, ['watch'], clock.nowMs)
  await phone.token()
  clock.aheadMs = 5 * 60_000 - 1_500
  const answer = await phone.call('stream', { body: '{}' })
  expect(answer.header('content-type')).toContain('text/event-stream')
  expect(answer.text.trimEnd().split('\n\n').at(-1)).toBe('event: bye\ndata: {"code":"renew"}')
})

test('[CL-1] a client whose token and nonce have run out renews both by itself, once a call', async () => {
  const clock = { aheadMs: 0, nowMs: () => Date.now() + clock.aheadMs }
  await using running = await startRelay({ overrides: { clock } })
  const { key } = await enrol(running, ['watch'])
  const sent: string[] = []
  let broken = false
  const client = createRelayClient({
    origin: running.origin,
    key,
    fetch: async (url, init) => {
      sent.push(new URL(url).pathname)
      if (!broken) return fetch(url, init)
      const refusal = toErrorBody(new RelayError('proof_nonce_needed'))
      return Response.json(refusal, { status: 401 })
    },
  })
  await client.call('relay', null)
  clock.aheadMs = 5 * 60_000
  sent.length = 0
  await client.call('relay', null)
  expect(sent.filter((path) => path === '/v1/relay').length).toBeLessThanOrEqual(3)
  expect(sent.filter((path) => path === '/v1/token').length).toBeLessThanOrEqual(2)
  broken = true
  sent.length = 0
  await expect(client.call('relay', null)).rejects.toMatchObject({ code: 'proof_nonce_needed' })
  expect(sent).toEqual(['/v1/relay', '/v1/relay'])
})

test('[AU-3] behind a proxy that rewrites the host a proof for the public address counts, and no other', async () => {
  await using running = await startRelay({
    config: { publicUrl: 'https://desk.example.ts.net' },
  })
  const phone = await enrol(running, ['watch'])
  const signedFor = (origin: string) =>
    phone.call('relay', { claims: { htu: `${origin}/v1/relay` } })
  expect(await signedFor('https://desk.example.ts.net')).toMatchObject({ status: 200 })
  expect(await signedFor('http://desk.example.ts.net')).toMatchObject({ code: 'proof_invalid' })
  expect(await signedFor('https://other.example.ts.net')).toMatchObject({ code: 'proof_invalid' })
})

test('[I12] neither tokens nor proofs nor pairing secrets are in the relay’s log', async () => {
  const lines: string[] = []
  const { createLogger } = await import('@bellhop/relay/logger')
  const logger = createLogger((line) => void lines.push(line))
  await using running = await startRelay({ overrides: { logger } })
  const phone = await enrol(running, ['watch'])
  const accessToken = await phone.token()
  const proof = await phone.prove('relay', { accessToken })
  await phone.call('relay', { proof })
  await phone.call('relay', { proof })
  const offer = await running.relay.pairing.offer({})
  await rawRequest(running.origin, { path: `/?pasted=${encodeURIComponent(offer.pairUrl)}` })
  await rawRequest(running.origin, { path: `/v1/nothing?code=${offer.pairCode}` })
  const log = lines.join('\n')
  expect(log).toContain('/v1/relay')
  const secret = offer.pairUrl.split('/').at(-2) ?? ''
  for (const hidden of [accessToken, proof, secret, offer.pairCode]) {
    expect(log).not.toContain(hidden)
  }
})
