import { calculateJwkThumbprint } from 'jose'
import {
  checkDigits,
  equalInConstantTime,
  type PairAnswer,
  type PairingKey,
  type PairingSecret,
  pairingKey,
  pairingMac,
  pairingSecretId,
  relayKeyIdOf,
  relayMac,
} from '../pairing.ts'
import { isRefusal, RelayGarbled } from './client-errors.ts'
import type { RelayClient } from './relay-client.ts'

export type PairedDevice = Extract<PairAnswer, { state: 'paired' }> & { relayThumbprint: string }

/**
 * Claims a pairing code for the client’s key and waits for the terminal to let it in. The secret
 * itself is never sent; the relay must prove that it holds it too, and, with a QR code, that its key
 * is the one the code named. [PR-2] [PR-4] `onCheck` gets the two digits the terminal shows as well.
 * Throws `RelayRefused` with `pairing_expired` or `pairing_refused`.
 */
export const pairDevice = async (
  client: RelayClient,
  claim: { secret: PairingSecret; relayKeyId: string; deviceName: string; platform: string },
  options: { onCheck?: (check: string) => void; signal?: AbortSignal } = {},
): Promise<PairedDevice> => {
  const call = options.signal ? { signal: options.signal } : {}
  const key = await pairingKey(claim.secret, client.key.thumbprint)
  const secretId = await pairingSecretId(key)
  const bound = { deviceThumbprint: client.key.thumbprint, relayKeyId: claim.relayKeyId }
  let answer: PairAnswer = await client.call(
    'pair',
    async (nonce) => ({
      kind: claim.secret.kind,
      secretId,
      mac: await pairingMac(key, { ...bound, nonce }),
      relayKeyId: claim.relayKeyId,
      deviceName: claim.deviceName,
      platform: claim.platform,
    }),
    call,
  )
  const relayThumbprint = await proveRelay(client, { ...claim, key }, answer)
  if (answer.state === 'waiting') {
    options.onCheck?.(await checkDigits(client.key.thumbprint, relayThumbprint))
  }
  while (answer.state === 'waiting') {
    options.signal?.throwIfAborted()
    const { pairingId } = answer
    try {
      answer = await client.call('pairWait', { pairingId }, call)
    } catch (error) {
      if (isRefusal(error) && error.mayRetry) continue
      throw error
    }
    await proveRelay(client, { ...claim, key }, answer)
  }
  return { ...answer, relayThumbprint }
}

/** Checks that the answer comes from who holds the secret; answers the relay key’s thumbprint. */
const proveRelay = async (
  client: RelayClient,
  claim: { key: PairingKey; relayKeyId: string },
  answer: PairAnswer,
): Promise<string> => {
  const relayThumbprint = await calculateJwkThumbprint(answer.relayKey)
  const expected = await relayMac(claim.key, {
    deviceThumbprint: client.key.thumbprint,
    relayThumbprint,
  })
  const named = claim.relayKeyId === '' || claim.relayKeyId === relayKeyIdOf(relayThumbprint)
  if (!named || !equalInConstantTime(expected, answer.mac)) {
    throw new RelayGarbled(200, 'it could not prove that it made this code')
  }
  return relayThumbprint
}
