import type { DeviceId, Scope } from '@bellhop/core'
import { decodeProtectedHeader, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { createAccessTokens } from './access-tokens.ts'
import type { DeviceRecord } from './device-registry.ts'

const device: DeviceRecord = {
  deviceId: 'dev_abcdefgh' as DeviceId,
  name: 'Phone',
  platform: 'test',
  thumbprint: 'thumb',
  publicKey: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
  scopes: ['watch', 'answer'],
  pairedAt: '2026-11-20T10:00:00Z',
  lastSeenAt: null,
  revokedAt: null,
  local: false,
}

const secret = crypto.getRandomValues(new Uint8Array(32))
const setup = (audience = 'relay-a') => {
  const clock = { ms: 1_800_000_000_000, nowMs: () => clock.ms }
  return { clock, tokens: createAccessTokens({ secret, audience, clock }) }
}

test('[AU-2] a token says which device, which key and which scopes, for five minutes', async () => {
  const { clock, tokens } = setup()
  const { accessToken, expiresInS } = await tokens.issue(device)
  expect(decodeProtectedHeader(accessToken).typ).toBe('at+jwt')
  expect(await tokens.verify(accessToken)).toEqual({
    deviceId: device.deviceId,
    thumbprint: 'thumb',
    scopes: ['watch', 'answer'],
    expiresAtMs: clock.ms + 300_000,
  })
  expect(expiresInS).toBe(300)
  clock.ms += 299_000
  await tokens.verify(accessToken)
  clock.ms += 1_000
  await expect(tokens.verify(accessToken)).rejects.toMatchObject({ code: 'token_invalid' })
})

test('[AU-2] a token of another relay, of another kind, unsigned or changed is refused', async () => {
  const { clock, tokens } = setup()
  const { accessToken } = await tokens.issue(device)
  const nowS = clock.ms / 1000
  const jwt = (scp: Scope[], typ: string) =>
    new SignJWT({ cnf: { jkt: 'thumb' }, scp })
      .setProtectedHeader({ alg: 'HS256', typ })
      .setSubject(device.deviceId)
      .setAudience('relay-a')
      .setExpirationTime(nowS + 60)
  const [head, claims, mac] = accessToken.split('.')
  const unsigned = btoa('{"alg":"none","typ":"at+jwt"}').replaceAll('=', '')
  const bad = [
    (await setup('relay-b').tokens.issue(device)).accessToken,
    await jwt(['watch'], 'JWT').sign(secret),
    await jwt(['admin'], 'at+jwt').sign(crypto.getRandomValues(new Uint8Array(32))),
    await jwt(['root' as Scope], 'at+jwt').sign(secret),
    `${unsigned}.${claims}.`,
    `${head}.${claims}A.${mac}`,
    'a.b.c',
    '',
  ]
  await tokens.verify(await jwt(['watch'], 'at+jwt').sign(secret))
  for (const token of bad) {
    await expect(tokens.verify(token), token).rejects.toMatchObject({ code: 'token_invalid' })
  }
})
