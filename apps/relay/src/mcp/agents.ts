import { type Device, RelayError, readPairingUrl, type Scope } from '@bellhop/core'
import { createRelayClient, isRefusal, pairDevice, type RelayClient } from '@bellhop/core/client'
import {
  type AgentFile,
  agentNames,
  isAgentName,
  newAgentKey,
  readAgentFile,
  removeAgentFile,
  writeAgentFile,
} from './agent-files.ts'

/** What lists show an agent runs on. */
const PLATFORM = 'MCP client'

/** An agent with a credential here; `device` is absent once it was revoked. */
export type Agent = { name: string; scopes: readonly Scope[]; device?: Device }

const deviceOf = (devices: readonly Device[], { deviceId }: AgentFile) =>
  devices.find((device) => device.deviceId === deviceId)

/**
 * Lets an agent in as a device of its own, with these scopes and no others, and keeps its key in the
 * data folder. `desk` is the terminal, which may let devices in. Refuses with `config_invalid` while
 * an agent of this name is in. [MC-1]
 */
export const addAgent = async (parts: {
  dataDir: string
  desk: RelayClient
  name: string
  scopes: readonly Scope[]
}): Promise<Agent> => {
  const { dataDir, desk, name } = parts
  const known = isAgentName(name) ? await readAgentFile(dataDir, name) : undefined
  const { devices } = await desk.call('devices', null)
  if (known && deviceOf(devices, known)) {
    throw new RelayError('config_invalid', {
      why: `There is an agent ${name} already. Take it out first: bellhop mcp remove ${name}`,
    })
  }
  if (!isAgentName(name)) {
    throw new RelayError('config_invalid', {
      why: `${name} cannot name an agent: small letters, digits and hyphens can`,
    })
  }
  const { jwk, key } = await newAgentKey()
  const offer = await desk.call('offer', { scopes: [...parts.scopes], confirm: false })
  const scanned = readPairingUrl(offer.pairUrl)
  if (!scanned) throw new TypeError('A pairing address that is none.')
  const paired = await pairDevice(createRelayClient({ origin: desk.origin, key }), {
    secret: { kind: 'token', token: scanned.token },
    relayKeyId: scanned.relayKeyId,
    deviceName: name,
    platform: PLATFORM,
  })
  const { deviceId, scopes } = paired
  try {
    await writeAgentFile(dataDir, { name, deviceId, scopes, key: jwk })
  } catch (error) {
    // A device nobody holds the key of is of no use to anybody.
    await desk.call('revoke', { deviceId })
    throw error
  }
  return { name, scopes }
}

export const listAgents = async (parts: {
  dataDir: string
  desk: RelayClient
}): Promise<Agent[]> => {
  const { devices } = await parts.desk.call('devices', null)
  const names = await agentNames(parts.dataDir)
  const files = await Promise.all(names.map((name) => readAgentFile(parts.dataDir, name)))
  return files
    .filter((file) => file !== undefined)
    .map((file) => {
      const device = deviceOf(devices, file)
      return { name: file.name, scopes: file.scopes, ...(device && { device }) }
    })
}

/** Revokes an agent at once and throws its key away. Says whether there was one. */
export const removeAgent = async (parts: {
  dataDir: string
  desk: RelayClient
  name: string
}): Promise<boolean> => {
  const file = isAgentName(parts.name) ? await readAgentFile(parts.dataDir, parts.name) : undefined
  if (!file) return false
  await parts.desk.call('revoke', { deviceId: file.deviceId }).catch((error: unknown) => {
    if (!isRefusal(error, 'device_not_found')) throw error
  })
  await removeAgentFile(parts.dataDir, parts.name)
  return true
}
