import { expect, test } from 'vitest'
import {
  checkDigits,
  newPairingToken,
  newTypedCode,
  pairingKey,
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
  const token = newPairingToken()
  const key = await pairingKey({ kind: 'token', token }, 'd')
  const other = await pairingKey({ kind: 'token', token: newPairingToken() }, 'd')
  const bound = { deviceThumbprint: 'd', relayKeyId: 'r', nonce: 'n' }
  const macs = await Promise.all([
    pairingMac(key, bound),
    pairingMac(other, bound),
    pairingMac(key, { ...bound, deviceThumbprint: 'e' }),
    pairingMac(key, { ...bound, relayKeyId: 's' }),
    pairingMac(key, { ...bound, nonce: 'o' }),
  ])
  expect(new Set(macs).size).toBe(5)
  expect(await pairingSecretId(key)).not.toContain(token)
})

test('[PR-2] a typed code is stretched, for one device, before anything is made of it', async () => {
  const secret = { kind: 'code', code: 'K7QM-2XRT' } as const
  const startedMs = performance.now()
  const key = await pairingKey(secret, 'd')
  // Far from the microsecond a plain hash takes: 2^40 of these are not done in five minutes.
  expect(performance.now() - startedMs).toBeGreaterThan(10)
  expect(await pairingKey(secret, 'd')).toEqual(key)
  expect(await pairingKey(secret, 'e')).not.toEqual(key)
  expect(await pairingKey({ ...secret, code: 'K7QM-2XRV' }, 'd')).not.toEqual(key)
})

test('[PR-6] the two digits are the same for the same keys and two digits always', async () => {
  expect(await checkDigits('a', 'b')).toBe(await checkDigits('a', 'b'))
  for (let i = 0; i < 30; i++) expect(await checkDigits(`a${i}`, 'b')).toMatch(/^\d\d$/)
})
