import {
  type Access,
  equalInConstantTime,
  proofDigest,
  RelayError,
  type Scope,
} from '@bellhop/core'
import { type Principal, requireScope } from '../principal.ts'
import type { AccessTokens } from './access-tokens.ts'
import type { DeviceRecord } from './device-registry.ts'
import type { Devices } from './devices.ts'
import type { DpopVerifier, ProvenKey } from './dpop-verifier.ts'

/** A call as it came in, before anything about it is believed. */
export type IncomingCall = {
  method: string
  path: string
  /** The origins under which this relay may have been called. */
  origins: readonly string[]
  authorization: string | null
  proof: string | null
  /** Reads the body, or refuses with `body_too_large`. */
  readBody(): Promise<Uint8Array<ArrayBuffer>>
}

/** Who a call turned out to come from; the body is handed out only with it. */
export type Admitted =
  | { who: 'anyone'; body: Uint8Array<ArrayBuffer> }
  | { who: 'key'; body: Uint8Array<ArrayBuffer>; key: ProvenKey }
  | {
      who: 'device'
      body: Uint8Array<ArrayBuffer>
      principal: Principal
      tokenExpiresAtMs: number
    }

/** Lets a call in by the access its endpoint names, or refuses it. [AU-7] */
export type Authenticate = (access: Access, call: IncomingCall) => Promise<Admitted>

/** Who acts with a device, as far as these scopes go. */
export const principalOf = (
  { deviceId, name, agent }: DeviceRecord,
  scopes: readonly Scope[],
): Principal => ({ deviceId, name, scopes, ...(agent && { agent }) })

export const createAuthenticate = (parts: {
  verifier: DpopVerifier
  tokens: AccessTokens
  devices: Devices
}): Authenticate => {
  const { verifier, tokens, devices } = parts

  const provenBody = async (key: ProvenKey, call: IncomingCall) => {
    const body = await call.readBody()
    if (!equalInConstantTime(await proofDigest(body), key.bodyDigest)) {
      throw new RelayError('proof_invalid', { what: 'bd' })
    }
    return body
  }

  const device = async (call: IncomingCall) => {
    const accessToken = /^DPoP ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(call.authorization ?? '')?.[1]
    if (!accessToken) throw new RelayError(call.authorization ? 'token_invalid' : 'not_paired')
    const token = await tokens.verify(accessToken)
    const record = devices.get(token.deviceId)
    if (!record) throw new RelayError('not_paired')
    if (record.revokedAt !== null) throw new RelayError('device_removed')
    const { thumbprint } = record
    if (token.thumbprint !== thumbprint) throw new RelayError('proof_invalid', { what: 'key' })
    const key = await verifier.verify({ ...call, accessToken, thumbprint })
    // A token never grants more than it said, nor a device more than it holds by now.
    const scopes = record.scopes.filter((scope) => token.scopes.includes(scope))
    const principal = principalOf(record, scopes)
    return { key, principal, tokenExpiresAtMs: token.expiresAtMs }
  }

  return async (access, call) => {
    if (access === 'public') return { who: 'anyone', body: await call.readBody() }
    if (access === 'device') {
      const key = await verifier.verify(call)
      return { who: 'key', key, body: await provenBody(key, call) }
    }
    const { key, principal, tokenExpiresAtMs } = await device(call)
    requireScope(principal, access)
    const body = await provenBody(key, call)
    // Reading may have taken a while: whoever was removed meanwhile is not let in.
    if (devices.get(principal.deviceId)?.revokedAt !== null) throw new RelayError('device_removed')
    devices.seen(principal.deviceId)
    return { who: 'device', body, principal, tokenExpiresAtMs }
  }
}
