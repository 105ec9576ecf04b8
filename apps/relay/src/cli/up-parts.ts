import type { RelayClient } from '@bellhop/core/client'
import type { RunningRelay } from './cli-parts.ts'
import type { Call } from './command.ts'
import { headerLines } from './header.ts'
import { type Reach, selfCheck } from './reach.ts'

/** A relay that runs, and all a way of showing it needs. */
export type Up = {
  call: Call
  relay: RunningRelay
  client: RelayClient
  reach: Reach
  /** Said once, where there is no agent to follow. */
  note: string | undefined
  /** Aborted when the relay is to stop. */
  stop: AbortController
}

/** The header, from what the relay itself says. */
export const describeUp = async ({ call, relay, client, reach, note }: Up): Promise<string[]> => {
  const check = reach.publicUrl ? selfCheck(reach.publicUrl, relay.instanceId) : undefined
  const [about, { devices }, answer] = await Promise.all([
    client.call('relay', null),
    client.call('devices', null),
    check,
  ])
  const { terminal } = call
  return headerLines({ about, devices, reach, answer, url: relay.url, note, terminal })
}
