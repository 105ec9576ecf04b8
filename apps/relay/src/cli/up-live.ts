import { setTimeout as sleep } from 'node:timers/promises'
import { PHONE_SCOPES } from '@bellhop/core'
import { isTyped } from './command.ts'
import { deskOf, followOffer, type OfferEnd } from './follow-offer.ts'
import { livePairing } from './live-pairing.ts'
import { openLiveScreen } from './live-screen.ts'
import { statusLine } from './offer-lines.ts'
import { selfCheck } from './reach.ts'
import { countStatus, type SessionCounts, watchSessions } from './session-watch.ts'
import { describeUp, type Up } from './up-parts.ts'

const SECOND_MS = 1000
const RECHECK_MS = 5_000

/** Asks again until the public name leads here, so that a slow certificate or tunnel shows up. */
const tellWhenReached = async (up: Up, tell: (line: string) => void): Promise<void> => {
  const { publicUrl } = up.reach
  const { signal } = up.stop
  if (publicUrl === null) return
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const answer = await selfCheck(publicUrl, up.relay.instanceId)
    if (answer.state === 'answers') {
      if (!isFirst) tell(`${publicUrl} answers now, in ${answer.ms} ms.`)
      return
    }
    await sleep(RECHECK_MS, undefined, { signal }).catch(() => {})
  }
}

/** The relay on a person’s screen, until they stop it. */
export const runLive = async (up: Up): Promise<void> => {
  const { call, relay, stop } = up
  const { terminal } = call
  for (const line of await describeUp(up)) terminal.line(line)

  using screen = openLiveScreen(terminal)
  const ui = livePairing(terminal, screen, PHONE_SCOPES)
  let counts: SessionCounts = { running: 0, waiting: 0 }
  let wantsCode = relay.devices.list().length === 0
  let again = new AbortController()
  const draw = () => {
    const now = ui.statusNow(Date.now()) ?? countStatus(counts)
    if (now !== 'asking') screen.status(statusLine(now, terminal.columns()))
  }
  using _keys = screen.onKey((key) => {
    if (key === 'q') stop.abort()
    if (key !== 'n') return
    wantsCode = true
    again.abort()
  })
  const tick = setInterval(draw, SECOND_MS)
  using _watch = watchSessions(relay, (now) => {
    counts = now
    draw()
  })
  const reached = tellWhenReached(up, (line) => screen.print([`  ${line}`, '']))

  const pairOnce = (signal: AbortSignal): Promise<OfferEnd | undefined> =>
    followOffer({
      desk: deskOf(relay),
      confirm: !isTyped(call.typed, 'yes'),
      onOffer: (offer) => {
        ui.offered(offer)
        draw()
      },
      onClaim: ui.asked,
      signal,
    }).catch((error: unknown) => {
      if (signal.aborted) return undefined
      throw error
    })

  try {
    while (!stop.signal.aborted) {
      again = new AbortController()
      const signal = AbortSignal.any([stop.signal, again.signal])
      if (wantsCode) {
        const end = await pairOnce(signal)
        if (end) ui.ended(end)
        wantsCode = end === undefined || end.end === 'expired'
      } else {
        draw()
        await new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      }
    }
    screen.status('  Stopping.')
  } finally {
    clearInterval(tick)
    stop.abort()
    await reached
  }
}
