import { type ProofClaims, proofDigest } from '@bellhop/core'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { createMemoryReplayGuard } from '../backends/memory/memory-devices.ts'
import { createDpopVerifier } from './dpop-verifier.ts'
import { createNonces } from './nonces.ts'

const ORIGINS = ['https://desk.example.ts.net', 'http://127.0.0.1:8787']
const secret = crypto.getRandomValues(new Uint8Array(32))

let pair: Awaited<ReturnType<typeof generateKeyPair>>
let jwk: JWK
beforeAll(async () => {
  pair = await generateKeyPair('ES256', { extractable: true })
  jwk = await exportJWK(pair.publicKey)
})

const setup = async (options: { proofsPerKey?: number } = {}) => {
  const clock = { ms: 1_800_000_000_000, nowMs: () => clock.ms }
  const nonces = createNonces(secret, clock)
  const verifier = createDpopVerifier({
    nonces,
    replay: createMemoryReplayGuard(clock),
    clock,
    ...options,
  })
  let count = 0
  const claims = async (changed: Partial<Record<keyof ProofClaims, unknown>> = {}) => ({
    jti: `proof-number-${String(count++).padStart(6, '0')}`,
    htm: 'POST',
    htu: `${ORIGINS[0]}/v1/commands`,
    iat: clock.ms / 1000,
    nonce: await nonces.current(),
    bd: await proofDigest(''),
    ...changed,
  })
  const prove = async (
    changed: Partial<Record<keyof ProofClaims, unknown>> = {},
    header: Record<string, unknown> = {},
    key: Parameters<SignJWT['sign']>[0] = pair.privateKey,
  ) =>
    new SignJWT((await claims(changed)) as never)
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk, ...header })
      .sign(key)
  const verify = (
    proof: string | null,
    call: { method?: string; accessToken?: string; thumbprint?: string } = {},
  ) => verifier.verify({ method: 'POST', path: '/v1/commands', origins: ORIGINS, proof, ...call })
  return { clock, nonces, prove, verify }
}

const refused = { code: 'proof_invalid' }

test('[AU-3] a good proof names its key, its nonce and the digest of its body', async () => {
  const { nonces, prove, verify } = await setup()
  expect(await verify(await prove())).toEqual({
    thumbprint: await calculateJwkThumbprint(jwk),
    publicKey: { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y },
    nonce: await nonces.current(),
    bodyDigest: await proofDigest(''),
  })
  await verify(await prove({ htu: `${ORIGINS[1]}/v1/commands` }))
})

test('[AU-3] a proof for another method, place or time, or without a body digest, is refused', async () => {
  const { clock, prove, verify } = await setup()
  const wrong: Partial<Record<keyof ProofClaims, unknown>>[] = [
    { htm: 'GET' },
    { htm: 'post' },
    { htu: 'https://evil.test/v1/commands' },
    { htu: `${ORIGINS[0]}/v1/devices` },
    { htu: `${ORIGINS[0]}/v1/commands?x=1` },
    { htu: '/v1/commands' },
    { iat: clock.ms / 1000 - 601 },
    { iat: clock.ms / 1000 + 601 },
    { bd: undefined },
    { jti: 'short' },
    { jti: undefined },
    { ath: 'anything' },
  ]
  for (const claims of wrong) {
    await expect(verify(await prove(claims)), JSON.stringify(claims)).rejects.toMatchObject(refused)
  }
  await verify(await prove({ iat: clock.ms / 1000 - 599 }))
  await verify(await prove({ iat: clock.ms / 1000 + 599 }))
})

test('[AU-3] a proof made for one access token is no proof for another', async () => {
  const { prove, verify } = await setup()
  const ath = await proofDigest('token-a')
  await verify(await prove({ ath }), { accessToken: 'token-a' })
  await expect(verify(await prove({ ath }), { accessToken: 'token-b' })).rejects.toMatchObject(
    refused,
  )
  await expect(verify(await prove(), { accessToken: 'token-a' })).rejects.toMatchObject(refused)
})

test('[AU-3] no header, two headers, another type and noise are refused', async () => {
  const { prove, verify } = await setup()
  const [one, two] = [await prove(), await prove()]
  const all = [null, '', 'x', `${one}, ${two}`, `${one},${two}`, 'a'.repeat(5000), `${one}.x`]
  for (const proof of [
    ...all,
    await prove({}, { typ: 'JWT' }),
    await prove({}, { typ: undefined }),
  ]) {
    await expect(verify(proof as string), String(proof)).rejects.toMatchObject(refused)
  }
})

test('[AU-3] only ES256 by the public P-256 key in the header counts', async () => {
  const { prove, verify } = await setup()
  const hmac = crypto.getRandomValues(new Uint8Array(32))
  const p384 = await generateKeyPair('ES384', { extractable: true })
  const other = await generateKeyPair('ES256')
  const symmetric = { kty: 'oct', k: 'AAAA' }
  const bad = [
    await prove({}, { alg: 'HS256' }, hmac),
    await prove({}, { alg: 'HS256', jwk: symmetric }, hmac),
    await prove({}, { alg: 'ES384', jwk: await exportJWK(p384.publicKey) }, p384.privateKey),
    await prove({}, { jwk: undefined }),
    await prove({}, { jwk: await exportJWK(pair.privateKey) }),
    await prove({}, { jwk: { ...jwk, d: 'AAAA' } }),
    await prove({}, { jwk: { ...jwk, oth: [] } }),
    await prove({}, {}, other.privateKey),
  ]
  for (const proof of bad) await expect(verify(proof), proof).rejects.toMatchObject(refused)
  const unsigned = (await prove()).split('.').with(2, '').join('.')
  await expect(verify(unsigned)).rejects.toMatchObject(refused)
})

test('[AU-5] without a fresh nonce the proof is asked for again, and its id is not used up', async () => {
  const { clock, nonces, prove, verify } = await setup()
  const old = await nonces.current()
  clock.ms += 5 * 60_000
  const needed = { code: 'proof_nonce_needed' }
  await expect(verify(await prove({ nonce: old }))).rejects.toMatchObject(needed)
  await expect(verify(await prove({ nonce: undefined }))).rejects.toMatchObject(needed)
  await expect(
    verify(await prove({ nonce: 'x', jti: 'same-id-twice-0001' })),
  ).rejects.toMatchObject(needed)
  await verify(await prove({ jti: 'same-id-twice-0001' }))
})

test('[AU-4] a proof works once for as long as its nonce lives', async () => {
  const { clock, prove, verify } = await setup()
  const proof = await prove()
  await verify(proof)
  await expect(verify(proof)).rejects.toMatchObject({ code: 'proof_replayed' })
  for (let i = 0; i < 5; i++) {
    clock.ms += 60_000
    await expect(verify(proof)).rejects.toMatchObject({
      code: expect.stringMatching(/^proof_(replayed|nonce_needed)$/),
    })
  }
})

test('[AU-4] of one proof sent many times at the same moment exactly one is taken', async () => {
  const { prove, verify } = await setup()
  const proof = await prove()
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => verify(proof)))
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
})

test('[I6] one key can make the relay remember only so many proofs at a time', async () => {
  const { clock, prove, verify } = await setup({ proofsPerKey: 8 })
  for (let i = 0; i < 8; i++) await verify(await prove())
  await expect(verify(await prove())).rejects.toMatchObject({ code: 'rate_limited' })
  clock.ms += 2 * 60_000
  await verify(await prove())
})

test('[I6] a proof by another key than the one expected is refused and not remembered', async () => {
  const { prove, verify } = await setup({ proofsPerKey: 1 })
  const proof = await prove()
  await expect(verify(proof, { thumbprint: 'another' })).rejects.toMatchObject(refused)
  await verify(proof, { thumbprint: await calculateJwkThumbprint(jwk) })
})
