import {
  check,
  type DeviceId,
  RelayError,
  type Scope,
  scopesSchema,
  TOKEN_TYPE,
} from '@bellhop/core'
import { jwtVerify, SignJWT } from 'jose'
import type { Clock } from '../clock.ts'
import type { DeviceRecord } from './device-registry.ts'

const ACCESS_TOKEN_LIFE_S = 5 * 60

/** What a good token says. */
export type AccessToken = {
  deviceId: DeviceId
  /** Thumbprint of the only key that may use it. */
  thumbprint: string
  scopes: readonly Scope[]
  expiresAtMs: number
}

/** Tokens that stand for a device for five minutes, each of use to that device's key alone. [AU-2] */
export type AccessTokens = {
  issue(device: DeviceRecord): Promise<{ accessToken: string; expiresInS: number }>
  /** Throws `token_invalid` for anything this relay did not issue or that has run out. */
  verify(accessToken: string): Promise<AccessToken>
}

export const createAccessTokens = (parts: {
  secret: Uint8Array
  /** Names the relay the tokens are for. */
  audience: string
  clock: Clock
}): AccessTokens => {
  const { secret, audience, clock } = parts

  return {
    issue: async (device) => {
      const issuedAtS = Math.floor(clock.nowMs() / 1000)
      const accessToken = await new SignJWT({
        cnf: { jkt: device.thumbprint },
        scp: [...device.scopes],
      })
        .setProtectedHeader({ alg: 'HS256', typ: TOKEN_TYPE })
        .setSubject(device.deviceId)
        .setAudience(audience)
        .setIssuedAt(issuedAtS)
        .setExpirationTime(issuedAtS + ACCESS_TOKEN_LIFE_S)
        .sign(secret)
      return { accessToken, expiresInS: ACCESS_TOKEN_LIFE_S }
    },

    verify: async (accessToken) => {
      const verified = await jwtVerify<{ cnf?: { jkt?: unknown }; scp?: unknown }>(
        accessToken,
        secret,
        {
          algorithms: ['HS256'],
          typ: TOKEN_TYPE,
          audience,
          requiredClaims: ['sub', 'exp', 'cnf', 'scp'],
          currentDate: new Date(clock.nowMs()),
        },
      ).catch(() => undefined)
      const { sub, exp, cnf, scp } = verified?.payload ?? {}
      const scopes = check(scopesSchema, scp)
      if (!sub || !exp || typeof cnf?.jkt !== 'string' || !scopes.ok) {
        throw new RelayError('token_invalid')
      }
      return {
        deviceId: sub as DeviceId,
        thumbprint: cnf.jkt,
        scopes: scopes.value,
        expiresAtMs: exp * 1000,
      }
    },
  }
}
