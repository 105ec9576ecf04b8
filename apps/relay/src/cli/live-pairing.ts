import type { PairingOffer } from '@bellhop/core'
import type { Claim, OfferEnd } from './follow-offer.ts'
import type { LiveScreen } from './live-screen.ts'
import { claimLines, countdown, offerLines, type Status } from './offer-lines.ts'
import type { PairingUi } from './pairing-ui.ts'
import { printable, type Terminal } from './terminal.ts'

/** Pairing on a live screen: the code, a countdown, and a question when a phone wants in. */
export type LivePairing = PairingUi & {
  /** What the last line says about pairing now; undefined when there is no code. */
  statusNow(nowMs: number): Status | 'asking' | undefined
}

const endWords: Record<Exclude<OfferEnd['end'], 'paired'>, string> = {
  refused: 'It was not let in.',
  expired: 'The code ran out.',
  replaced: 'That code no longer works: another was made, or it was typed wrongly five times.',
}

export const livePairing = (
  terminal: Terminal,
  screen: LiveScreen,
  scopes: readonly string[],
): LivePairing => {
  let offer: PairingOffer | undefined
  let asking = false

  const askKey = (): Promise<boolean> =>
    new Promise((resolve) => {
      asking = true
      screen.status('  Let it in? (y/N) ')
      const keys = screen.onKey((key) => {
        if (!['y', 'n', 'q', '\r', '\n'].includes(key)) return
        keys[Symbol.dispose]()
        asking = false
        const yes = key === 'y'
        screen.print([`  Let it in? (y/N) ${yes ? 'y' : 'n'}`, ''])
        resolve(yes)
      })
    })

  return {
    offered: (made) => {
      offer = made
      screen.printBlock(offerLines(made, terminal))
    },
    asked: (claim: Claim) => {
      screen.print(claimLines(claim, scopes, terminal))
      return askKey()
    },
    ended: (end) => {
      offer = undefined
      if (end.end === 'paired') {
        const name = terminal.styles.strong(printable(end.deviceName))
        screen.print([
          `  ${terminal.styles.good('✓')} ${name} is in. Remove it any time: bellhop devices`,
          '',
        ])
      } else if (end.end !== 'expired') screen.print([`  ${endWords[end.end]}`, ''])
    },
    statusNow: (nowMs) => {
      if (asking) return 'asking'
      return offer && countdown(offer.expiresAt, nowMs)
    },
  }
}
