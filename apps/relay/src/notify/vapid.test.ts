import { fromBase64Url } from '@bellhop/core'
import { describe, expect, it } from 'vitest'
import { createMemorySecrets } from '../backends/memory/memory-devices.ts'
import { checkContact, contactFor, isPublicContact, loadVapidKeys } from './vapid.ts'

describe('the keys for push services', () => {
  it('[PU-11] are made once and found again', async () => {
    const secrets = createMemorySecrets()
    const [first, second] = await Promise.all([loadVapidKeys(secrets), loadVapidKeys(secrets)])
    expect(second).toEqual(first)
    expect(await loadVapidKeys(secrets)).toEqual(first)
    expect(await loadVapidKeys(createMemorySecrets())).not.toEqual(first)
  })

  it('[PU-11] are a P-256 pair whose halves belong together', async () => {
    const { publicKey, privateKey } = await loadVapidKeys(createMemorySecrets())
    const point = fromBase64Url(publicKey)
    expect(point).toHaveLength(65)
    expect(fromBase64Url(privateKey)).toHaveLength(32)
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
    const jwk = { kty: 'EC', crv: 'P-256', x: text(point.slice(1, 33)), y: text(point.slice(33)) }
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
    const pair = {
      private: await crypto.subtle.importKey('jwk', { ...jwk, d: privateKey }, algorithm, false, [
        'sign',
      ]),
      public: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify']),
    }
    const signature = await crypto.subtle.sign(algorithm, pair.private, point)
    expect(await crypto.subtle.verify(algorithm, pair.public, signature, point)).toBe(true)
  })

  it.each(['not json', '{}', '{"publicKey":"AAAA","privateKey":"AAAA"}', 'null'])(
    '[ER-1] that cannot be read are said to be broken, and not replaced: %s',
    async (stored) => {
      const secrets = createMemorySecrets()
      await secrets.setOnce('vapid-keys', stored)
      await expect(loadVapidKeys(secrets)).rejects.toMatchObject({ code: 'database_broken' })
      expect(await secrets.get('vapid-keys')).toBe(stored)
    },
  )
})

describe('the contact for push services', () => {
  it.each([
    'https://desk.tail1234.ts.net',
    'https://desk.tail1234.ts.net:8443',
    'https://bell.shop.dev/about',
    'mailto:me@shop.dev',
    'mailto:nobody@example.com',
  ])('[PU-11] may be %s', (contact) => {
    expect(checkContact(contact)).toBe(contact)
  })

  it.each([
    'https://localhost',
    'https://localhost:8787',
    'https://app.localhost',
    'https://desk.local',
    'https://desk.local.',
    'https://desk.invalid',
    'https://desk.lan',
    'https://desk',
    'https://192.168.1.5',
    'https://[::1]',
    'http://bell.shop.dev',
    'mailto:me@localhost',
    'mailto:me@desk.local',
    'mailto:me@desk.invalid',
    'mailto:me@127.0.0.1',
    'mailto:@shop.dev',
    'mailto:shop.dev',
    'me@shop.dev',
    'tel:123',
    '',
  ])('[PU-11] may not be %j, and the refusal says why', (contact) => {
    expect(isPublicContact(contact)).toBe(false)
    const refusal = { code: 'config_invalid', details: { why: expect.stringContaining(contact) } }
    expect(() => checkContact(contact)).toThrow(expect.objectContaining(refusal))
  })
})

describe('the contact nobody chose', () => {
  it('[PU-11] is the public address where that is one, never a name only this network knows', () => {
    expect(contactFor('https://desk.example.ts.net')).toBe('https://desk.example.ts.net')
    for (const local of ['https://desk.local', 'https://192.168.1.9', null]) {
      expect(contactFor(local)).toMatch(/^mailto:/)
      expect(isPublicContact(contactFor(local))).toBe(true)
    }
  })
})
