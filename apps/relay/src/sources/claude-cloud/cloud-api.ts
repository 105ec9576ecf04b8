/** The session API as this source uses it: what crosses it, already read row by row. */

/** A JSON object as it came; its fields are whatever they are. */
export type Fields = Readonly<Record<string, unknown>>

/** The part of an id that both spellings of a session share. */
export type Suffix = string

export type Connection = 'connected' | 'connecting' | 'disconnected' | 'unknown'
export type WorkerStatus = 'idle' | 'running' | 'requires_action' | 'unknown'

/** One session as a list shows it. What was missing or not understood is absent or `unknown`. */
export type CloudRow = {
  suffix: Suffix
  title?: string
  isArchived: boolean
  worker: WorkerStatus
  connection: Connection
  /** `bridge`: runs on somebody’s machine; `cloud`: in a machine of the cloud. */
  kind: 'bridge' | 'cloud' | 'unknown'
  environmentId?: string
  cwd?: string
  branch?: string
  repository?: string
  model?: string
  permissionMode?: string
  contextUsed?: number
  costUsd?: number
  /** What happened last, in a line. */
  lastLine?: string
  isUnread: boolean
  createdAtMs?: number
  lastEventAtMs?: number
  pending: readonly PendingHint[]
}

/** A prompt as a row hints at it; the prompt itself is in the events. */
export type PendingHint = { requestId: string; toolName?: string; toolUseId?: string }

/** One event of a session’s history. */
export type CloudEvent = {
  /** From 1 on, without gaps; the only order there is. Absent on the older family, which has none. */
  sequence?: number
  eventId: string
  /** Who wrote it. */
  source: 'worker' | 'client' | 'unknown'
  createdAtMs?: number
  payload: Fields
  /** How far a worker had got with it when it was read, where that is said. */
  delivered?: 'received' | 'processing' | 'processed'
}

export type Page = {
  /** In the order asked for; unreadable rows are left out and counted. */
  events: readonly CloudEvent[]
  /** Where the next page in that direction starts; absent at the end. */
  next?: number
  skipped: number
}

export type Delivery = { eventId: string; status: 'received' | 'processing' | 'processed' | string }

/** What a stream tells, in the order it came. */
export type StreamItem =
  | { kind: 'open' }
  | { kind: 'event'; event: CloudEvent }
  | { kind: 'ephemeral'; payload: Fields }
  | { kind: 'delivery'; delivery: Delivery }
  | { kind: 'session'; fields: Fields }
  /** Events after the cursor are missing here and have to be read from history. */
  | { kind: 'truncated' }
  /** A row or frame that was not understood. */
  | { kind: 'skipped' }

export type WatchItem =
  | { kind: 'open' }
  | { kind: 'row'; row: CloudRow }
  | { kind: 'removed'; suffix: Suffix }
  | { kind: 'token'; token: string }
  | { kind: 'skipped' }

export type RowPage = {
  rows: readonly CloudRow[]
  nextCursor?: string
  /** Where the watch goes on from; good for about 225 s. */
  resumeToken?: string
  skipped: number
}

export type SendResult = { eventId: string; sequence?: number; isDuplicate: boolean }

export type Environment = {
  environmentId: string
  kind: 'bridge' | 'cloud' | 'unknown'
  name: string
  isActive: boolean
  machine?: string
  folder?: string
  repository?: string
}

/**
 * Why a call did not do what it was for.
 * `login`: signed out, or a right is missing; a person has to act.
 * `edge`: refused before the API was reached; passes by itself.
 * `gone`: no such session (any more). `conflict`: it is archived or already so.
 * `expired`: the place to go on from is too old. `limited`: too many calls.
 * `absent`: this server does not have that call. `refused`: it says no and will go on saying no.
 * `unreachable`: no answer, or one that makes no sense; passes by itself.
 */
export type FailureKind =
  | 'login'
  | 'edge'
  | 'gone'
  | 'conflict'
  | 'expired'
  | 'limited'
  | 'absent'
  | 'refused'
  | 'unreachable'

/** Told by a call that failed. */
export type { CloudFailure } from './cloud-failure.ts'

/** The newer family of calls. Every call rejects with a `CloudFailure`, or as its signal aborts. */
export interface CloudApi {
  list(
    range: { cursor?: string; limit: number; archived?: boolean },
    signal: AbortSignal,
  ): Promise<RowPage>
  row(suffix: Suffix, signal: AbortSignal): Promise<CloudRow>
  /** Events after (`asc`) or before (`desc`) a sequence number, exclusive; absent: from that end. */
  events(
    suffix: Suffix,
    range: { order: 'asc' | 'desc'; from?: number; limit: number },
    signal: AbortSignal,
  ): Promise<Page>
  /** Ends without an error when the line ends; goes silent never: 35 s without a byte end it. */
  stream(suffix: Suffix, after: number | undefined, signal: AbortSignal): AsyncIterable<StreamItem>
  watch(resumeToken: string, signal: AbortSignal): AsyncIterable<WatchItem>
  /** Each payload carries its own `uuid`; the same one again is stored once. */
  send(suffix: Suffix, payloads: readonly Fields[], signal: AbortSignal): Promise<SendResult[]>
  rename(suffix: Suffix, title: string, signal: AbortSignal): Promise<void>
  /** Resolves too when it was archived already. */
  archive(suffix: Suffix, signal: AbortSignal): Promise<void>
  markRead(suffix: Suffix, signal: AbortSignal): Promise<void>
  environments(signal: AbortSignal): Promise<readonly Environment[]>
  create(
    request: {
      title: string
      environmentId: string
      firstMessage: { uuid: string; text: string }
      repository?: string
      branch?: string
      model?: string
      permissionMode?: string
    },
    signal: AbortSignal,
  ): Promise<Suffix>
}

/** The older family: lists by polling, reads by polling or a WebSocket, writes flat events. */
export interface OlderApi {
  list(signal: AbortSignal): Promise<RowPage>
  /** Events after one by its id, oldest first; absent: from the beginning. */
  events(
    suffix: Suffix,
    range: { afterId?: string; beforeId?: string; limit: number },
    signal: AbortSignal,
  ): Promise<{ events: readonly CloudEvent[]; hasMore: boolean; skipped: number }>
  /** Live events by WebSocket; rejects with `absent` where the server does not let us in that way. */
  subscribe(suffix: Suffix, signal: AbortSignal): AsyncIterable<StreamItem>
  send(suffix: Suffix, payloads: readonly Fields[], signal: AbortSignal): Promise<void>
  rename(suffix: Suffix, title: string, signal: AbortSignal): Promise<void>
  /** Resolves too when it was archived already. */
  archive(suffix: Suffix, signal: AbortSignal): Promise<void>
}

/** What was not understood, by what it was, for `doctor`. */
export type SkipCounter = {
  skip(what: 'row' | 'event' | 'frame' | 'payload'): void
  counts(): ReadonlyMap<string, number>
}
