import {
  ALL_SCOPES,
  agentWords,
  type CommandId,
  type CommandOf,
  type DeviceId,
  type SessionId,
  type SourceId,
} from '@bellhop/core'
import { createMemoryBackend } from '../../apps/relay/src/backends/memory/memory-backend.ts'
import { systemClock } from '../../apps/relay/src/clock.ts'
import { silentLogger } from '../../apps/relay/src/logger.ts'
import { actorOf, type Principal } from '../../apps/relay/src/principal.ts'
import { createAgentGuard, type GuardParts } from '../../apps/relay/src/sessions/agent-guard.ts'
import { createIngest } from '../../apps/relay/src/sessions/ingest.ts'
import { createSignalHub } from '../../apps/relay/src/sessions/signal-hub.ts'

const SRC = 'scripted' as SourceId
export const AT = '2026-03-01T09:00:00.000Z'
export const person: Principal = {
  deviceId: 'dev_person78' as DeviceId,
  name: 'Phone',
  scopes: ALL_SCOPES,
}
export const agent = (name: string): Principal => ({
  deviceId: `dev_${name.padEnd(8, '0')}` as DeviceId,
  name,
  scopes: ['watch', 'drive'],
  agent: { asksFirst: false },
})
export const desktop = agent('desktop')
let made = 0
export const idOf = () => `cmd_${20_000_000 + made++}` as CommandId
export const to = (sessionId: SessionId, text: string, more: object = {}): CommandOf<'prompt'> => ({
  type: 'prompt',
  commandId: idOf(),
  sessionId,
  text,
  ...more,
})
export const startOf = (text: string) => ({ commandId: idOf(), placeId: 'plc_desk' as never, text })

export const answerTo = (
  sessionId: SessionId,
  more: object = {},
): CommandOf<'decide_permission'> => ({
  type: 'decide_permission',
  commandId: idOf(),
  sessionId,
  permissionId: 'per_1' as never,
  shownHash: 'x',
  decision: { behavior: 'allow' },
  ...more,
})

/** An agent guard on an empty log, and the hands to fill that. */
export const guardWorld = (options: Partial<GuardParts> = {}) => {
  let nowMs = Date.parse(AT)
  const clock = { ...systemClock, nowMs: () => nowMs }
  const { log, sessions, audit } = createMemoryBackend({ clock })
  const ingest = createIngest({
    ...{ log, sessions, clock, hub: createSignalHub(), logger: silentLogger, machine: 'desk' },
  })
  const make = (more: Partial<GuardParts> = {}) =>
    createAgentGuard({
      ...{ log, sessions, audit, clock, bounds: { lookMs: 60 }, ...options, ...more },
    })
  const guard = make()
  let said = 0
  const say = (sessionId: SessionId, type: string, fields: object = {}) => {
    nowMs += 1
    const at = new Date(nowMs).toISOString()
    const draft = { sessionId, type, at, dedupeKey: `k${said++}`, ...fields }
    return ingest.append(SRC, [draft])
  }
  const session = async (name: string, facts: object = {}) => {
    const sessionId = `ses_${name}` as SessionId
    await say(sessionId, 'session.started', { sourceId: SRC, machine: 'desk', ...facts })
    return sessionId
  }
  /** A session is told something, which it works on from then on. */
  const told = async (sessionId: SessionId, text: string, more: object = {}) => {
    const words = { messageId: `m${said}`, text, from: 'person', ...more }
    await say(sessionId, 'message.person', words)
    await say(sessionId, 'turn.started')
  }
  /** It calls a tool. */
  const calls = (sessionId: SessionId, name: string, input: object, more: object = {}) =>
    say(sessionId, 'tool.started', {
      toolCallId: `t${said}`,
      tool: { kind: 'mcp', server: 'bellhop', name, input },
      ...more,
    })
  /** What the dispatcher and the source do with a message that passed. */
  const carry = async (by: Principal, message: CommandOf<'prompt'>, depth: number) => {
    const { commandId, sessionId, text } = message
    const actor = actorOf(by, depth)
    const act = { commandId, commandType: 'prompt', sessionId, by: actor, about: '', at: AT }
    await audit.note(act)
    const words = by.agent ? agentWords(by.name, text) : text
    await told(sessionId, words, { causedBy: commandId, deviceName: by.name })
  }
  return {
    ...{ guard, make, session, told, calls, carry, say, audit },
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}
