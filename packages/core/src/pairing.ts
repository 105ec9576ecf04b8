import * as v from 'valibot'
import { agentSchema } from './agents.ts'
import { lineSchema } from './bounds.ts'
import { fromBase64Url, hmacSha256, sha256, toBase64Url, utf8 } from './encoding.ts'
import { deviceIdSchema, isoTimeSchema, pairingIdSchema } from './ids.ts'
import { publicKeySchema } from './public-key.ts'
import { scopesSchema } from './scopes.ts'

/** How long one pairing code lives. [PR-3] */
export const PAIRING_LIFE_MS = 5 * 60_000
/** Wrong typed codes, over all callers, before the code is burnt. [PR-5] */
export const PAIRING_WRONG_TRIES = 5

/** Crockford’s base 32: no I, L, O or U, so that a code survives being read out. */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Eight random characters, 40 bits, grouped as `K7QM-2XRT`. */
export const newTypedCode = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(8))
  const code = Array.from(bytes, (byte) => CROCKFORD[byte & 31]).join('')
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** A typed code as the relay compares it, forgiving what eyes confuse; undefined when it cannot be one. */
export const readTypedCode = (typed: string): string | undefined => {
  const code = typed
    .toUpperCase()
    .replaceAll(/[\s-]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1')
  return code.length === 8 && [...code].every((char) => CROCKFORD.includes(char))
    ? `${code.slice(0, 4)}-${code.slice(4)}`
    : undefined
}

/** A fresh 128-bit token for a QR code, in 22 characters. */
export const newPairingToken = (): string => toBase64Url(crypto.getRandomValues(new Uint8Array(16)))

/** The address a QR code holds. The token stands in the fragment, which no server and no tunnel sees. [PR-1] */
export const pairingUrl = (origin: string, token: string, relayKeyId: string): string =>
  `${origin}/#/p/1/${token}/${relayKeyId}`

/** What a scanned or pasted text holds, or undefined when it is no pairing address. */
export const readPairingUrl = (
  text: string,
): { origin: string; token: string; relayKeyId: string } | undefined => {
  const match = /^(https?:\/\/[^/#?\s]+)\/#\/p\/1\/([A-Za-z0-9_-]{22})\/([A-Za-z0-9_-]{8})$/.exec(
    text.trim(),
  )
  if (!match?.[1] || !match[2] || !match[3]) return undefined
  return { origin: match[1], token: match[2], relayKeyId: match[3] }
}

/** What a person carries from the terminal to the phone: a scanned token, or a typed code. */
export type PairingSecret = { kind: 'token'; token: string } | { kind: 'code'; code: string }

/** What both ends put into the HMAC, made of the secret. */
export type PairingKey = Uint8Array<ArrayBuffer>

/** Makes one guess at a typed code cost so much that its five minutes are over long before its 40 bits. */
const CODE_ROUNDS = 300_000

/**
 * The secret as a key for one device: a token’s own bytes; a typed code stretched, and salted with
 * the device’s key, so that whoever sees a claim pass can neither guess the code from it nor have
 * guessed before. [PR-2]
 */
export const pairingKey = async (
  secret: PairingSecret,
  deviceThumbprint: string,
): Promise<PairingKey> => {
  if (secret.kind === 'token') return fromBase64Url(secret.token)
  const code = await crypto.subtle.importKey('raw', utf8(secret.code), 'PBKDF2', false, [
    'deriveBits',
  ])
  const salt = joined('pair-code', deviceThumbprint)
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: CODE_ROUNDS }
  return new Uint8Array(await crypto.subtle.deriveBits(how, code, 256))
}

const joined = (...parts: string[]) => utf8(parts.join('\n'))

/** Names the secret without telling it: the first 8 bytes of a hash. [PR-2] */
export const pairingSecretId = async (key: PairingKey): Promise<string> => {
  const label = utf8('pair-id\n')
  const all = new Uint8Array(label.length + key.length)
  all.set(label)
  all.set(key, label.length)
  return toBase64Url((await sha256(all)).slice(0, 8))
}

/** The phone’s proof that it holds the secret, bound to its own key and the relay’s. [PR-2] */
export const pairingMac = async (
  key: PairingKey,
  bound: { deviceThumbprint: string; relayKeyId: string; nonce: string },
): Promise<string> =>
  toBase64Url(
    await hmacSha256(key, joined('pair', bound.deviceThumbprint, bound.relayKeyId, bound.nonce)),
  )

/** The relay’s proof that it holds the secret too, so that nothing in between can pose as it. [PR-4] */
export const relayMac = async (
  key: PairingKey,
  bound: { deviceThumbprint: string; relayThumbprint: string },
): Promise<string> =>
  toBase64Url(await hmacSha256(key, joined('relay', bound.deviceThumbprint, bound.relayThumbprint)))

/** The first 8 characters of the relay key’s thumbprint, as the QR code carries it. */
export const relayKeyIdOf = (relayThumbprint: string): string => relayThumbprint.slice(0, 8)

/** Two digits made of both keys, shown at both ends: equal only when nobody stands between. [PR-6] */
export const checkDigits = async (
  deviceThumbprint: string,
  relayThumbprint: string,
): Promise<string> => {
  const hash = await sha256(joined('check', deviceThumbprint, relayThumbprint))
  const number = new DataView(hash.buffer).getUint32(0) % 100
  return String(number).padStart(2, '0')
}

/** Compares without telling by its time where two texts differ. */
export const equalInConstantTime = (a: string, b: string): boolean => {
  if (a.length !== b.length) return false
  let different = 0
  for (let i = 0; i < a.length; i++) different |= a.charCodeAt(i) ^ b.charCodeAt(i)
  return different === 0
}

/** A phone asks to be let in. Its key stands in the call’s proof. */
export const pairClaimSchema = v.object({
  kind: v.picklist(['token', 'code']),
  secretId: v.pipe(v.string(), v.maxLength(20)),
  /** `pairingMac`, with the nonce of this call’s proof. */
  mac: v.pipe(v.string(), v.maxLength(60)),
  /** The 8 characters from the QR code; empty with a typed code. */
  relayKeyId: v.pipe(v.string(), v.maxLength(8)),
  deviceName: v.pipe(lineSchema, v.minLength(1)),
  /** What it runs on, in words: "iPhone, Safari 27". */
  platform: lineSchema,
})
export type PairClaim = v.InferOutput<typeof pairClaimSchema>

/** What a claim has come to. `waiting`: the terminal has still to say yes. */
export const pairAnswerSchema = v.variant('state', [
  v.object({
    state: v.literal('waiting'),
    pairingId: pairingIdSchema,
    relayKey: publicKeySchema,
    mac: v.string(),
  }),
  v.object({
    state: v.literal('paired'),
    pairingId: pairingIdSchema,
    relayKey: publicKeySchema,
    mac: v.string(),
    deviceId: deviceIdSchema,
    scopes: scopesSchema,
    machine: lineSchema,
  }),
])
export type PairAnswer = v.InferOutput<typeof pairAnswerSchema>

/** A code on offer, as the terminal that shows it sees it. */
export const pairingOfferSchema = v.object({
  pairingId: pairingIdSchema,
  pairUrl: v.string(),
  pairCode: v.string(),
  expiresAt: isoTimeSchema,
})
export type PairingOffer = v.InferOutput<typeof pairingOfferSchema>

/** How an offer stands, for the terminal that waits on it. */
export const pairingStateSchema = v.variant('state', [
  v.object({ state: v.literal('open') }),
  v.object({
    state: v.literal('claimed'),
    deviceName: lineSchema,
    platform: lineSchema,
    check: v.string(),
  }),
  v.object({ state: v.literal('paired'), deviceName: lineSchema, deviceId: deviceIdSchema }),
  v.object({ state: v.literal('refused') }),
  v.object({ state: v.literal('expired') }),
])
export type PairingState = v.InferOutput<typeof pairingStateSchema>

/** A paired device as lists show it. */
export const deviceSchema = v.object({
  deviceId: deviceIdSchema,
  name: lineSchema,
  platform: lineSchema,
  scopes: scopesSchema,
  pairedAt: isoTimeSchema,
  lastSeenAt: v.nullable(isoTimeSchema),
  /** True for the device that asks. */
  current: v.boolean(),
  /** Whether pushes reach it, as far as the relay knows. */
  push: v.boolean(),
  /** Absent on a person’s own device. */
  agent: v.optional(agentSchema),
})
export type Device = v.InferOutput<typeof deviceSchema>
