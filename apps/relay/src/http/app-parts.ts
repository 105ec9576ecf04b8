import type {
  Command,
  Cursor,
  DeviceId,
  PushLevel,
  PushState,
  PushSubscriptionRecord,
  Receipt,
  ResponseOf,
  SessionId,
  StreamFrame,
  StreamRequest,
} from '@bellhop/core'
import type { Clock } from '../clock.ts'
import type { AccessTokens } from '../devices/access-tokens.ts'
import type { AgentTokens } from '../devices/agent-tokens.ts'
import type { Authenticate } from '../devices/authenticate.ts'
import type { Devices } from '../devices/devices.ts'
import type { Nonces } from '../devices/nonces.ts'
import type { Pairing } from '../devices/pairing.ts'
import type { Logger } from '../logger.ts'
import type { Principal } from '../principal.ts'
import type { AgentGuard } from '../sessions/agent-guard.ts'
import type { AuditLog } from '../sessions/audit-log.ts'
import type { EventLog, SessionIndex } from '../sessions/event-log.ts'
import type { Focus } from '../sessions/focus.ts'
import type { SessionSource } from '../sessions/session-source.ts'
import type { TranscriptSearch } from '../sessions/transcript-search.ts'
import type { AgentDoor } from './agent-door.ts'
import type { LimitedEndpoint } from './limits.ts'
import type { Allowance } from './rate-limit.ts'

/** The domain as the endpoints use it: of each part only what is called. */
export type DomainParts = {
  clock: Clock
  about: {
    machine: string
    /** Changes with each start of the relay. */
    instanceId: string
    startedAt: string
    publicUrl: () => string
  }
  tokens: Pick<AccessTokens, 'issue'>
  devices: Devices
  pairing: Pairing
  sessions: Pick<SessionIndex, 'list' | 'get'>
  log: Pick<EventLog, 'readBack'>
  search: TranscriptSearch
  feed: { open(request: StreamRequest, signal: AbortSignal): AsyncIterable<StreamFrame> }
  dispatcher: { dispatch(principal: Principal, command: Command): Promise<Receipt> }
  audit: Pick<AuditLog, 'note' | 'settle' | 'read'>
  guard: AgentGuard
  sources: {
    states(): ResponseOf<'relay'>['sources']
    find(sourceId: string): SessionSource | undefined
    all(): readonly SessionSource[]
  }
  focus: Pick<Focus, 'look' | 'lookAtList'>
  logger: Logger
  presence: {
    report(
      deviceId: DeviceId,
      shown: { visible: boolean; sessionId: SessionId | null; shown: Cursor | null },
    ): void
  }
  push: {
    state(deviceId: DeviceId): Promise<PushState>
    subscribe(
      deviceId: DeviceId,
      subscription: PushSubscriptionRecord | null,
      level?: PushLevel,
    ): Promise<PushState>
    test(deviceId: DeviceId): Promise<ResponseOf<'pushTest'>>
  }
}

/** Everything the http edge is made of. */
export type AppParts = DomainParts & {
  logger: Logger
  nonces: Nonces
  authenticate: Authenticate
  agentTokens: AgentTokens
  /** Makes what answers agents; called when the first one comes, so that nobody else carries it. */
  agentDoor: () => Promise<AgentDoor>
  /** The public origins this relay answers under; loopback goes without saying. */
  publicOrigins: () => readonly string[]
  /** The folder of the built app; null when it has not been built. */
  appDir: string | null
  /** True in development and tests. */
  checkAnswers: boolean
  /** Replaces the usual limits of one call. */
  limits?: Partial<Record<LimitedEndpoint, { each: Allowance; all: Allowance }>>
}
