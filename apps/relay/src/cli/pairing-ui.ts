import type { PairingOffer } from '@bellhop/core'
import type { Claim, OfferEnd } from './follow-offer.ts'

/** How pairing is shown and asked about; a live screen, plain lines or JSON. */
export type PairingUi = {
  offered(offer: PairingOffer): void
  /** Whether to let it in. */
  asked(claim: Claim): Promise<boolean>
  ended(end: OfferEnd): void
}
