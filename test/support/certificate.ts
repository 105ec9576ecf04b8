import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A certificate and its key, both PEM, made for one test and kept nowhere. */
export type Certificate = { cert: string; key: string }

export type CertificateOptions = {
  /** The IPv4 address it is for. */
  address?: string
  /** By default since yesterday, */
  fromMs?: number
  /** and until tomorrow. */
  toMs?: number
  /** What it may be used for. */
  purpose?: 'server' | 'client'
  /** A key as short as nobody takes any more. */
  isWeak?: boolean
}

const DAY_MS = 86_400_000

/** One value in DER: its tag, its length, and what it is made of. */
const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const { length } = body
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...(length < 128 ? [length] : long)]), body])
}
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts)
const hex = (digits: string) => Buffer.from(digits, 'hex')
const timeOf = (ms: number) => {
  const text = new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')
  return der(0x18, Buffer.from(`${text}Z`))
}

// Names of things, as X.509 spells them (RFC 5280, RFC 5758, RFC 8017).
const COMMON_NAME = hex('0603550403')
const ALTERNATIVE_NAME = hex('0603551d11')
const KEY_PURPOSE = hex('0603551d25')
const PURPOSES = { server: hex('06082b06010505070301'), client: hex('06082b06010505070302') }
const ECDSA_SHA256 = sequence(hex('06082a8648ce3d040302'))
const RSA_SHA256 = sequence(hex('06092a864886f70d01010b'), hex('0500'))

const keysOf = (isWeak: boolean) =>
  isWeak
    ? generateKeyPairSync('rsa', { modulusLength: 1024 })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** Makes a certificate that vouches for itself: it is trusted by whoever was told to trust it. */
export const makeCertificate = (options: CertificateOptions = {}): Certificate => {
  const { address = '127.0.0.1', purpose = 'server', isWeak = false } = options
  const { fromMs = Date.now() - DAY_MS, toMs = Date.now() + DAY_MS } = options
  const { publicKey, privateKey } = keysOf(isWeak)
  const algorithm = isWeak ? RSA_SHA256 : ECDSA_SHA256
  // Of two trusted ones by the same name only one would be looked at.
  const id = randomBytes(8)
  const common = der(0x0c, Buffer.from(`loopback ${id.toString('hex')}`))
  const name = sequence(der(0x31, sequence(COMMON_NAME, common)))
  const names = sequence(der(0x87, Buffer.from(address.split('.').map(Number))))
  const extensions = sequence(
    sequence(ALTERNATIVE_NAME, der(0x04, names)),
    sequence(KEY_PURPOSE, der(0x04, sequence(PURPOSES[purpose]))),
  )
  const content = sequence(
    der(0xa0, hex('020102')),
    der(0x02, hex('01'), id),
    algorithm,
    name,
    sequence(timeOf(fromMs), timeOf(toMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  const signature = der(0x03, hex('00'), sign('sha256', content, privateKey))
  const lines =
    sequence(content, algorithm, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return {
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
