import {
  checkDigits,
  equalInConstantTime,
  newPairingId,
  newPairingToken,
  newTypedCode,
  PAIRING_LIFE_MS,
  PAIRING_WRONG_TRIES,
  type PairAnswer,
  type PairClaim,
  type PairingId,
  type PairingKey,
  type PairingOffer,
  type PairingSecret,
  type PairingState,
  PHONE_SCOPES,
  type PublicKey,
  pairingKey,
  pairingMac,
  pairingSecretId,
  pairingUrl,
  RelayError,
  relayMac,
  type Scope,
} from '@bellhop/core'
import { type Clock, isoTime } from '../clock.ts'
import type { Devices } from './devices.ts'
import { createOfferBook, type Offer } from './offer-book.ts'
import type { RelayKeys } from './relay-keys.ts'

/** Who claims: the key that signed the call, and the nonce its proof carried. */
export type PairCaller = { thumbprint: string; publicKey: PublicKey; nonce: string }

/** Lets new devices in by a code shown at the terminal. Codes live in memory only. */
export type Pairing = {
  /** Shows a new code; the one before it is worth nothing from now on. [PR-7] */
  offer(wish: {
    scopes?: readonly Scope[] | undefined
    confirm?: boolean | undefined
  }): Promise<PairingOffer>
  /** The offer’s state, as soon as it is not the `known` one, or after the longest wait. */
  offerState(
    pairingId: PairingId,
    known: string | undefined,
    signal: AbortSignal,
  ): Promise<PairingState>
  /** The terminal’s word on the device that claimed. A second word changes nothing. [PR-6] */
  decide(pairingId: PairingId, allow: boolean): Promise<PairingState>
  /** Claims a code for a key; the same key may ask again and gets the same answer. [PR-3] */
  claim(claim: PairClaim, caller: PairCaller): Promise<PairAnswer>
  /** What has become of a claim, as soon as the terminal has said, or after the longest wait. */
  claimState(pairingId: PairingId, thumbprint: string, signal: AbortSignal): Promise<PairAnswer>
}

export const createPairing = (parts: {
  devices: Devices
  keys: RelayKeys
  clock: Clock
  /** The machine’s name, as the phone shows it. */
  machine: string
  /** The origin the code shall lead to. */
  origin: () => string
  longestWaitMs?: number
}): Pairing => {
  const { devices, keys, clock } = parts
  const book = createOfferBook(clock, parts.longestWaitMs ?? 25_000)

  const answer = (offer: Offer): PairAnswer => {
    const { claim, pairingId } = offer
    if (!claim) throw new RelayError('pairing_unknown')
    const common = { pairingId, relayKey: keys.publicKey, mac: claim.relayMac }
    if (!claim.deviceId) return { state: 'waiting', ...common }
    const scopes = [...offer.scopes]
    return {
      state: 'paired',
      ...common,
      deviceId: claim.deviceId,
      scopes,
      machine: parts.machine,
    }
  }

  const enrol = async (offer: Offer): Promise<void> => {
    const { claim } = offer
    if (!claim || claim.deviceId) return
    const { deviceId } = await devices.enrol({
      publicKey: claim.publicKey,
      thumbprint: claim.thumbprint,
      name: claim.deviceName,
      platform: claim.platform,
      scopes: offer.scopes,
      local: false,
    })
    claim.deviceId = deviceId
    book.changed(offer)
  }

  /** Makes the claimed key a device, once, however many ask at the same moment. */
  const letIn = (offer: Offer): Promise<void> => {
    offer.entering ??= enrol(offer).finally(() => {
      offer.entering = undefined
    })
    return offer.entering
  }

  const offerOf = (pairingId: PairingId): Offer => {
    const offer = book.get(pairingId)
    if (!offer) throw new RelayError('pairing_unknown')
    return offer
  }

  /** The open or once claimed offer this secret belongs to; guesses at typed codes are counted. [PR-5] */
  const offerBySecret = async (
    claim: PairClaim,
    caller: PairCaller,
  ): Promise<{ offer: Offer; key: PairingKey }> => {
    const offer = book.newest()
    if (!offer || book.isOver(offer)) throw new RelayError('pairing_expired')
    const typed = claim.kind === 'code'
    if (typed && offer.wrongCodes >= PAIRING_WRONG_TRIES) throw new RelayError('pairing_expired')
    // Counted before it is compared, so that many at the same moment are not more tries than five.
    if (typed) offer.wrongCodes += 1
    const secret: PairingSecret = typed
      ? { kind: 'code', code: offer.code }
      : { kind: 'token', token: offer.token }
    const relayKeyId = typed ? '' : keys.keyId
    const key = await pairingKey(secret, caller.thumbprint)
    const mac = await pairingMac(key, {
      deviceThumbprint: caller.thumbprint,
      relayKeyId,
      nonce: caller.nonce,
    })
    const secretId = await pairingSecretId(key)
    const fits =
      claim.relayKeyId === relayKeyId &&
      equalInConstantTime(claim.secretId, secretId) &&
      equalInConstantTime(claim.mac, mac)
    if (!fits) throw new RelayError('pairing_expired')
    if (typed) offer.wrongCodes -= 1
    return { offer, key }
  }

  return {
    offer: async ({ scopes = PHONE_SCOPES, confirm = true }) => {
      const offer: Offer = {
        pairingId: newPairingId(),
        token: newPairingToken(),
        code: newTypedCode(),
        scopes,
        confirm,
        expiresAtMs: clock.nowMs() + PAIRING_LIFE_MS,
        wrongCodes: 0,
        refused: false,
        replaced: false,
      }
      book.open(offer)
      return {
        pairingId: offer.pairingId,
        pairUrl: pairingUrl(parts.origin(), offer.token, keys.keyId),
        pairCode: offer.code,
        expiresAt: isoTime(offer.expiresAtMs),
      }
    },

    offerState: async (pairingId, known, signal) => {
      const offer = offerOf(pairingId)
      await book.waitWhile(offer, () => book.state(offer).state === known, signal)
      return book.state(offer)
    },

    decide: async (pairingId, allow) => {
      const offer = offerOf(pairingId)
      const { state } = book.state(offer)
      if (state === 'open') throw new RelayError('pairing_unknown')
      if (state === 'expired') throw new RelayError('pairing_expired')
      if (state === 'claimed' && allow) await letIn(offer)
      else if (state === 'claimed' && !offer.entering) {
        offer.refused = true
        book.changed(offer)
      }
      return book.state(offer)
    },

    claim: async (claim, caller) => {
      const { offer, key } = await offerBySecret(claim, caller)
      const made = await relayMac(key, {
        deviceThumbprint: caller.thumbprint,
        relayThumbprint: keys.thumbprint,
      })
      const check = await checkDigits(caller.thumbprint, keys.thumbprint)
      // From here to the assignment nothing waits: of several claims exactly one finds it free.
      if (book.isOver(offer)) throw new RelayError('pairing_expired')
      if (offer.claim && offer.claim.thumbprint !== caller.thumbprint) {
        throw new RelayError('pairing_expired')
      }
      if (!offer.claim) {
        offer.claim = {
          thumbprint: caller.thumbprint,
          publicKey: caller.publicKey,
          deviceName: claim.deviceName,
          platform: claim.platform,
          check,
          relayMac: made,
          unasked: claim.kind === 'token' && !offer.confirm,
        }
        // The terminal gets its whole time to answer, however late the code was scanned.
        offer.expiresAtMs = clock.nowMs() + PAIRING_LIFE_MS
        book.changed(offer)
      }
      if (offer.claim.unasked) await letIn(offer)
      return answer(offer)
    },

    claimState: async (pairingId, thumbprint, signal) => {
      const offer = offerOf(pairingId)
      if (offer.claim?.thumbprint !== thumbprint) throw new RelayError('pairing_unknown')
      await book.waitWhile(offer, () => book.state(offer).state === 'claimed', signal)
      if (offer.refused) throw new RelayError('pairing_refused')
      if (book.state(offer).state === 'expired') throw new RelayError('pairing_expired')
      return answer(offer)
    },
  }
}
