import type { DeviceId, PairingId, PairingState, PublicKey, Scope } from '@bellhop/core'
import type { Clock } from '../clock.ts'

/** Offers remembered, so that a terminal or a phone that still waits on an older one is answered. [I6] */
const OFFERS_KEPT = 16

/** One code on offer and what has become of it. */
export type Offer = {
  readonly pairingId: PairingId
  readonly token: string
  readonly code: string
  readonly scopes: readonly Scope[]
  readonly confirm: boolean
  expiresAtMs: number
  wrongCodes: number
  refused: boolean
  /** A newer one was made while nobody had claimed this. */
  replaced: boolean
  claim?: {
    thumbprint: string
    publicKey: PublicKey
    deviceName: string
    platform: string
    check: string
    relayMac: string
    /** Let in by the code alone. */
    unasked: boolean
    /** Set once the device is in. */
    deviceId?: DeviceId
  }
  /** The enrolment under way. */
  entering?: Promise<void> | undefined
}

/** The offers of this run of the relay, newest last. They are lost with the process, on purpose. */
export type OfferBook = {
  /** Adds an offer; one that nobody has claimed yet ends with it. */
  open(offer: Offer): void
  get(pairingId: PairingId): Offer | undefined
  newest(): Offer | undefined
  /** True when a claim of it can no longer come to anything. */
  isOver(offer: Offer): boolean
  state(offer: Offer): PairingState
  /** Wakes everyone who waits on the offer. */
  changed(offer: Offer): void
  /** Waits while the condition holds, at most for the longest wait or until aborted. */
  waitWhile(offer: Offer, holds: () => boolean, signal: AbortSignal): Promise<void>
}

export const createOfferBook = (clock: Clock, longestWaitMs: number): OfferBook => {
  const offers = new Map<PairingId, Offer>()
  const wakers = new Map<PairingId, Set<() => void>>()

  const newest = () => [...offers.values()].at(-1)

  const changed = (offer: Offer) => {
    for (const wake of wakers.get(offer.pairingId) ?? []) wake()
  }

  const state = (offer: Offer): PairingState => {
    const { claim } = offer
    if (claim?.deviceId) {
      return { state: 'paired', deviceName: claim.deviceName, deviceId: claim.deviceId }
    }
    if (offer.refused) return { state: 'refused' }
    if (offer.replaced || clock.nowMs() >= offer.expiresAtMs) return { state: 'expired' }
    // Who is let in unasked is on the way in: there is nothing to ask the terminal.
    if (!claim || claim.unasked) return { state: 'open' }
    return {
      state: 'claimed',
      deviceName: claim.deviceName,
      platform: claim.platform,
      check: claim.check,
    }
  }

  /** Resolves at the next change, when the offer runs out, or at the deadline. */
  const nextChange = (offer: Offer, waitMs: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const waiting = wakers.get(offer.pairingId) ?? new Set()
      wakers.set(offer.pairingId, waiting)
      const wake = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        waiting.delete(wake)
        if (waiting.size === 0) wakers.delete(offer.pairingId)
        resolve()
      }
      const timer = setTimeout(wake, waitMs)
      signal.addEventListener('abort', wake)
      waiting.add(wake)
    })

  return {
    open: (offer) => {
      const before = newest()
      offers.set(offer.pairingId, offer)
      for (const old of [...offers.keys()].slice(0, -OFFERS_KEPT)) offers.delete(old)
      if (before && !before.claim) {
        before.replaced = true
        changed(before)
      }
    },
    get: (pairingId) => offers.get(pairingId),
    newest,
    isOver: (offer) => ['expired', 'refused'].includes(state(offer).state),
    state,
    changed,
    waitWhile: async (offer, holds, signal) => {
      const until = performance.now() + longestWaitMs
      while (holds() && !signal.aborted) {
        const leftMs = Math.min(until - performance.now(), offer.expiresAtMs - clock.nowMs())
        if (leftMs <= 0) return
        await nextChange(offer, Math.ceil(leftMs), signal)
      }
    },
  }
}
