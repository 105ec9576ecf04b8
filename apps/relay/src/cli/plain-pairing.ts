import { claimLines, offerLines } from './offer-lines.ts'
import type { PairingUi } from './pairing-ui.ts'
import { printable, type Terminal } from './terminal.ts'

const LINE_MAX = 1_000

/** Answers from lines of standard input: true, false, or undefined once there is nobody. */
export type LineReader = Disposable & { next(): Promise<string | undefined> }

export const readLines = ({ input }: Pick<Terminal, 'input'>): LineReader => {
  const lines: string[] = []
  let rest = ''
  let isOver = false
  let wake = () => {}
  const take = (chunk: Buffer | string) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = (parts.pop() ?? '').slice(-LINE_MAX)
    lines.push(...parts)
    wake()
  }
  const end = () => {
    isOver = true
    wake()
  }
  input.on('data', take).once('end', end).once('error', end)
  return {
    next: async () => {
      while (lines.length === 0 && !isOver) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return lines.shift()
    },
    [Symbol.dispose]: () => {
      input.off('data', take).off('end', end).off('error', end)
      input.pause()
    },
  }
}

const askLines = async (lines: LineReader): Promise<'yes' | 'no' | 'nobody'> => {
  const answer = await lines.next()
  if (answer === undefined) return 'nobody'
  return /^y(es)?$/i.test(answer.trim()) ? 'yes' : 'no'
}

/** Pairing for a log or a pipe: everything once, as lines. */
export const plainPairing = (
  terminal: Terminal,
  scopes: readonly string[],
  lines: LineReader,
): PairingUi => ({
  offered: (offer) => {
    for (const line of offerLines(offer, terminal)) terminal.line(line)
    terminal.line('  Good for one phone and for five minutes; `bellhop pair` makes another.')
  },
  asked: async (claim) => {
    for (const line of claimLines(claim, scopes, terminal)) terminal.line(line)
    terminal.line('  Let it in? (y/N)')
    const answer = await askLines(lines)
    if (answer === 'nobody') {
      terminal.line('  Nobody can answer here, so no. Run `bellhop pair` in a terminal.')
    }
    return answer === 'yes'
  },
  ended: (end) => {
    if (end.end === 'paired') terminal.line(`  ${printable(end.deviceName)} is in.`)
    if (end.end === 'refused') terminal.line('  It was not let in.')
    if (end.end === 'expired' || end.end === 'replaced') {
      terminal.line('  This code no longer works. `bellhop pair` makes a new one.')
    }
  },
})

/** Pairing for programs: one JSON object a line; `y` or `n` on standard input answers a claim. */
export const jsonPairing = (
  terminal: Terminal,
  firstOffer: (offer: { pairUrl: string; pairCode: string }) => object,
  lines: LineReader,
): PairingUi => ({
  offered: (offer) => terminal.json(firstOffer(offer)),
  asked: async (claim) => {
    const { deviceName, platform, check } = claim
    terminal.json({ event: 'claimed', deviceName, platform, check })
    return (await askLines(lines)) === 'yes'
  },
  ended: (end) => {
    const { end: event, ...rest } = end
    terminal.json({ event, ...rest })
  },
})
