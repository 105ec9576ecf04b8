import * as v from 'valibot'
import { lineSchema } from './bounds.ts'
import { sha256, toBase64Url, utf8 } from './encoding.ts'
import { publicKeySchema } from './public-key.ts'
import { AGENT_SCOPES } from './scopes.ts'

/** What makes a device an agent: a program that acts by itself, not somebody’s hand. [MC-1] */
export const agentSchema = v.object({
  /** Whether a person has to say yes to each thing it asks for. [MC-1] */
  asksFirst: v.boolean(),
})
export type Agent = v.InferOutput<typeof agentSchema>

/** Lets an agent in: its key, for calls it signs, and the hash of the token it may use over HTTP. */
export const addAgentSchema = v.object({
  name: v.pipe(lineSchema, v.minLength(1)),
  scopes: v.pipe(v.array(v.picklist(AGENT_SCOPES)), v.minLength(1), v.maxLength(8)),
  asksFirst: v.boolean(),
  publicKey: publicKeySchema,
  /** `agentTokenHash` of its token: the relay never keeps the token itself. */
  tokenHash: v.pipe(v.string(), v.length(43)),
})

const TOKEN = /^bhm_[\w-]{43}$/

/** A fresh token of 256 bits, told apart from any other by its beginning. */
export const newAgentToken = (): string =>
  `bhm_${toBase64Url(crypto.getRandomValues(new Uint8Array(32)))}`

/** What the relay knows a token by; undefined when the text cannot be one. */
export const agentTokenHash = async (token: string): Promise<string | undefined> =>
  TOKEN.test(token) ? toBase64Url(await sha256(utf8(token))) : undefined
