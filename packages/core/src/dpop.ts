import * as v from 'valibot'
import { sha256, toBase64Url, utf8 } from './encoding.ts'

/** Header names of RFC 9449, lower case. */
export const DPOP_HEADER = 'dpop'
export const DPOP_NONCE_HEADER = 'dpop-nonce'
export const PROOF_TYPE = 'dpop+jwt'
export const TOKEN_TYPE = 'at+jwt'
export const PROOF_ALGORITHM = 'ES256'

/**
 * What a proof says: RFC 9449 §4.2, and `bd`, the hash of the body, so that whoever stands between
 * the phone and the relay can drop a call but not change it. [AU-3]
 */
export const proofClaimsSchema = v.object({
  jti: v.pipe(v.string(), v.minLength(16), v.maxLength(100)),
  htm: v.pipe(v.string(), v.maxLength(10)),
  htu: v.pipe(v.string(), v.maxLength(2048)),
  iat: v.number(),
  nonce: v.optional(v.pipe(v.string(), v.maxLength(200))),
  /** Hash of the access token; absent on the calls that have none yet. */
  ath: v.optional(v.pipe(v.string(), v.maxLength(100))),
  /** Hash of the body as sent; the hash of nothing when there is no body. */
  bd: v.pipe(v.string(), v.maxLength(100)),
})
export type ProofClaims = v.InferOutput<typeof proofClaimsSchema>

/** The `htu` of a call: origin and path, no query, no fragment. The one place both ends take it from. [AU-3] */
export const proofUrl = (url: string): string => {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

/** base64url SHA-256 of text or bytes, as `ath` and `bd` carry it. */
export const proofDigest = async (data: string | Uint8Array<ArrayBuffer>): Promise<string> =>
  toBase64Url(await sha256(typeof data === 'string' ? utf8(data) : data))
