import { type CryptoKey, calculateJwkThumbprint, exportJWK, SignJWT } from 'jose'
import { check } from '../check.ts'
import { PROOF_ALGORITHM, PROOF_TYPE, proofDigest, proofUrl } from '../dpop.ts'
import { randomSuffix } from '../ids.ts'
import { type PublicKey, publicKeySchema } from '../public-key.ts'

/** A key pair as WebCrypto makes it, in browsers and in Node alike. */
type KeyPair = { privateKey: CryptoKey; publicKey: CryptoKey }

/** A device’s key pair with its public half written out. The private half need not be extractable. */
export type DeviceKey = {
  readonly privateKey: CryptoKey
  readonly publicKey: PublicKey
  /** RFC 7638 thumbprint. */
  readonly thumbprint: string
}

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' } as const

/** Makes a key pair; not extractable unless asked, so that a script may use it but not steal it. [AU-1] */
export const generateKeyPair = (extractable = false): Promise<KeyPair> =>
  crypto.subtle.generateKey(CURVE, extractable, ['sign', 'verify']) as Promise<KeyPair>

/** Reads a key pair’s public half; throws a `TypeError` for any other kind of key. */
export const deviceKeyFrom = async (pair: KeyPair): Promise<DeviceKey> => {
  const jwk = await exportJWK(pair.publicKey)
  const publicKey = check(publicKeySchema, jwk)
  if (!publicKey.ok) throw new TypeError('A device key is a P-256 key.')
  return {
    privateKey: pair.privateKey,
    publicKey: publicKey.value,
    thumbprint: await calculateJwkThumbprint(publicKey.value),
  }
}

/** Signs the proof for one call: RFC 9449 with the body’s digest in `bd`. [AU-3] */
export const signProof = async (
  key: DeviceKey,
  call: {
    method: string
    url: string
    body: string
    accessToken?: string
    nonce?: string
    nowMs: number
  },
): Promise<string> =>
  new SignJWT({
    jti: randomSuffix(),
    htm: call.method,
    htu: proofUrl(call.url),
    bd: await proofDigest(call.body),
    ...(call.nonce !== undefined && { nonce: call.nonce }),
    ...(call.accessToken !== undefined && { ath: await proofDigest(call.accessToken) }),
  })
    .setProtectedHeader({ typ: PROOF_TYPE, alg: PROOF_ALGORITHM, jwk: key.publicKey })
    .setIssuedAt(Math.floor(call.nowMs / 1000))
    .sign(key.privateKey)
