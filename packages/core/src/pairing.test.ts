import { expect, test } from 'vitest'
import {
  checkDigits,
  newPairingToken,
  newTypedCode,
  pairingMac,
  pairingSecretId,
  pairingUrl,
  readPairingUrl,
  readTypedCode,
} from './pairing.ts'

test('[PR-1] the pairing address carries the token in its fragment only, and is read back', () => {
  const token = newPairingToken()
  const url = pairingUrl('https://desk.example.ts.net', token, 'AbCd_-12')
  expect(new URL(url).pathname + new URL(url).search).toBe('/')
  expect(readPairingUrl(` ${url}\n`)).toEqual({
    origin: 'https://desk.example.ts.net',
    token,
    relayKeyId: 'AbCd_-12',
  })
  expect(url.length).toBeLessThanOrEqual(85)
})

test('[PR-1] a text that is not a pairing address is none', () => {
  for (const text of [
    '',
    'https://x/',
    'https://x/#/p/2/a/b',
    'javascript:alert(1)#/p/1/',
    `https://x/#/p/1/${'a'.repeat(21)}/12345678`,
  ]) {
    expect(readPairingUrl(text)).toBeUndefined()
  }
})

test('[PR-2] a typed code is read as eyes meant it', () => {
  const code = newTypedCode()
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/)
  expect(readTypedCode(code.toLowerCase().replace('-', ' '))).toBe(code)
  expect(readTypedCode('oil0-0000')).toBe('0110-0000')
  expect(readTypedCode('UUUU-UUUU')).toBeUndefined()
  expect(readTypedCode('K7QM-2XR')).toBeUndefined()
})

test('[PR-2] the proof changes with the secret, the key, the relay and the nonce', async () => {
  const secret = { kind: 'token', token: newPairingToken() } as const
  const bound = { deviceThumbprint: 'd', relayKeyId: 'r', nonce: 'n' }
  const macs = await Promise.all([
    pairingMac(secret, bound),
    pairingMac({ kind: 'token', token: newPairingToken() }, bound),
    pairingMac(secret, { ...bound, deviceThumbprint: 'e' }),
    pairingMac(secret, { ...bound, relayKeyId: 's' }),
    pairingMac(secret, { ...bound, nonce: 'o' }),
  ])
  expect(new Set(macs).size).toBe(5)
  expect(await pairingSecretId(secret)).not.toContain(secret.token)
})

test('[PR-6] the two digits are the same for the same keys and two digits always', async () => {
  expect(await checkDigits('a', 'b')).toBe(await checkDigits('a', 'b'))
  for (let i = 0; i < 30; i++) expect(await checkDigits(`a${i}`, 'b')).toMatch(/^\d\d$/)
})
