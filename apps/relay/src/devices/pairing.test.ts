import {
  checkDigits,
  type PairClaim,
  type PairingOffer,
  type PairingSecret,
  pairingKey,
  pairingMac,
  pairingSecretId,
  readPairingUrl,
  readTypedCode,
  relayMac,
} from '@bellhop/core'
import { expect, test } from 'vitest'
import { createMemoryDevices, createMemorySecrets } from '../backends/memory/memory-devices.ts'
import { silentLogger } from '../logger.ts'
import { createDevices } from './devices.ts'
import { createPairing, type PairCaller } from './pairing.ts'
import { loadRelayKeys } from './relay-keys.ts'

const MINUTE_MS = 60_000
const never = new AbortController().signal

const setup = async () => {
  const clock = { ms: 1_800_000_000_000, nowMs: () => clock.ms }
  const registry = createMemoryDevices()
  const devices = await createDevices({ registry, clock, logger: silentLogger })
  const keys = await loadRelayKeys(createMemorySecrets())
  const pairing = createPairing({
    devices,
    keys,
    clock,
    machine: 'desk',
    origin: () => 'https://desk.example.ts.net',
    longestWaitMs: 2_000,
  })
  return { clock, devices, keys, pairing }
}
type Setup = Awaited<ReturnType<typeof setup>>

const caller = (name: string): PairCaller => ({
  thumbprint: `thumb-${name}`,
  publicKey: { kty: 'EC', crv: 'P-256', x: name, y: name },
  nonce: `nonce-${name}`,
})

const tokenOf = (offer: PairingOffer): PairingSecret => ({
  kind: 'token',
  token: readPairingUrl(offer.pairUrl)?.token ?? '',
})
const codeOf = (offer: PairingOffer): PairingSecret => ({ kind: 'code', code: offer.pairCode })

const claimOf = async (
  { keys }: Setup,
  secret: PairingSecret,
  who: PairCaller,
): Promise<PairClaim> => {
  const relayKeyId = secret.kind === 'token' ? keys.keyId : ''
  const key = await pairingKey(secret, who.thumbprint)
  return {
    kind: secret.kind,
    secretId: await pairingSecretId(key),
    mac: await pairingMac(key, {
      deviceThumbprint: who.thumbprint,
      relayKeyId,
      nonce: who.nonce,
    }),
    relayKeyId,
    deviceName: 'Phone',
    platform: 'iPhone, Safari 27',
  }
}

const expired = { code: 'pairing_expired' }
const wrongCode = { kind: 'code', code: 'ZZZZ-ZZZZ' } as const

test('[PR-6] a scanned code lets nobody in before the terminal has seen the two digits and said yes', async () => {
  const all = await setup()
  const { pairing, devices, keys } = all
  const offer = await pairing.offer({})
  const phone = caller('phone')
  const waiting = await pairing.claim(await claimOf(all, tokenOf(offer), phone), phone)
  expect(waiting.state).toBe('waiting')
  expect(devices.list()).toEqual([])
  expect(await pairing.offerState(offer.pairingId, 'open', never)).toEqual({
    state: 'claimed',
    deviceName: 'Phone',
    platform: 'iPhone, Safari 27',
    check: await checkDigits(phone.thumbprint, keys.thumbprint),
  })
  const answered = pairing.claimState(offer.pairingId, phone.thumbprint, never)
  expect(await pairing.decide(offer.pairingId, true)).toMatchObject({ state: 'paired' })
  expect(await answered).toMatchObject({
    state: 'paired',
    machine: 'desk',
    scopes: ['watch', 'answer', 'drive'],
    deviceId: devices.list()[0]?.deviceId,
  })
})

test('[PR-6] the terminal can spare itself the question for a scanned code, never for a typed one', async () => {
  const all = await setup()
  const { pairing } = all
  const scanned = await pairing.offer({ confirm: false })
  const a = caller('a')
  expect(await pairing.claim(await claimOf(all, tokenOf(scanned), a), a)).toMatchObject({
    state: 'paired',
  })
  const typed = await pairing.offer({ confirm: false })
  const b = caller('b')
  expect(await pairing.claim(await claimOf(all, codeOf(typed), b), b)).toMatchObject({
    state: 'waiting',
  })
})

test('[PR-6] a no at the terminal is final', async () => {
  const all = await setup()
  const { pairing, devices } = all
  const offer = await pairing.offer({})
  const phone = caller('phone')
  await pairing.claim(await claimOf(all, tokenOf(offer), phone), phone)
  expect(await pairing.decide(offer.pairingId, false)).toEqual({ state: 'refused' })
  expect(await pairing.decide(offer.pairingId, true)).toEqual({ state: 'refused' })
  await expect(pairing.claimState(offer.pairingId, phone.thumbprint, never)).rejects.toMatchObject({
    code: 'pairing_refused',
  })
  await expect(
    pairing.claim(await claimOf(all, tokenOf(offer), phone), phone),
  ).rejects.toMatchObject(expired)
  expect(devices.list()).toEqual([])
})

test('[PR-4] the relay proves that it knows the secret and names its whole key', async () => {
  const all = await setup()
  const offer = await all.pairing.offer({})
  const phone = caller('phone')
  const secret = tokenOf(offer)
  const answer = await all.pairing.claim(await claimOf(all, secret, phone), phone)
  expect(answer.relayKey).toEqual(all.keys.publicKey)
  expect(answer.mac).toBe(
    await relayMac(await pairingKey(secret, phone.thumbprint), {
      deviceThumbprint: phone.thumbprint,
      relayThumbprint: all.keys.thumbprint,
    }),
  )
})

test('[PR-2] a claim whose MAC was made for another key, nonce or relay is refused and uses nothing up', async () => {
  const all = await setup()
  const { pairing, devices } = all
  const offer = await pairing.offer({ confirm: false })
  const phone = caller('phone')
  const good = await claimOf(all, tokenOf(offer), phone)
  const tampered: [PairClaim, PairCaller][] = [
    [good, caller('thief')],
    [good, { ...phone, nonce: 'another' }],
    [{ ...good, relayKeyId: 'AAAAAAAA' }, phone],
    [{ ...good, relayKeyId: '' }, phone],
    [{ ...good, mac: '' }, phone],
    [{ ...good, secretId: '' }, phone],
    [{ ...good, kind: 'code' }, phone],
  ]
  for (const [claim, who] of tampered) {
    await expect(pairing.claim(claim, who)).rejects.toMatchObject(expired)
  }
  expect(devices.list()).toEqual([])
  expect(await pairing.claim(good, phone)).toMatchObject({ state: 'paired' })
})

test('[PR-3] a code is of no use to a second key, and the first key may ask again', async () => {
  const all = await setup()
  const { pairing, devices } = all
  const offer = await pairing.offer({ confirm: false })
  const [first, second] = [caller('first'), caller('second')]
  const answer = await pairing.claim(await claimOf(all, tokenOf(offer), first), first)
  await expect(
    pairing.claim(await claimOf(all, tokenOf(offer), second), second),
  ).rejects.toMatchObject(expired)
  await expect(
    pairing.claim(await claimOf(all, codeOf(offer), second), second),
  ).rejects.toMatchObject(expired)
  expect(await pairing.claim(await claimOf(all, tokenOf(offer), first), first)).toEqual(answer)
  expect(devices.list()).toHaveLength(1)
})

test('[PR-3] of many claims at the same moment exactly one makes a device', async () => {
  const all = await setup()
  const { pairing, devices } = all
  const offer = await pairing.offer({ confirm: false })
  const callers = Array.from({ length: 12 }, (_, i) => caller(`phone-${i}`))
  const claims = await Promise.all(callers.map((who) => claimOf(all, tokenOf(offer), who)))
  const outcomes = await Promise.allSettled(
    claims.map((claim, i) => pairing.claim(claim, callers[i] as PairCaller)),
  )
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
  expect(devices.list()).toHaveLength(1)
})

test('[PR-3] a code lives five minutes, and a claimed one waits five for the terminal', async () => {
  const all = await setup()
  const { clock, pairing } = all
  const offer = await pairing.offer({})
  const phone = caller('phone')
  const claim = await claimOf(all, tokenOf(offer), phone)
  clock.ms += 5 * MINUTE_MS
  await expect(pairing.claim(claim, phone)).rejects.toMatchObject(expired)
  expect(await pairing.offerState(offer.pairingId, 'open', never)).toEqual({ state: 'expired' })

  const next = await pairing.offer({})
  clock.ms += 4 * MINUTE_MS
  await pairing.claim(await claimOf(all, tokenOf(next), phone), phone)
  clock.ms += 4 * MINUTE_MS
  expect(await pairing.offerState(next.pairingId, 'open', never)).toMatchObject({
    state: 'claimed',
  })
  clock.ms += MINUTE_MS
  await expect(pairing.decide(next.pairingId, true)).rejects.toMatchObject(expired)
  await expect(pairing.claimState(next.pairingId, phone.thumbprint, never)).rejects.toMatchObject(
    expired,
  )
})

test('[PR-5] five wrong typed codes burn the code, also when they come all at once', async () => {
  for (const atOnce of [false, true]) {
    const all = await setup()
    const { pairing } = all
    const offer = await pairing.offer({})
    const guess = async (i: number) => {
      const who = caller(`guesser-${i}`)
      await expect(pairing.claim(await claimOf(all, wrongCode, who), who)).rejects.toMatchObject(
        expired,
      )
    }
    if (atOnce) await Promise.all(Array.from({ length: 5 }, (_, i) => guess(i)))
    else for (let i = 0; i < 5; i++) await guess(i)
    const phone = caller('phone')
    const right = await claimOf(all, codeOf(offer), phone)
    await expect(pairing.claim(right, phone)).rejects.toMatchObject(expired)
    // The QR code holds 128 bits: no guesses at eight letters make it worse.
    expect(await pairing.claim(await claimOf(all, tokenOf(offer), phone), phone)).toMatchObject({
      state: 'waiting',
    })
  }
})

test('[PR-5] after four wrong codes the right one still works, typed as people type', async () => {
  const all = await setup()
  const { pairing } = all
  const offer = await pairing.offer({})
  const phone = caller('phone')
  for (let i = 0; i < 4; i++) {
    await expect(pairing.claim(await claimOf(all, wrongCode, phone), phone)).rejects.toThrow()
  }
  const code = readTypedCode(` ${offer.pairCode.toLowerCase().replace('-', ' ')} `) ?? ''
  const claim = await claimOf(all, { kind: 'code', code }, phone)
  expect(await pairing.claim(claim, phone)).toMatchObject({ state: 'waiting' })
  expect(await pairing.claim(claim, phone)).toMatchObject({ state: 'waiting' })
})

test('[PR-7] a new code ends the one before it, and wakes the terminal that shows it', async () => {
  const all = await setup()
  const { pairing } = all
  const old = await pairing.offer({})
  const watching = pairing.offerState(old.pairingId, 'open', never)
  const next = await pairing.offer({})
  expect(await watching).toEqual({ state: 'expired' })
  const phone = caller('phone')
  await expect(pairing.claim(await claimOf(all, tokenOf(old), phone), phone)).rejects.toMatchObject(
    expired,
  )
  await pairing.claim(await claimOf(all, tokenOf(next), phone), phone)
})

test('[PR-7] a new code leaves a device alone that already waits for the terminal', async () => {
  const all = await setup()
  const { pairing } = all
  const first = await pairing.offer({})
  const phone = caller('phone')
  await pairing.claim(await claimOf(all, tokenOf(first), phone), phone)
  await pairing.offer({})
  expect(await pairing.decide(first.pairingId, true)).toMatchObject({ state: 'paired' })
})

test('[AU-6] the scopes of the offer are what the device gets', async () => {
  const all = await setup()
  const offer = await all.pairing.offer({ scopes: ['watch'], confirm: false })
  const phone = caller('phone')
  const answer = await all.pairing.claim(await claimOf(all, tokenOf(offer), phone), phone)
  expect(answer).toMatchObject({ scopes: ['watch'] })
  expect(all.devices.list()).toMatchObject([{ scopes: ['watch'], thumbprint: 'thumb-phone' }])
})

test('[PR-3] only the key that claimed may wait for the answer, and only for a pairing there is', async () => {
  const all = await setup()
  const { pairing } = all
  const offer = await pairing.offer({})
  const unknown = { code: 'pairing_unknown' }
  const wait = (thumbprint: string) => pairing.claimState(offer.pairingId, thumbprint, never)
  await expect(wait('thumb-phone')).rejects.toMatchObject(unknown)
  await expect(pairing.decide(offer.pairingId, true)).rejects.toMatchObject(unknown)
  const phone = caller('phone')
  await pairing.claim(await claimOf(all, tokenOf(offer), phone), phone)
  await expect(wait('thumb-thief')).rejects.toMatchObject(unknown)
  await expect(pairing.decide('pai_nothing-here' as never, true)).rejects.toMatchObject(unknown)
})

test('[I6] a wait ends when the one who waits is gone', async () => {
  const { pairing } = await setup()
  const offer = await pairing.offer({})
  const gone = new AbortController()
  const waiting = pairing.offerState(offer.pairingId, 'open', gone.signal)
  gone.abort()
  expect(await waiting).toEqual({ state: 'open' })
})
