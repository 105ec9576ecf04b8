import type { PairingOffer } from '@bellhop/core'
import type { Claim } from './follow-offer.ts'
import { qrCode } from './qr-code.ts'
import { printable, type Terminal } from './terminal.ts'
import { widthOf } from './text-width.ts'

const MARGIN = '    '

/** A code on offer, as a person scans, opens or types it. */
export const offerLines = ({ pairUrl, pairCode }: PairingOffer, terminal: Terminal): string[] => {
  const { styles } = terminal
  const qr = qrCode(pairUrl, styles.colored)
  const fits = widthOf(qr[0] ?? '') + MARGIN.length <= terminal.columns()
  const code = fits
    ? ['  Scan this with your phone:', '', ...qr.map((line) => MARGIN + line), '']
    : ['  This window is too narrow for the code to scan. Widen it, then press n.', '']
  const origin = new URL(pairUrl).origin
  return [
    ...code,
    `${MARGIN}${fits ? 'or open' : 'Open   '}   ${styles.strong(origin)}`,
    `${MARGIN}and type  ${styles.strong(pairCode)}`,
    '',
  ]
}

/** How long a code is still good; said once a second. */
export const countdown = (expiresAt: string, nowMs: number): Status => {
  const leftS = Math.max(0, Math.ceil((Date.parse(expiresAt) - nowMs) / 1000))
  const [minutes, seconds] = [Math.floor(leftS / 60), leftS % 60]
  return {
    long: `Good for one phone, ${minutes} min ${seconds} s more.`,
    short: `${minutes}:${String(seconds).padStart(2, '0')}`,
    keys: ['n new code', 'q stop'],
  }
}

/** What the last line says and which keys it offers; the short words are for narrow windows. */
export type Status = { long: string; short: string; keys: readonly string[] }

export const statusLine = ({ long, short, keys }: Status, columns: number): string => {
  const whole = `  ${[long, ...keys].join('    ')}`
  return whole.length < columns ? whole : `  ${[short, ...keys].join('  ')}`
}

/** Who wants in and what it must show. */
export const claimLines = (
  claim: Claim,
  scopes: readonly string[],
  terminal: Terminal,
): string[] => {
  const { styles } = terminal
  const [name, platform] = [printable(claim.deviceName, 60), printable(claim.platform, 60)]
  // Many name themselves after what they are; saying it once is enough.
  const runsOn = platform.startsWith(name) ? platform.slice(name.length) : `, ${platform}`
  return [
    '',
    `  ${styles.faint('─'.repeat(Math.min(terminal.columns() - 4, 65)))}`,
    '',
    `  A phone wants in:  ${styles.strong(name)}${runsOn}`,
    `  It must show       ${styles.waiting(claim.check)}`,
    `  It may then        ${scopes.join(', ')}`,
    '',
  ]
}
