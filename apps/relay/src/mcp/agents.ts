import {
  type AGENT_SCOPES,
  agentTokenHash,
  type Device,
  newAgentToken,
  RelayError,
  type Scope,
} from '@bellhop/core'
import { isRefusal, type RelayClient } from '@bellhop/core/client'
import {
  type AgentFile,
  agentNames,
  isAgentName,
  newAgentKey,
  readAgentFile,
  removeAgentFile,
  writeAgentFile,
} from './agent-files.ts'

/** An agent with a credential here; `device` is absent once it was revoked. */
export type Agent = { name: string; scopes: readonly Scope[]; device?: Device }

const deviceOf = (devices: readonly Device[], { deviceId }: AgentFile) =>
  devices.find((device) => device.deviceId === deviceId)

/**
 * Lets an agent in as a device of its own, with these scopes and no others, and keeps its key
 * and its token in the data folder. `desk` is the terminal, which may let devices in. Refuses with `config_invalid` while
 * an agent of this name is in. [MC-1]
 */
export const addAgent = async (parts: {
  dataDir: string
  desk: RelayClient
  name: string
  scopes: readonly (typeof AGENT_SCOPES)[number][]
  asksFirst: boolean
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
  const token = newAgentToken()
  const tokenHash = await agentTokenHash(token)
  if (tokenHash === undefined) throw new TypeError('a token that is none')
  const device = await desk.call('addAgent', {
    name,
    scopes: [...parts.scopes],
    asksFirst: parts.asksFirst,
    publicKey: key.publicKey,
    tokenHash,
  })
  const { deviceId } = device
  try {
    await writeAgentFile(dataDir, { name, deviceId, scopes: device.scopes, key: jwk, token })
  } catch (error) {
    // A device nobody holds the key of is of no use to anybody.
    await desk.call('revoke', { deviceId })
    throw error
  }
  return { name, scopes: device.scopes, device }
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

/** The token an agent shows over HTTP; undefined when there is no such agent. [MC-9] */
export const agentToken = async (parts: {
  dataDir: string
  name: string
}): Promise<string | undefined> =>
  isAgentName(parts.name) ? (await readAgentFile(parts.dataDir, parts.name))?.token : undefined

/** Says whether an agent has to ask a person first. Says whether there is such an agent. [MC-1] */
export const setAgent = async (parts: {
  dataDir: string
  desk: RelayClient
  name: string
  asksFirst: boolean
}): Promise<boolean> => {
  const file = isAgentName(parts.name) ? await readAgentFile(parts.dataDir, parts.name) : undefined
  if (!file) return false
  await parts.desk.call('setAgent', { deviceId: file.deviceId, asksFirst: parts.asksFirst })
  return true
}
