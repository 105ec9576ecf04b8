import { deviceKeyFrom, generateKeyPair, signProof } from '@bellhop/core/client'
import { expect, test } from 'vitest'
import { createMemoryDevices, createMemoryReplayGuard } from '../backends/memory/memory-devices.ts'
import { systemClock } from '../clock.ts'
import { silentLogger } from '../logger.ts'
import { createAccessTokens } from './access-tokens.ts'
import { createAuthenticate, type IncomingCall } from './authenticate.ts'
import { createDevices } from './devices.ts'
import { createDpopVerifier } from './dpop-verifier.ts'
import { createNonces } from './nonces.ts'

const ORIGIN = 'http://127.0.0.1:8787'
const clock = systemClock
const secret = () => crypto.getRandomValues(new Uint8Array(32))

const setup = async () => {
  const devices = await createDevices({
    registry: createMemoryDevices(),
    clock,
    logger: silentLogger,
  })
  const nonces = createNonces(secret(), clock)
  const tokens = createAccessTokens({ secret: secret(), audience: 'relay', clock })
  const replay = createMemoryReplayGuard(clock)
  const verifier = createDpopVerifier({ nonces, replay, clock })
  const key = await deviceKeyFrom(await generateKeyPair())
  const device = await devices.enrol({
    publicKey: key.publicKey,
    thumbprint: key.thumbprint,
    name: 'Phone',
    platform: 'test',
    scopes: ['watch'],
    local: false,
  })
  const call = async (readBody: IncomingCall['readBody']): Promise<IncomingCall> => {
    const { accessToken } = await tokens.issue(device)
    const nonce = await nonces.current()
    const url = `${ORIGIN}/v1/device`
    const proof = await signProof(key, {
      method: 'POST',
      url,
      body: '',
      accessToken,
      nonce,
      nowMs: clock.nowMs(),
    })
    return {
      method: 'POST',
      path: '/v1/device',
      origins: [ORIGIN],
      authorization: `DPoP ${accessToken}`,
      proof,
      readBody,
    }
  }
  return { devices, device, call, authenticate: createAuthenticate({ verifier, tokens, devices }) }
}

test('[AU-8] a device that is removed while its body still arrives is refused', async () => {
  const { devices, device, call, authenticate } = await setup()
  const slow = await call(async () => {
    await devices.revoke(device.deviceId)
    return new Uint8Array()
  })
  await expect(authenticate('watch', slow)).rejects.toMatchObject({ code: 'device_removed' })
})

test('[AU-7] nothing of a body is read for a call that is refused anyway', async () => {
  const { devices, device, call, authenticate } = await setup()
  let read = 0
  const counting = () => call(async () => new Uint8Array(read++ * 0))
  await expect(authenticate('admin', await counting())).rejects.toMatchObject({
    code: 'scope_missing',
  })
  await expect(authenticate('watch', { ...(await counting()), proof: null })).rejects.toMatchObject(
    { code: 'proof_invalid' },
  )
  await expect(
    authenticate('watch', { ...(await counting()), authorization: null }),
  ).rejects.toMatchObject({ code: 'not_paired' })
  await devices.revoke(device.deviceId)
  await expect(authenticate('watch', await counting())).rejects.toMatchObject({
    code: 'device_removed',
  })
  expect(read).toBe(0)
})
