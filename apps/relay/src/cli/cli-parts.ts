import type { AGENT_SCOPES, Device, Scope } from '@bellhop/core'
import type { RelayClient } from '@bellhop/core/client'
import type { Config } from '../config/config.ts'
import type { Devices } from '../devices/devices.ts'
import type { Pairing } from '../devices/pairing.ts'
import type { Logger } from '../logger.ts'
import type { EventLog, SessionIndex } from '../sessions/event-log.ts'
import type { SourceSupervisor } from '../sessions/source-supervisor.ts'

/** A relay that runs in this process. Disposing drains it and leaves nothing behind. */
export type RunningRelay = AsyncDisposable & {
  /** Where it answers on this machine. */
  readonly url: string
  /** Where phones are told to find it. */
  readonly publicUrl: string
  readonly instanceId: string
  readonly machine: string
  readonly pairing: Pick<Pairing, 'offer' | 'offerState' | 'decide'>
  readonly devices: Pick<Devices, 'list'>
  readonly sources: Pick<SourceSupervisor, 'states'>
  readonly sessions: Pick<SessionIndex, 'list'>
  readonly log: Pick<EventLog, 'onAppend'>
}

/** How the agent’s wiring stands. */
export type AgentState = {
  path: string
  version: string
  /** `outdated`: installed, but not as this Bellhop would install it. */
  plugin: 'installed' | 'disabled' | 'outdated' | 'absent'
  /** How many sessions that ran before are served too. */
  adoptedCount: number
  /** Why running sessions were not adopted, in words. */
  problem?: string
}

/** What the command line can set up in the coding agent on this machine. */
export type AgentSetup = {
  /** As people know it. */
  readonly title: string
  /** The program a person starts. */
  readonly program: string
  /** Where the program is; undefined when there is none. */
  find(): Promise<string | undefined>
  /** The calls below refuse with `agent_not_found` or `agent_failed`. */
  state(): Promise<AgentState>
  install(): Promise<AgentState>
  uninstall(): Promise<void>
  /** Whether there is a login on this machine that cloud sessions can be followed with. */
  hasCloudLogin(): Promise<boolean>
  /** Calls that ask the phone even where the agent would not ask, such as `Bash(git push*)`. */
  readonly askRules: {
    list(): Promise<readonly string[]>
    /** Answers the rule as it was understood; refuses with `config_invalid`. */
    add(rule: string): Promise<string>
    /** Says whether there was one. */
    remove(rule: string): Promise<boolean>
  }
}

/** An agent that uses the relay over MCP; `device` is absent once it was revoked. */
type McpAgent = { name: string; scopes: readonly Scope[]; device?: Device }

type McpPlace = { dataDir: string; desk: RelayClient }

/** What the command line can do for agents that use the relay over MCP. */
export type McpSetup = {
  /** Speaks MCP on standard input and output until the input ends. */
  serve(options: { dataDir: string; name: string; ownSession: string | undefined }): Promise<void>
  add(
    place: McpPlace & {
      name: string
      scopes: readonly (typeof AGENT_SCOPES)[number][]
      asksFirst: boolean
    },
  ): Promise<McpAgent>
  list(place: McpPlace): Promise<readonly McpAgent[]>
  /** What an agent shows over HTTP; undefined when there is no such agent. */
  token(place: { dataDir: string; name: string }): Promise<string | undefined>
  /** Says whether there is one. */
  set(place: McpPlace & { name: string; asksFirst: boolean }): Promise<boolean>
  /** Says whether there was one. */
  remove(place: McpPlace & { name: string }): Promise<boolean>
  installClient(options: {
    client: string
    server: { command: string; args: readonly string[] } | { url: string; token: string }
    env: Readonly<Record<string, string | undefined>>
    print: boolean
  }): Promise<{ title: string; path: string; text: string; backup?: string; isChanged: boolean }>
}

/** What the composition root gives the command line. */
export type CliParts = {
  startRelay(config: Config, extras: { logger: Logger }): Promise<RunningRelay>
  agentSetup(config: Config): AgentSetup
  /** Brought in only where it is used. */
  mcpSetup(): Promise<McpSetup>
}
