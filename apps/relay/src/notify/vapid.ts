import { fromBase64Url, RelayError, toBase64Url } from '@bellhop/core'
import type { RelaySecrets } from '../devices/device-registry.ts'

/** The key pair this relay is known by at push services, as base64url: 65 and 32 bytes. */
export type VapidKeys = { publicKey: string; privateKey: string }

const SECRET_NAME = 'vapid-keys'

/** The relay’s keys for push services, made once: subscriptions are bound to them. [PU-11] */
export const loadVapidKeys = async (secrets: RelaySecrets): Promise<VapidKeys> => {
  const stored = await secrets.get(SECRET_NAME)
  return readKeys(stored ?? (await secrets.setOnce(SECRET_NAME, JSON.stringify(await newKeys()))))
}

const newKeys = async (): Promise<VapidKeys> => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const publicKey = await crypto.subtle.exportKey('raw', pair.publicKey)
  const { d } = await crypto.subtle.exportKey('jwk', pair.privateKey)
  if (d === undefined) throw new TypeError('a private key without its number')
  return { publicKey: toBase64Url(new Uint8Array(publicKey)), privateKey: d }
}

const readKeys = (text: string): VapidKeys => {
  try {
    const { publicKey, privateKey } = JSON.parse(text) as VapidKeys
    if (fromBase64Url(publicKey).length === 65 && fromBase64Url(privateKey).length === 32) {
      return { publicKey, privateKey }
    }
  } catch (error) {
    throw new RelayError('database_broken', { what: SECRET_NAME }, error)
  }
  throw new RelayError('database_broken', { what: SECRET_NAME })
}

/** Names that lead nowhere from outside; push services turn a contact with one away. */
const PRIVATE_ENDINGS =
  /(^|\.)(localhost|local|localdomain|internal|intranet|private|corp|home|lan|invalid|test|example|onion|arpa)$/

/** Whether a contact is one a push service can reach: an https address or a mail address with a public name. */
export const isPublicContact = (contact: string): boolean => {
  if (!URL.canParse(contact)) return false
  const url = new URL(contact)
  if (url.protocol === 'mailto:') {
    const at = url.pathname.lastIndexOf('@')
    return at > 0 && isPublicName(url.pathname.slice(at + 1))
  }
  return url.protocol === 'https:' && isPublicName(url.hostname)
}

const isPublicName = (name: string): boolean => {
  const host = name.toLowerCase().replace(/\.$/, '')
  const isName = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(host)
  return isName && !PRIVATE_ENDINGS.test(host)
}

/** The contact as given, or throws `config_invalid` with what is wrong with it. [PU-11] */
export const checkContact = (contact: string): string => {
  if (isPublicContact(contact)) return contact
  throw new RelayError('config_invalid', {
    why: `Push services turn away the contact ${contact}. Name an https address or a mailto: address with a public name.`,
  })
}

/** For push services, which refuse a contact that only this network knows. */
const FALLBACK_CONTACT = 'mailto:nobody@example.com'

/** The contact a relay names when nobody chose one: its public address, where that is one. [PU-11] */
export const contactFor = (publicUrl: string | null): string =>
  publicUrl !== null && isPublicContact(publicUrl) ? publicUrl : FALLBACK_CONTACT
