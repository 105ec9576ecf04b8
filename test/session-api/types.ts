import type { ServerTime } from '../support/virtual-time.ts'
import type { Faults } from './faults.ts'
import type { SocketHabits } from './subscribe-socket.ts'

export type Fields = Record<string, unknown>
export type EventSource = 'worker' | 'client'
export type DeliveryStatus = 'received' | 'processing' | 'processed'

/** One row of a session's log, as the history endpoint answers it. */
export interface StoredEvent {
  event_id: string
  event_type: string
  /** A decimal number, contiguous from "1". */
  sequence_num: string
  source: EventSource
  created_at: string
  payload: Fields
  sent_by_account_id?: string
  device_attestation_status?: string
  received_at?: string
  processing_at?: string
  processed_at?: string
}

/** A row of the session list. What is not named here can be set all the same. */
export interface SessionRow extends Fields {
  id: string
  title: string
  status: string
  status_bucket: string
  worker_status: string
  connection_status: string
  environment_id: string
  environment_kind: string
  config: Fields
  external_metadata: Fields
  created_at: string
  updated_at: string
  last_event_at: string
  user_message_count: string
  unread: boolean
  tags: string[]
}

/** Something a client posted. */
export interface SentEvent {
  payload: Fields
  eventId: string
  sequence: number
  duplicate: boolean
  family: 'code' | 'v1' | 'socket'
  platform: string | undefined
  atMs: number
}

export interface EmitOptions {
  source?: EventSource
  createdAt?: string
  /** Stores it although its uuid is known, under an event id of its own. */
  again?: boolean
  /** Replaces fields of the envelope, whatever their type, as it is shown to clients. */
  envelope?: Fields
}

/** What the open streams of a session are told. */
export type Notice =
  | { kind: 'event'; sequence: number; row: unknown; source: EventSource }
  | { kind: 'ephemeral'; data: Fields }
  | { kind: 'delivery'; data: Fields }
  | { kind: 'session'; data: Fields }
  | { kind: 'bytes'; text: string }
  | { kind: 'end'; closeCode: number }
  /** Not told to clients. */
  | { kind: 'archived' }

export interface LogEntry {
  sequence: number
  /** What clients are shown: the event itself, unless a test put something malformed here. */
  row: unknown
  event: StoredEvent | undefined
}

export interface ApiSession {
  /** The `cse_` spelling. */
  readonly id: string
  /** The `session_` spelling. */
  readonly rowId: string
  readonly row: SessionRow
  /** The epoch of the worker that may write; raised by each `…/bridge`. */
  epoch: number
  readonly log: readonly LogEntry[]
  /** The well-formed rows of the log, oldest first. */
  readonly events: StoredEvent[]
  readonly sent: readonly SentEvent[]
  /** Changes fields of the row, moves `updated_at` and tells the watch streams. */
  set(fields: Partial<SessionRow>): void
  /** Changes fields of `external_metadata`; undefined takes a field away. */
  setMetadata(fields: Fields): void
  /** Stores an event and shows it. An uuid that is already stored answers the stored event. */
  emit(payload: Fields, options?: EmitOptions): StoredEvent
  /** Stores any JSON at all as a row of the log, under the next number, and shows it. */
  emitRaw(row: unknown): number
  /** Writes bytes into every open event stream. */
  emitBytes(text: string): void
  /** Shows something that is not stored. */
  ephemeral(payload: Fields): void
  /** Says how far the worker is with an event, to the log and to the streams. */
  delivery(eventId: string, status: DeliveryStatus): void
  /** What a client's POST does; for tests that need no HTTP. */
  receive(
    payload: Fields,
    from: { family: SentEvent['family']; platform: string | undefined },
  ): SentEvent
  onSent(listener: (sent: SentEvent) => void): Disposable
  onNotice(listener: (notice: Notice) => void): Disposable
  archive(): void
  unarchive(): void
  /** Cuts every open stream of this session. */
  cutStreams(closeCode?: number): void
}

export interface AddSessionOptions {
  title?: string
  /** What the worker is: decides tags, environment and the like. Default "terminal". */
  kind?: 'terminal' | 'server' | 'cloud'
  cwd?: string
  model?: string
  /** Fields of the row that differ from the usual. */
  row?: Partial<SessionRow>
}

export interface RecordedRequest {
  method: string
  /** With the query. */
  path: string
  headers: Readonly<Record<string, string>>
  body: unknown
  /** Undefined until answered; stays so when the connection was cut instead. */
  status: number | undefined
  atMs: number
}

export interface OpenStreams {
  events: number
  watch: number
  worker: number
  socket: number
}

export interface LoginOverrides {
  accessToken?: string
  refreshToken?: string
  expiresAt?: number
  refreshTokenExpiresAt?: number
  scopes?: unknown
  /** Replaces the whole text of `.credentials.json`. */
  credentialsText?: string
  /** Null leaves `.claude.json` unwritten. */
  claudeJson?: Fields | null
}

export interface SessionApiOptions {
  time?: ServerTime
  port?: number
  /** How many events a stream replays at most before it says `catch_up_truncated`. */
  replayLimit?: number
  organizationId?: string
}

/** What of the API is there at all. */
export interface Families {
  /** `/v1/code/sessions`, all of it: off answers a plain 404. */
  code: boolean
  /** Its event streams. */
  codeStream: boolean
  /** Its account watch. */
  watch: boolean
  /** `/v1/sessions`. */
  v1: boolean
  /** The WebSocket of `/v1/sessions`. */
  socket: boolean
}

/** A server on loopback that speaks the session API. */
export interface SessionApi extends AsyncDisposable {
  readonly url: string
  readonly time: ServerTime
  /** What is accepted now. */
  readonly accessToken: string
  readonly refreshToken: string
  readonly organizationId: string
  readonly accountId: string
  readonly requests: readonly RecordedRequest[]
  readonly openStreams: Readonly<OpenStreams>
  readonly sessions: readonly ApiSession[]
  readonly environments: Fields[]
  readonly families: Families
  readonly faults: Faults
  /** What one session is wrapped in when it is asked for. */
  wrapping: 'response_shape' | 'session' | 'none'
  /** How its WebSocket behaves. */
  readonly socket: SocketHabits
  /** Tells of each session a client has made, once its first messages are stored. */
  onCreated(listener: (session: ApiSession) => void): Disposable
  /** The requests whose method and path (with query) match. */
  requestsTo(path: RegExp, method?: string): RecordedRequest[]
  /** Makes a new access token the accepted one; the old one is expired from now on. */
  rotateToken(): string
  /**
   * Writes `.credentials.json` and `.claude.json` as Claude Code does, with the tokens of now. For a
   * folder called `.claude` the second is written beside it too, where it is without `CLAUDE_CONFIG_DIR`.
   */
  writeLogin(configDir: string, overrides?: LoginOverrides): Promise<void>
  addSession(options?: AddSessionOptions): ApiSession
  /** By either spelling. */
  session(id: string): ApiSession
  removeSession(id: string): void
}
