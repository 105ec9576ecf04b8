import { fromBase64Url, type PublicKey, RelayError, relayKeyIdOf, toBase64Url } from '@bellhop/core'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { RelaySecrets } from './device-registry.ts'

/** What makes this relay itself. Its private parts never leave the process. [I12] */
export type RelayKeys = {
  publicKey: PublicKey
  /** RFC 7638 thumbprint of `publicKey`. */
  thumbprint: string
  /** The 8 characters of it a QR code carries. */
  keyId: string
  tokenSecret: Uint8Array<ArrayBuffer>
  nonceSecret: Uint8Array<ArrayBuffer>
}

const newIdentityKey = async (): Promise<string> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  return JSON.stringify(await exportJWK(privateKey))
}

const newSecret = () => toBase64Url(crypto.getRandomValues(new Uint8Array(32)))

const keep = async (secrets: RelaySecrets, name: string, make: () => string | Promise<string>) =>
  (await secrets.get(name)) ?? secrets.setOnce(name, await make())

const publicHalf = (stored: string): PublicKey => {
  const { x, y } = JSON.parse(stored) as JWK
  if (typeof x !== 'string' || typeof y !== 'string') {
    throw new RelayError('database_broken', { part: 'relay key' })
  }
  return { kty: 'EC', crv: 'P-256', x, y }
}

/** The relay's keys, made on its first start and the same ever after. */
export const loadRelayKeys = async (secrets: RelaySecrets): Promise<RelayKeys> => {
  const publicKey = publicHalf(await keep(secrets, 'relay-identity-key', newIdentityKey))
  const thumbprint = await calculateJwkThumbprint(publicKey)
  return {
    publicKey,
    thumbprint,
    keyId: relayKeyIdOf(thumbprint),
    tokenSecret: fromBase64Url(await keep(secrets, 'token-signing-secret', newSecret)),
    nonceSecret: fromBase64Url(await keep(secrets, 'proof-nonce-secret', newSecret)),
  }
}
