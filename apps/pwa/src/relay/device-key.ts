import { type DeviceKey, deviceKeyFrom, generateKeyPair } from '@bellhop/core/client'
import { database } from '../platform/database.ts'

/** A device's key, and whether it will still be there when the app is opened again. */
export type OwnKey = { readonly key: DeviceKey; readonly kept: boolean }

/** The key this phone was paired with, or undefined when there is none that works. */
export async function loadDeviceKey(): Promise<DeviceKey | undefined> {
  try {
    const db = await database()
    const [privateKey, publicKey] = await Promise.all([
      db.get('keys', 'device-private'),
      db.get('keys', 'device-public'),
    ])
    if (!privateKey || !publicKey) return undefined
    const key = await deviceKeyFrom({ privateKey, publicKey })
    return (await works(key, publicKey)) ? key : undefined
  } catch {
    return undefined
  }
}

/**
 * Makes a new key that scripts can use and not read. Some browsers refuse to store one, or give nothing back: then
 * `kept` is false and the pairing lasts only as long as the page. It is never stored in readable form instead.
 */
export async function makeDeviceKey(): Promise<OwnKey> {
  const pair = await generateKeyPair(false)
  const key = await deviceKeyFrom(pair)
  try {
    const db = await database()
    await db.put('keys', pair.privateKey, 'device-private')
    await db.put('keys', pair.publicKey, 'device-public')
  } catch {
    return { key, kept: false }
  }
  const stored = await loadDeviceKey()
  return stored?.thumbprint === key.thumbprint ? { key: stored, kept: true } : { key, kept: false }
}

async function works(key: DeviceKey, publicKey: CryptoKey): Promise<boolean> {
  const how = { name: 'ECDSA', hash: 'SHA-256' }
  const words = new TextEncoder().encode('bellhop')
  const signature = await crypto.subtle.sign(how, key.privateKey, words)
  return crypto.subtle.verify(how, publicKey, signature, words)
}
