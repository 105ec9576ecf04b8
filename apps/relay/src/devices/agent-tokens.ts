import { agentTokenHash, RelayError } from '@bellhop/core'
import type { Principal } from '../principal.ts'
import { principalOf } from './authenticate.ts'
import type { Devices } from './devices.ts'

/**
 * Says which agent an `Authorization` header with a bearer token belongs to. Refuses with `not_paired`
 * what is no agent’s token, and with `device_removed` one that was taken out. [MC-9]
 */
export type AgentTokens = { principalOf(authorization: string | null): Promise<Principal> }

export const createAgentTokens = (devices: Devices): AgentTokens => ({
  principalOf: async (authorization) => {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
    // Found by its hash: how long that takes tells nothing about any token there is.
    const hash = token === undefined ? undefined : await agentTokenHash(token)
    const device = hash === undefined ? undefined : devices.byTokenHash(hash)
    if (!device?.agent) throw new RelayError('not_paired')
    if (device.revokedAt !== null) throw new RelayError('device_removed')
    devices.seen(device.deviceId)
    return principalOf(device, device.scopes)
  },
})
