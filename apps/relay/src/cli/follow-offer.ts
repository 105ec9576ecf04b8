import {
  type PairingId,
  type PairingOffer,
  type PairingState,
  RelayError,
  type Scope,
} from '@bellhop/core'
import { isRefusal, type RelayClient } from '@bellhop/core/client'
import type { RunningRelay } from './cli-parts.ts'

/** Who makes codes: the relay in this process, or one that is called. */
export type PairingDesk = {
  offer(wish: { confirm: boolean; scopes?: readonly Scope[] | undefined }): Promise<PairingOffer>
  wait(pairingId: PairingId, known: string, signal: AbortSignal): Promise<PairingState>
  decide(pairingId: PairingId, allow: boolean): Promise<PairingState>
}

/** The desk of a relay in this process. */
export const deskOf = ({ pairing }: Pick<RunningRelay, 'pairing'>): PairingDesk => ({
  offer: (wish) => pairing.offer(wish),
  wait: (pairingId, known, signal) => pairing.offerState(pairingId, known, signal),
  decide: (pairingId, allow) => pairing.decide(pairingId, allow),
})

/** The desk of a relay in another process. */
export const deskBehind = (client: RelayClient): PairingDesk => ({
  offer: ({ confirm, scopes }) =>
    client.call('offer', { confirm, ...(scopes && { scopes: [...scopes] }) }),
  wait: (pairingId, known, signal) => client.call('offerWait', { pairingId, known }, { signal }),
  decide: (pairingId, allow) => client.call('offerDecide', { pairingId, allow }),
})

const isOver = (error: unknown) =>
  (error instanceof RelayError || isRefusal(error)) &&
  (error.code === 'pairing_unknown' || error.code === 'pairing_expired')

export type Claim = Extract<PairingState, { state: 'claimed' }>

/** What a pairing code has come to. */
export type OfferEnd =
  | { end: 'paired'; deviceName: string; deviceId: string }
  | { end: 'refused' }
  /** Its five minutes are over. */
  | { end: 'expired' }
  /** Another code was made, or this one was typed wrongly too often. */
  | { end: 'replaced' }

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })

/**
 * Makes a code and stays with it to its end; `onClaim` is asked when a device wants in. Rejects when
 * `signal` aborts.
 */
export const followOffer = async (options: {
  desk: PairingDesk
  /** False lets whoever scanned the code in without asking; a typed code is always asked about. */
  confirm: boolean
  scopes?: readonly Scope[] | undefined
  onOffer(offer: PairingOffer): void
  onClaim(claim: Claim): Promise<boolean>
  signal: AbortSignal
}): Promise<OfferEnd> => {
  const { desk, confirm, scopes, signal } = options
  const offer = await desk.offer({ confirm, scopes })
  const { pairingId, expiresAt } = offer
  options.onOffer(offer)

  const over = (): OfferEnd =>
    Date.now() >= Date.parse(expiresAt) ? { end: 'expired' } : { end: 'replaced' }
  let known = 'open'
  try {
    while (true) {
      let state = await desk.wait(pairingId, known, signal)
      signal.throwIfAborted()
      if (state.state === 'claimed' && known !== 'claimed') {
        const allow = await Promise.race([options.onClaim(state), untilAborted(signal)])
        state = await desk.decide(pairingId, allow)
      }
      known = state.state
      switch (state.state) {
        case 'paired':
          return { end: 'paired', deviceName: state.deviceName, deviceId: state.deviceId }
        case 'refused':
          return { end: 'refused' }
        case 'expired':
          return over()
      }
    }
  } catch (error) {
    if (isOver(error)) return over()
    throw error
  }
}
