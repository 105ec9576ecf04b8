import type { ServerTime } from '../support/virtual-time.ts'
import type { Exchange } from './exchange.ts'
import type { Faults } from './faults.ts'
import type { Login } from './login.ts'
import type {
  AddSessionOptions,
  ApiSession,
  Families,
  Fields,
  OpenStreams,
  SessionApi,
} from './types.ts'

/** What a change of the account's sessions means for a watch stream. */
export type AccountNotice =
  | { kind: 'added'; session: ApiSession }
  | { kind: 'changed'; session: ApiSession }
  | { kind: 'removed'; id: string }

/** What the routes share. */
export interface World {
  readonly time: ServerTime
  readonly faults: Faults
  readonly families: Families
  readonly login: Login
  readonly sessions: Map<string, ApiSession>
  readonly environments: Fields[]
  readonly streams: OpenStreams
  readonly replayLimit: number
  /** What one session is wrapped in when it is asked for. */
  wrapping: SessionApi['wrapping']
  /** The session a path names, by either spelling. */
  find(id: string | undefined): ApiSession | undefined
  add(options?: AddSessionOptions): ApiSession
  /** A client has made this session. */
  created(session: ApiSession): void
  remove(id: string): void
  onAccountNotice(listener: (notice: AccountNotice) => void): Disposable
  /** Where the worker is told to connect. */
  url(): string
}

/** The platform a client says it is; the server takes it from the header alone. */
export const platformOf = (exchange: Exchange): string | undefined =>
  exchange.header('anthropic-client-platform')
