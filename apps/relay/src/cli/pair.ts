import { PHONE_SCOPES, SCOPES, type Scope } from '@bellhop/core'
import { type Call, type Command, isTyped, typedText } from './command.ts'
import { connect } from './connect.ts'
import { UsageError } from './explain.ts'
import { deskBehind, followOffer, type OfferEnd } from './follow-offer.ts'
import { livePairing } from './live-pairing.ts'
import { openLiveScreen } from './live-screen.ts'
import { statusLine } from './offer-lines.ts'
import type { PairingUi } from './pairing-ui.ts'
import { jsonPairing, plainPairing, readLines } from './plain-pairing.ts'

const SECOND_MS = 1000

const isScope = (text: string): text is Scope => Object.hasOwn(SCOPES, text)

const readScopes = (text: string | undefined): Scope[] | undefined => {
  const scopes = text?.split(',').map((one) => one.trim())
  const wrong = scopes?.find((one) => !isScope(one))
  if (wrong !== undefined) {
    throw new UsageError(
      `There is no scope ${wrong}. Scopes are ${Object.keys(SCOPES).join(', ')}.`,
    )
  }
  return scopes?.filter(isScope)
}

/** One code after another until a phone is in, the person stops, or says no. */
const pairLive = async (
  call: Call,
  pairOnce: (ui: PairingUi, signal: AbortSignal) => Promise<OfferEnd>,
  scopes: readonly Scope[],
): Promise<number> => {
  using screen = openLiveScreen(call.terminal)
  const ui = livePairing(call.terminal, screen, scopes)
  const stop = new AbortController()
  let again = new AbortController()
  using _keys = screen.onKey((key) => {
    if (key === 'q') stop.abort()
    if (key === 'n') again.abort()
  })
  const tick = setInterval(() => {
    const now = ui.statusNow(Date.now())
    if (now && now !== 'asking') screen.status(statusLine(now, call.terminal.columns()))
  }, SECOND_MS)
  try {
    while (!stop.signal.aborted) {
      again = new AbortController()
      const signal = AbortSignal.any([stop.signal, again.signal])
      const end = await pairOnce(ui, signal).catch((error: unknown) => {
        if (signal.aborted) return undefined
        throw error
      })
      if (end) ui.ended(end)
      if (end?.end === 'paired') return 0
      if (end?.end === 'refused' || end?.end === 'replaced') return 1
    }
    return 0
  } finally {
    clearInterval(tick)
  }
}

export const pairCommand: Command = {
  name: 'pair',
  does: 'Shows a code that lets one phone in.',
  options: { scopes: { type: 'string' }, yes: { type: 'boolean', short: 'y' } },
  means: {
    scopes: `what it may do, of ${Object.keys(SCOPES).join(',')}; watch,answer,drive if not said`,
    'scopes<>': 'list',
    yes: 'let in who scanned the code, unasked; a typed code is always asked about',
  },
  run: async (call) => {
    const { terminal, config, typed } = call
    const scopes = readScopes(typedText(typed, 'scopes'))
    const granted = scopes ?? PHONE_SCOPES
    const { client } = await connect(config)
    const pairOnce = (ui: PairingUi, signal: AbortSignal) =>
      followOffer({
        desk: deskBehind(client),
        confirm: !isTyped(typed, 'yes'),
        scopes,
        onOffer: ui.offered,
        onClaim: ui.asked,
        signal,
      })
    const asJson = isTyped(typed, 'json')
    if (terminal.canAsk && !asJson) return pairLive(call, pairOnce, granted)
    using lines = readLines(terminal)
    const ui = asJson
      ? jsonPairing(terminal, (offer) => ({ event: 'offer', ...offer }), lines)
      : plainPairing(terminal, granted, lines)
    const end = await pairOnce(ui, new AbortController().signal)
    ui.ended(end)
    return end.end === 'paired' ? 0 : 1
  },
}
