import type { PairingOffer, PairingState, Scope } from '@bellhop/core'
import { isRefusal, type RelayClient } from '@bellhop/core/client'

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
  client: RelayClient
  /** False lets whoever scanned the code in without asking; a typed code is always asked about. */
  confirm: boolean
  scopes?: Scope[] | undefined
  onOffer(offer: PairingOffer): void
  onClaim(claim: Claim): Promise<boolean>
  signal: AbortSignal
}): Promise<OfferEnd> => {
  const { client, confirm, scopes, signal } = options
  const offer = await client.call('offer', { confirm, ...(scopes && { scopes }) }, { signal })
  const { pairingId, expiresAt } = offer
  options.onOffer(offer)

  const over = (): OfferEnd =>
    Date.now() >= Date.parse(expiresAt) ? { end: 'expired' } : { end: 'replaced' }
  let known = 'open'
  try {
    while (true) {
      let state = await client.call('offerWait', { pairingId, known }, { signal })
      if (state.state === 'claimed' && known !== 'claimed') {
        const allow = await Promise.race([options.onClaim(state), untilAborted(signal)])
        state = await client.call('offerDecide', { pairingId, allow }, { signal })
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
    if (isRefusal(error, 'pairing_unknown') || isRefusal(error, 'pairing_expired')) return over()
    throw error
  }
}
