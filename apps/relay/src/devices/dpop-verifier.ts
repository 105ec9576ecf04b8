import {
  check,
  PROOF_ALGORITHM,
  PROOF_TYPE,
  type ProofClaims,
  type PublicKey,
  proofClaimsSchema,
  proofDigest,
  publicKeySchema,
  RelayError,
} from '@bellhop/core'
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, jwtVerify } from 'jose'
import type { Clock } from '../clock.ts'
import type { ReplayGuard } from './device-registry.ts'
import { NONCE_LIFE_MS, type Nonces } from './nonces.ts'

/** Clocks of phones are wrong; freshness comes from the nonce, this only bounds nonsense. */
const CLOCK_SKEW_MS = 10 * 60_000
/** Proofs of one key remembered per nonce bucket; a key that makes more has to slow down. [I6] */
const PROOFS_PER_KEY = 4096
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** A call as far as a proof speaks of it. */
export type ProvenCall = {
  method: string
  path: string
  /** The origins under which this relay may have been called. */
  origins: readonly string[]
  /** The `DPoP` header as it came. */
  proof: string | null
  accessToken?: string
  /** The only key it may be; another’s proof is refused before anything is remembered of it. [I6] */
  thumbprint?: string
}

/** A key that has shown, for this one call, that its private half is at the other end. */
export type ProvenKey = {
  thumbprint: string
  publicKey: PublicKey
  nonce: string
  /** The body the proof speaks of: `proofDigest` of its bytes. */
  bodyDigest: string
}

/**
 * Checks proofs by RFC 9449 §4.3 and our own `bd`; throws `proof_invalid`, `proof_nonce_needed` or
 * `proof_replayed`. The body is compared by whoever reads it, against `bodyDigest`. [AU-3]
 */
export type DpopVerifier = { verify(call: ProvenCall): Promise<ProvenKey> }

const wrong = (what: string) => new RelayError('proof_invalid', { what })

const signedClaims = async (
  proof: string | null,
  nowMs: number,
): Promise<{ claims: ProofClaims; publicKey: PublicKey }> => {
  // Two headers arrive joined by a comma, which no compact JWS contains.
  if (proof === null || proof.length > 4096 || !COMPACT_JWS.test(proof)) throw wrong('header')
  let headerKey: JWK | undefined
  const verified = await jwtVerify(
    proof,
    async (header, token) => {
      headerKey = header?.jwk
      return EmbeddedJWK(header, token)
    },
    { typ: PROOF_TYPE, algorithms: [PROOF_ALGORITHM], currentDate: new Date(nowMs) },
  ).catch(() => undefined)
  if (!verified || !headerKey) throw wrong('signature')
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(headerKey as object, member))) {
    throw wrong('key')
  }
  const key = check(publicKeySchema, headerKey)
  const claims = check(proofClaimsSchema, verified.payload)
  if (!key.ok || !claims.ok) throw wrong('claims')
  return { claims: claims.value, publicKey: key.value }
}

export const createDpopVerifier = (parts: {
  nonces: Nonces
  replay: ReplayGuard
  clock: Clock
  proofsPerKey?: number
}): DpopVerifier => {
  const { nonces, replay, clock, proofsPerKey = PROOFS_PER_KEY } = parts
  let counted = { nonce: '', perKey: new Map<string, number>() }

  const countOf = async (thumbprint: string) => {
    const nonce = await nonces.current()
    if (counted.nonce !== nonce) counted = { nonce, perKey: new Map() }
    return counted.perKey.get(thumbprint) ?? 0
  }

  const useOnce = async (thumbprint: string, jti: string) => {
    const used = await countOf(thumbprint)
    if (used >= proofsPerKey) throw new RelayError('rate_limited', { retryAfterS: 120 })
    // The nonce dies before this does, so nothing has to be remembered for longer.
    const expiresAtMs = clock.nowMs() + NONCE_LIFE_MS
    if (!(await replay.firstUse(`${thumbprint}|${jti}`, expiresAtMs))) {
      throw new RelayError('proof_replayed')
    }
    counted.perKey.set(thumbprint, used + 1)
  }

  return {
    verify: async (call) => {
      const { claims, publicKey } = await signedClaims(call.proof, clock.nowMs())
      if (claims.htm !== call.method) throw wrong('htm')
      if (!call.origins.some((origin) => claims.htu === origin + call.path)) throw wrong('htu')
      if (Math.abs(clock.nowMs() - claims.iat * 1000) > CLOCK_SKEW_MS) throw wrong('iat')
      const ath = call.accessToken && (await proofDigest(call.accessToken))
      if (claims.ath !== ath) throw wrong('ath')
      if (claims.nonce === undefined || !(await nonces.isFresh(claims.nonce))) {
        throw new RelayError('proof_nonce_needed')
      }
      const thumbprint = await calculateJwkThumbprint(publicKey)
      if (call.thumbprint !== undefined && thumbprint !== call.thumbprint) throw wrong('key')
      await useOnce(thumbprint, claims.jti)
      return { thumbprint, publicKey, nonce: claims.nonce, bodyDigest: claims.bd }
    },
  }
}
