import { PHONE_SCOPES } from '@bellhop/core'
import { askYesNo } from './ask.ts'
import { type Command, isTyped, typedText } from './command.ts'
import { deskOf, followOffer } from './follow-offer.ts'
import { settleCloud } from './offer-cloud.ts'
import { offerHooks } from './offer-hooks.ts'
import type { PairingUi } from './pairing-ui.ts'
import { jsonPairing, plainPairing, readLines } from './plain-pairing.ts'
import { preflight } from './preflight.ts'
import { selfCheck, settleReach } from './reach.ts'
import { stopSignal } from './stop-signal.ts'
import { runLive } from './up-live.ts'
import { describeUp, type Up } from './up-parts.ts'

/** Makes one code and stays with it; ends quietly when the relay is to stop. */
const pairOnce = async ({ call, relay, stop }: Up, ui: PairingUi): Promise<void> => {
  const end = await followOffer({
    desk: deskOf(relay),
    confirm: !isTyped(call.typed, 'yes'),
    onOffer: ui.offered,
    onClaim: ui.asked,
    signal: stop.signal,
  }).catch((error: unknown) => {
    if (stop.signal.aborted) return undefined
    throw error
  })
  if (end) ui.ended(end)
}

const untilStopped = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

const runJson = async (up: Up): Promise<void> => {
  const { call, relay, stop, reach } = up
  const { terminal } = call
  using lines = readLines(terminal)
  const ready = ({ pairUrl, pairCode }: { pairUrl: string; pairCode: string }) => {
    const { url, publicUrl, instanceId } = relay
    return { event: 'ready', url, pairUrl, pairCode, publicUrl, instanceId }
  }
  if (reach.publicUrl !== null) {
    void selfCheck(reach.publicUrl, relay.instanceId).then((answer) =>
      terminal.json({ event: 'reach', publicUrl: reach.publicUrl, ...answer }),
    )
  }
  await pairOnce(up, jsonPairing(terminal, ready, lines))
  await untilStopped(stop.signal)
  terminal.json({ event: 'stopped' })
}

const runPlain = async (up: Up): Promise<void> => {
  const { call, relay, stop } = up
  const { terminal } = call
  for (const line of await describeUp(up)) terminal.line(line)
  if (relay.devices.list().length === 0) {
    using lines = readLines(terminal)
    await pairOnce(up, plainPairing(terminal, PHONE_SCOPES, lines))
  }
  await untilStopped(stop.signal)
  terminal.line('  Stopped.')
}

export const upCommand: Command = {
  name: 'up',
  does: 'Starts the relay; a bare `bellhop` does the same.',
  options: {
    port: { type: 'string' },
    host: { type: 'string' },
    'public-url': { type: 'string' },
    demo: { type: 'boolean' },
    cloud: { type: 'string' },
    yes: { type: 'boolean', short: 'y' },
  },
  means: {
    port: 'where it listens (8787); 0 lets the system choose',
    'port<>': 'number',
    host: 'on which address (127.0.0.1); 0.0.0.0 is every one',
    'host<>': 'address',
    'public-url': 'the https address phones reach it by',
    'public-url<>': 'https://…',
    demo: 'plays simulated sessions too',
    cloud: 'follow your cloud sessions with your login; remembered',
    'cloud<>': 'on|off',
    yes: 'does not ask: sets all up, lets in who scanned',
  },
  run: async (call) => {
    const { terminal, config, typed, env, agent } = call
    const asJson = isTyped(typed, 'json')
    const isLive = terminal.canAsk && !asJson
    const always = isTyped(typed, 'yes')
    const ask = (question: string) =>
      always ? Promise.resolve(true) : askYesNo(terminal, question)

    await preflight(config)
    const typedCloud = typedText(typed, 'cloud')
    // Nobody agrees to a risk by not being there or by Enter, so `--yes` does not say yes to this.
    const askHere =
      isLive && !always ? (question: string) => askYesNo(terminal, question, false) : undefined
    const isOn = await settleCloud(agent, config.dataDir, typedCloud, askHere)
    const reach = await settleReach(config, env, isLive ? ask : undefined)
    try {
      const reached = reach.publicUrl === null ? config : call.withPublicUrl(reach.publicUrl)
      const settled = { ...reached, cloud: { ...reached.cloud, isOn } }
      using stop = stopSignal()
      for (const line of await offerHooks(agent, config.dataDir, isLive ? ask : undefined)) {
        if (!asJson) terminal.line(`  ${line}`)
      }
      await using relay = await call.startRelay(settled)
      const found = (await agent.find()) !== undefined
      const note =
        found || isOn
          ? undefined
          : `${agent.title} was not found here, so a simulated session plays instead.`
      const up: Up = { call, relay, reach, note, stop: stop.controller }
      await (asJson ? runJson(up) : isLive ? runLive(up) : runPlain(up))
    } finally {
      await reach.undo()
    }
    return 0
  },
}
