import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ALL_SCOPES, check, publicKeySchema, RelayError, randomSuffix } from '@bellhop/core'
import type { DeviceKey } from '@bellhop/core/client'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import type { DeviceRecord } from './device-registry.ts'
import type { Devices } from './devices.ts'

const FILE = 'terminal-key.json'

const unusable = (path: string, cause?: unknown) =>
  new RelayError('data_folder_unusable', { path }, cause)

/** Reads a key pair written as a private JWK; `path` names it in the refusal. */
export const parseDeviceKey = async (path: string, text: string): Promise<DeviceKey> => {
  let jwk: JWK
  let privateKey: Awaited<ReturnType<typeof importJWK>>
  try {
    jwk = JSON.parse(text) as JWK
    privateKey = await importJWK(jwk, 'ES256')
  } catch (cause) {
    throw unusable(path, cause)
  }
  const publicKey = check(publicKeySchema, jwk)
  if (!publicKey.ok || privateKey instanceof Uint8Array || privateKey.type !== 'private') {
    throw unusable(path)
  }
  return {
    privateKey,
    publicKey: publicKey.value,
    thumbprint: await calculateJwkThumbprint(publicKey.value),
  }
}

/** Reads the terminal’s key; undefined when no relay has ever run on this data folder. */
export const readLocalKey = async (dataDir: string): Promise<DeviceKey | undefined> => {
  const path = join(dataDir, FILE)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unusable(path, cause)
  }
  return parseDeviceKey(path, text)
}

/** Writes whole and private or not at all; of two at the same moment the first one counts. */
const writeNewKey = async (path: string): Promise<void> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const draft = `${path}.${randomSuffix()}`
  try {
    await writeFile(draft, JSON.stringify(await exportJWK(privateKey)), { mode: 0o600, flag: 'wx' })
    await link(draft, path)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(path, cause)
  } finally {
    await rm(draft, { force: true })
  }
}

/**
 * Makes this machine’s terminal a device with every scope, so that the command line is a client like
 * any other. Its key is a file only the person’s own account can read; the relay makes it once.
 */
export const enrolLocalDevice = async (parts: {
  dataDir: string
  devices: Devices
  name: string
}): Promise<DeviceRecord> => {
  const path = join(parts.dataDir, FILE)
  let key = await readLocalKey(parts.dataDir)
  if (!key) {
    await writeNewKey(path)
    key = await readLocalKey(parts.dataDir)
  }
  if (!key) throw unusable(path)
  await chmod(path, 0o600).catch((cause: unknown) => Promise.reject(unusable(path, cause)))
  const known = parts.devices.byThumbprint(key.thumbprint)
  if (known?.local && known.revokedAt === null) return known
  return parts.devices.enrol({
    publicKey: key.publicKey,
    thumbprint: key.thumbprint,
    name: parts.name,
    platform: 'Terminal',
    scopes: ALL_SCOPES,
    local: true,
  })
}
