import { expect, test } from 'vitest'
import { createMemorySecrets } from '../backends/memory/memory-devices.ts'
import { loadRelayKeys } from './relay-keys.ts'

test('[PR-4] a relay is the same after a restart, and no other relay is it', async () => {
  const secrets = createMemorySecrets()
  const first = await loadRelayKeys(secrets)
  expect(await loadRelayKeys(secrets)).toEqual(first)
  expect(first.keyId).toBe(first.thumbprint.slice(0, 8))
  expect((await loadRelayKeys(createMemorySecrets())).thumbprint).not.toBe(first.thumbprint)
})

test('[PR-4] of two starts at the same moment both get the keys that were kept', async () => {
  const secrets = createMemorySecrets()
  const [a, b] = await Promise.all([loadRelayKeys(secrets), loadRelayKeys(secrets)])
  expect(a).toEqual(b)
})

test('[PR-4] what others are given of the key has no private part', async () => {
  const { publicKey } = await loadRelayKeys(createMemorySecrets())
  expect(Object.keys(publicKey).sort()).toEqual(['crv', 'kty', 'x', 'y'])
})
