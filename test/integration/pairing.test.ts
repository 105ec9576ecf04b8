import {
  ENDPOINTS,
  newPairingToken,
  type PairClaim,
  type PairingOffer,
  type PairingSecret,
  pairingKey,
  pairingMac,
  pairingSecretId,
  readPairingUrl,
} from '@bellhop/core'
import {
  createRelayClient,
  deviceKeyFrom,
  generateKeyPair,
  pairDevice,
  type RelayClientOptions,
  RelayGarbled,
} from '@bellhop/core/client'
import { readLocalKey } from '@bellhop/relay/local-device'
import { expect, test } from 'vitest'
import { connect } from '../../apps/relay/src/cli/connect.ts'
import { createRawPhone, rawRequest } from '../support/raw-phone.ts'
import { startRelay, type TestRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'

/** The command line’s client: the terminal’s own key. */
const terminalOf = async (running: TestRelay) => {
  const key = await readLocalKey(running.dataDir)
  if (!key) throw new TypeError('the relay made no key for its terminal')
  return createRelayClient({ origin: running.origin, key })
}

const newClient = async (origin: string, fetch?: RelayClientOptions['fetch']) =>
  createRelayClient({
    origin,
    key: await deviceKeyFrom(await generateKeyPair()),
    ...(fetch && { fetch }),
  })

const scanned = (offer: PairingOffer) => {
  const read = readPairingUrl(offer.pairUrl)
  if (!read) throw new TypeError('not a pairing address')
  return {
    secret: { kind: 'token' as const, token: read.token },
    relayKeyId: read.relayKeyId,
    deviceName: 'My phone',
    platform: 'iPhone, Safari 27',
  }
}

const typed = (code: string) => ({
  secret: { kind: 'code' as const, code },
  relayKeyId: '',
  deviceName: 'My phone',
  platform: 'iPhone, Safari 27',
})

test('[PR-6] [PR-4] a phone scans, both ends show the same two digits, the terminal says yes, the phone is in', async () => {
  await using running = await startRelay()
  const terminal = await terminalOf(running)
  const offer = await terminal.call('offer', {})
  const phone = await newClient(running.origin)
  let shown = ''
  const pairing = pairDevice(phone, scanned(offer), { onCheck: (check) => (shown = check) })
  const { pairingId } = offer
  const claimed = await terminal.call('offerWait', { pairingId, known: 'open' })
  expect(claimed).toMatchObject({
    state: 'claimed',
    deviceName: 'My phone',
    platform: 'iPhone, Safari 27',
  })
  await until(() => shown !== '')
  expect(claimed).toMatchObject({ check: shown })
  expect(await terminal.call('offerDecide', { pairingId, allow: true })).toMatchObject({
    state: 'paired',
  })
  const paired = await pairing
  expect(paired.scopes).toEqual(['watch', 'answer', 'drive'])
  const { device, machine } = await phone.call('relay', null)
  expect(device).toMatchObject({ name: 'My phone', current: true, deviceId: paired.deviceId })
  expect(machine).toBe(paired.machine)
  const { devices } = await terminal.call('devices', null)
  expect(devices.map(({ deviceId }) => deviceId)).toEqual([paired.deviceId])
})

test('[PR-6] a phone that types its code is let in by the terminal only, even when scans need no yes', async () => {
  await using running = await startRelay()
  const terminal = await terminalOf(running)
  const { pairingId, pairCode } = await terminal.call('offer', { confirm: false })
  const phone = await newClient(running.origin)
  const pairing = pairDevice(phone, typed(pairCode))
  const claimed = await terminal.call('offerWait', { pairingId, known: 'open' })
  expect(claimed.state).toBe('claimed')
  await expect(phone.call('relay', null)).rejects.toMatchObject({ code: 'not_paired' })
  await terminal.call('offerDecide', { pairingId, allow: true })
  expect(await pairing).toMatchObject({ state: 'paired' })
})

test('[PR-6] a phone the terminal says no to is not let in', async () => {
  await using running = await startRelay()
  const terminal = await terminalOf(running)
  const offer = await terminal.call('offer', {})
  const phone = await newClient(running.origin)
  const pairing = pairDevice(phone, scanned(offer)).catch((error: unknown) => error)
  await terminal.call('offerWait', { pairingId: offer.pairingId, known: 'open' })
  await terminal.call('offerDecide', { pairingId: offer.pairingId, allow: false })
  expect(await pairing).toMatchObject({ code: 'pairing_refused', status: 403 })
  await expect(phone.call('relay', null)).rejects.toMatchObject({ code: 'not_paired' })
})

test('[PR-1] [PR-2] the secret never travels: neither in an address, nor a header, nor a body', async () => {
  await using running = await startRelay()
  for (const kind of ['token', 'code'] as const) {
    const offer = await running.relay.pairing.offer({})
    const sent: string[] = []
    const phone = await newClient(running.origin, (url, init) => {
      sent.push(url, JSON.stringify([...new Headers(init.headers)]), String(init.body ?? ''))
      return fetch(url, init)
    })
    const claim = kind === 'token' ? scanned(offer) : typed(offer.pairCode)
    const pairing = pairDevice(phone, claim)
    const { pairingId } = offer
    await running.relay.pairing.offerState(pairingId, 'open', new AbortController().signal)
    await running.relay.pairing.decide(pairingId, true)
    await pairing
    const all = sent.join('\n')
    expect(all).toContain('secretId')
    expect(all).not.toContain(scanned(offer).secret.token)
    expect(all).not.toContain(offer.pairCode)
  }
})

test('[PR-3] a wrong, a used and an expired code are all answered the same', async () => {
  const clock = { aheadMs: 0, nowMs: () => Date.now() + clock.aheadMs }
  await using running = await startRelay({ overrides: { clock } })
  const pair = async (offer: PairingOffer, secret?: PairingSecret) => {
    const key = await deviceKeyFrom(await generateKeyPair())
    const client = createRelayClient({ origin: running.origin, key, nowMs: clock.nowMs })
    return pairDevice(client, { ...scanned(offer), ...(secret && { secret }) })
  }
  const refused = { code: 'pairing_expired', status: 410 }
  await expect(
    pair({
      pairUrl: `${running.origin}/#/p/1/${newPairingToken()}/AAAAAAAA`,
    } as PairingOffer),
  ).rejects.toMatchObject(refused)

  const offer = await running.relay.pairing.offer({ confirm: false })
  await expect(pair(offer, { kind: 'token', token: newPairingToken() })).rejects.toMatchObject(
    refused,
  )
  await pair(offer)
  await expect(pair(offer)).rejects.toMatchObject(refused)

  const old = await running.relay.pairing.offer({ confirm: false })
  clock.aheadMs = 5 * 60_000
  await expect(pair(old)).rejects.toMatchObject(refused)
  const replaced = await running.relay.pairing.offer({ confirm: false })
  await running.relay.pairing.offer({})
  await expect(pair(replaced)).rejects.toMatchObject(refused)
  expect(running.relay.devices.list()).toHaveLength(1)
})

test('[PR-3] of two phones that scan the same code at the same moment exactly one gets in', async () => {
  await using running = await startRelay()
  for (let round = 0; round < 5; round++) {
    const before = running.relay.devices.list().length
    const offer = await running.relay.pairing.offer({ confirm: false })
    const phones = await Promise.all([newClient(running.origin), newClient(running.origin)])
    const outcomes = await Promise.allSettled(
      phones.map((phone) => pairDevice(phone, scanned(offer))),
    )
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(won).toHaveLength(1)
    expect(lost[0]?.reason).toMatchObject({ code: 'pairing_expired' })
    expect(running.relay.devices.list()).toHaveLength(before + 1)
  }
})

test('[PR-5] the sixth typed code is refused even when it is right', async () => {
  await using running = await startRelay()
  const offer = await running.relay.pairing.offer({})
  const wrong = offer.pairCode.startsWith('0') ? '1111-1111' : '0000-0000'
  for (let i = 0; i < 5; i++) {
    const guesser = await newClient(running.origin)
    await expect(pairDevice(guesser, typed(wrong))).rejects.toMatchObject({
      code: 'pairing_expired',
    })
  }
  const phone = await newClient(running.origin)
  await expect(pairDevice(phone, typed(offer.pairCode))).rejects.toMatchObject({
    code: 'pairing_expired',
  })
})

test('[PR-2] whoever stands between cannot put a key of theirs in the phone’s place', async () => {
  await using running = await startRelay()
  const offer = await running.relay.pairing.offer({ confirm: false })
  const { secret, relayKeyId, ...words } = scanned(offer)
  const [phone, thief] = [
    await createRawPhone(running.origin),
    await createRawPhone(running.origin),
  ]
  const nonce = await phone.nonce()
  const key = await pairingKey(secret, phone.key.thumbprint)
  const claim: PairClaim = {
    ...words,
    kind: 'token',
    relayKeyId,
    secretId: await pairingSecretId(key),
    mac: await pairingMac(key, {
      deviceThumbprint: phone.key.thumbprint,
      relayKeyId,
      nonce,
    }),
  }
  const body = JSON.stringify(claim)
  const stolen = await thief.call('pair', { body, claims: { nonce } })
  expect(stolen).toMatchObject({ status: 410, code: 'pairing_expired' })
  const proof = await phone.prove('pair', { body, claims: { nonce } })
  const renamed = body.replace('My phone', 'Trust me')
  expect(await phone.call('pair', { body: renamed, proof })).toMatchObject({
    code: 'proof_invalid',
  })
  expect(running.relay.devices.list()).toEqual([])
  expect(await phone.call('pair', { body, claims: { nonce } })).toMatchObject({ status: 200 })
})

test('[PR-4] a phone does not believe a relay that cannot prove that it made the code', async () => {
  await using running = await startRelay()
  await using impostor = await startRelay()
  const posing = (change: (answer: Record<string, unknown>) => Record<string, unknown>) =>
    newClient(running.origin, async (url, init) => {
      const response = await fetch(url, init)
      if (!url.endsWith(ENDPOINTS.pair.path) || !response.ok) return response
      const answer = (await response.json()) as Record<string, unknown>
      return Response.json(change(answer), { headers: response.headers })
    })
  const foreign = await posing((answer) => answer)
  const other = await impostor.relay.pairing.offer({ confirm: false })
  const theirs = await pairDevice(await newClient(impostor.origin), scanned(other))
  for (const change of [
    (answer: Record<string, unknown>) => ({ ...answer, relayKey: theirs.relayKey }),
    (answer: Record<string, unknown>) => ({ ...answer, mac: theirs.mac }),
    (answer: Record<string, unknown>) => ({
      ...answer,
      relayKey: theirs.relayKey,
      mac: theirs.mac,
    }),
  ]) {
    const offer = await running.relay.pairing.offer({ confirm: false })
    await expect(pairDevice(await posing(change), scanned(offer))).rejects.toBeInstanceOf(
      RelayGarbled,
    )
  }
  const honest = await running.relay.pairing.offer({ confirm: false })
  await pairDevice(foreign, scanned(honest))
})

test('[AU-7] only a device with `admin` can make, watch or decide a pairing', async () => {
  await using running = await startRelay()
  await using phone = await running.phone()
  const { pairingId } = await running.relay.pairing.offer({})
  const missing = { code: 'scope_missing', status: 403 }
  await expect(phone.client.call('offer', {})).rejects.toMatchObject(missing)
  await expect(phone.client.call('offerWait', { pairingId })).rejects.toMatchObject(missing)
  await expect(phone.client.call('offerDecide', { pairingId, allow: true })).rejects.toMatchObject(
    missing,
  )
})

test('[HT-5] pairing and tokens are limited, with a time to come back', async () => {
  await using running = await startRelay()
  for (const path of [ENDPOINTS.pair.path, ENDPOINTS.token.path]) {
    const limited = await until(
      async () => {
        const answer = await rawRequest(running.origin, { method: 'POST', path })
        return answer.status === 429 ? answer : undefined
      },
      { everyMs: 0 },
    )
    expect(limited.code).toBe('rate_limited')
    expect(Number(limited.header('retry-after'))).toBeGreaterThan(0)
  }
  // One address’s limit is not another’s.
  const elsewhere = await rawRequest(running.origin, {
    method: 'POST',
    path: ENDPOINTS.pair.path,
    headers: { 'x-forwarded-for': '203.0.113.9' },
  })
  expect(elsewhere.status).toBe(401)
})

test('[HT-5] a terminal may run as many commands as it likes, each with a token of its own', async () => {
  await using running = await startRelay()
  for (let run = 0; run < 70; run += 1) {
    const { client } = await connect({ dataDir: running.dataDir })
    expect(await client.call('sessions', null)).toMatchObject({ sessions: [] })
  }
})

test('[PR-6] a terminal that lets scanned codes in unasked is never asked about one', async () => {
  await using running = await startRelay()
  for (let round = 0; round < 5; round++) {
    const offer = await running.relay.pairing.offer({ confirm: false })
    const seen: string[] = []
    const watching = (async () => {
      for (let known = 'open'; known === 'open'; known = seen.at(-1) ?? '') {
        const { state } = await running.relay.pairing.offerState(
          offer.pairingId,
          known,
          AbortSignal.timeout(5_000),
        )
        seen.push(state)
      }
    })()
    await pairDevice(await newClient(running.origin), scanned(offer))
    await watching
    expect(seen).toEqual(['paired'])
  }
})
