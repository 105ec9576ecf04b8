import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DeviceId, RelayError, randomSuffix, type Scope } from '@bellhop/core'
import { type DeviceKey, deviceKeyFrom } from '@bellhop/core/client'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { parseDeviceKey } from '../devices/local-device.ts'
import { ensurePrivateFolder } from '../private-folder.ts'

/** An agent’s credential as its file holds it: a key pair of its own, and a token for use over HTTP. */
export type AgentFile = {
  name: string
  deviceId: DeviceId
  scopes: readonly Scope[]
  key: JWK
  token: string
}

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/

/** Whether a word can name an agent, and so its file. */
export const isAgentName = (name: string): boolean => NAME.test(name)

const folderOf = (dataDir: string) => join(dataDir, 'mcp')
const pathOf = (dataDir: string, name: string) => {
  if (!isAgentName(name)) {
    throw new RelayError('config_invalid', {
      why: `${name} cannot name an agent: small letters, digits and hyphens can`,
    })
  }
  return join(folderOf(dataDir), `${name}.json`)
}

export const newAgentKey = async (): Promise<{ jwk: JWK; key: DeviceKey }> => {
  const pair = await generateKeyPair('ES256', { extractable: true })
  return { jwk: await exportJWK(pair.privateKey), key: await deviceKeyFrom(pair) }
}

/** Reads an agent’s credential; undefined when there is none. Refuses with `config_invalid`. */
export const readAgentFile = async (
  dataDir: string,
  name: string,
): Promise<AgentFile | undefined> => {
  const path = pathOf(dataDir, name)
  try {
    const file = JSON.parse(await readFile(path, 'utf8')) as AgentFile
    const { deviceId, scopes, key, token } = file
    if ([deviceId, token].every((one) => typeof one === 'string') && Array.isArray(scopes) && key) {
      return file
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new RelayError('config_invalid', { file: path }, cause)
  }
  throw new RelayError('config_invalid', { file: path })
}

/** Writes it whole, for the owner alone. [MC-1] */
export const writeAgentFile = async (dataDir: string, file: AgentFile): Promise<void> => {
  const path = pathOf(dataDir, file.name)
  ensurePrivateFolder(folderOf(dataDir))
  const draft = `${path}.${randomSuffix()}`
  try {
    await writeFile(draft, JSON.stringify(file), { mode: 0o600, flag: 'wx' })
    await rename(draft, path)
  } catch (cause) {
    throw new RelayError('data_folder_unusable', { path }, cause)
  } finally {
    await rm(draft, { force: true })
  }
}

export const removeAgentFile = (dataDir: string, name: string): Promise<void> =>
  rm(pathOf(dataDir, name), { force: true })

/** The names there are credentials for. */
export const agentNames = async (dataDir: string): Promise<string[]> => {
  const names = await readdir(folderOf(dataDir)).catch(() => [])
  return names
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .filter(isAgentName)
    .sort()
}

export const agentKeyOf = ({ name, key }: AgentFile): Promise<DeviceKey> =>
  parseDeviceKey(`${name}.json`, JSON.stringify(key))
