import {
  ALL_SCOPES,
  type Command,
  type DeviceId,
  emptyTranscript,
  newCommandId,
  reduceTranscript,
  type SessionId,
  shownHash,
} from '@bellhop/core'
import { expect } from 'vitest'
import { createMemoryBackend } from '../../apps/relay/src/backends/memory/memory-backend.ts'
import { systemClock } from '../../apps/relay/src/clock.ts'
import { silentLogger } from '../../apps/relay/src/logger.ts'
import type { Principal } from '../../apps/relay/src/principal.ts'
import { createAgentGuard } from '../../apps/relay/src/sessions/agent-guard.ts'
import { createCommandDispatcher } from '../../apps/relay/src/sessions/command-dispatcher.ts'
import { createIngest } from '../../apps/relay/src/sessions/ingest.ts'
import { createRunBoard } from '../../apps/relay/src/sessions/run-board.ts'
import { createSignalHub } from '../../apps/relay/src/sessions/signal-hub.ts'
import { createSourceSupervisor } from '../../apps/relay/src/sessions/source-supervisor.ts'
import {
  createSimulatedSource,
  type SimulatedParts,
} from '../../apps/relay/src/sources/simulated/simulated-source.ts'

export const phone: Principal = {
  deviceId: 'dev_12345678' as DeviceId,
  name: 'Ada’s phone',
  scopes: ALL_SCOPES,
}
/** Time passes at once, but never while something else is ready to run. */
export const atOnce: NonNullable<SimulatedParts['wait']> = async (_, signal) => {
  await new Promise((resolve) => setImmediate(resolve))
  signal.throwIfAborted()
}

/** The simulated source on a relay’s own parts, without a line between. */
export const startDemo = (
  parts: Partial<SimulatedParts> = {},
  backend = createMemoryBackend({ clock: systemClock }),
) => {
  const { log, sessions, checkpoints, ledger, audit } = backend
  const common = { clock: systemClock, logger: silentLogger, sessions, log, hub: createSignalHub() }
  const ingest = createIngest({ ...common, machine: 'desk' })
  const source = createSimulatedSource({ clock: systemClock, wait: atOnce, ...parts })
  const sources = createSourceSupervisor({
    ...common,
    ingest,
    checkpoints,
    runs: createRunBoard(sessions),
    sources: [source],
  })
  const guard = createAgentGuard({ ...common, audit })
  const devices = { get: () => undefined, onRevoked: () => ({ [Symbol.dispose]: () => {} }) }
  const parted = { ...common, ingest, ledger, audit, guard, devices, sources }
  const dispatcher = createCommandDispatcher(parted)
  sources.start()
  const id = (name: string) => `ses_demo-${name}` as SessionId
  const session = (name: string) => sessions.get(id(name))
  const send = (name: string, wish: object, by: Principal = phone) => {
    const command = { commandId: newCommandId(), sessionId: id(name), ...wish } as Command
    return dispatcher.dispatch(by, command)
  }
  return {
    backend,
    hub: common.hub,
    session,
    send,
    events: async (name: string) =>
      (await log.readBack({ sessionId: id(name), limit: 100_000 })).events,
    rows: async (name: string) => {
      const { events } = await log.readBack({ sessionId: id(name), limit: 100_000 })
      return reduceTranscript(emptyTranscript, events).rows
    },
    /** Waits until the session asks, and answers what is open. */
    answer: async (name: string, wish: object) => {
      await expect.poll(async () => (await session(name))?.waits.length).toBe(1)
      const wait = (await session(name))?.waits[0]
      if (!wait) throw new TypeError('nothing is open')
      const { permissionId, ask } = wait
      return send(name, { ...wish, permissionId, shownHash: await shownHash(ask) })
    },
    idle: (name: string) => expect.poll(async () => (await session(name))?.status).toBe('idle'),
    stop: () => sources.stop(),
    [Symbol.asyncDispose]: () => sources.stop(),
  }
}

export const shell = (command: string) => ({ kind: 'shell', name: 'Bash', command })
export const scenario = (play: object[], more: object = {}) => ({
  name: 'one',
  session: { title: 'One', project: 'shop-api' },
  startedMinutesAgo: 10,
  before: [],
  play: [{ do: 'person', text: 'go' }, ...play],
  replies: [[{ do: 'say', text: 'You said {{1}}.' }]],
  ...more,
})
export const rule = { suggestionId: 's1', words: 'Run `ls` in this project' }
export const asking = {
  do: 'tool',
  tool: shell('ls'),
  result: { text: 'a b' },
  asks: {
    input: { command: 'ls' },
    suggestions: [rule],
    denied: [{ do: 'say', text: 'Then not: {{1}}.' }],
  },
}
export const allow = (more: object = {}) => ({
  type: 'decide_permission',
  decision: { behavior: 'allow', ...more },
})
export const deny = (more: object = {}) => ({
  type: 'decide_permission',
  decision: { behavior: 'deny', ...more },
})
export const last = { do: 'say', text: 'All of it ran.' }
