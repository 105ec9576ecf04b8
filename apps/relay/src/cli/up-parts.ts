import { setTimeout as sleep } from 'node:timers/promises'
import { STARTING } from '../sessions/source-supervisor.ts'
import type { RunningRelay } from './cli-parts.ts'
import type { Call } from './command.ts'
import { headerLines } from './header.ts'
import { type Reach, selfCheck } from './reach.ts'

/** A relay that runs, and all a way of showing it needs. */
export type Up = {
  call: Call
  relay: RunningRelay
  reach: Reach
  /** Said once, where there is no agent to follow. */
  note: string | undefined
  /** Aborted when the relay is to stop. */
  stop: AbortController
}

/** Sources say how they are a moment after they start; the header is drawn once, so it waits a little. */
const SETTLE_MS = 600
const sourcesSettled = async ({ sources }: RunningRelay): Promise<void> => {
  const isStarting = () => sources.states().some(({ text }) => text === STARTING)
  for (const end = Date.now() + SETTLE_MS; isStarting() && Date.now() < end; ) await sleep(20)
}

/** The header, from what the relay says of itself. */
export const describeUp = async ({ call, relay, reach, note }: Up): Promise<string[]> => {
  const { publicUrl } = reach
  await sourcesSettled(relay)
  const answer = publicUrl === null ? undefined : await selfCheck(publicUrl, relay.instanceId)
  return headerLines({
    machine: relay.machine,
    sources: relay.sources.states(),
    deviceNames: relay.devices.list().map(({ name }) => name),
    reach,
    answer,
    url: relay.url,
    note,
    terminal: call.terminal,
  })
}
