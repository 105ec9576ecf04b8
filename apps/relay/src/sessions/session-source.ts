import type {
  Actor,
  CommandOf,
  CommandType,
  EventDraft,
  McpServer,
  Place,
  SessionId,
  Signal,
  SourceId,
  StartRequest,
} from '@bellhop/core'

/** What a source says about itself, once. */
export type SourceManifest = {
  sourceId: SourceId
  /** As people read it: "terminals". */
  title: string
}

/** A command that has passed every check, and who asked. Plain data. */
export type SourceCommand = {
  [Type in CommandType]: { command: CommandOf<Type>; by: Actor }
}[CommandType]

/** How a source is doing, for people. */
export type SourceHealth = {
  state: 'ok' | 'degraded' | 'down'
  text: string
  /** When it began, where that is known; otherwise it is taken to have begun when it is first said. */
  sinceMs?: number
}

/** How a command went that was handed on without a word from the session, in words. [CM-5] */
export type Unconfirmed = { unconfirmed: string }

/** A running session of another source that may be the same run as one’s own. */
export type KnownRun = {
  runKey: string
  sessionId: SessionId
  sourceId: SourceId
  /** What its own source can ask it. */
  capabilities: readonly string[]
}

/** Where a source puts what it learns. */
export interface SourceSink {
  /**
   * Resolves once the drafts are durable; only then may the source move its checkpoint. Drafts whose
   * key was stored before are skipped, malformed ones become a `source.note`. [EV-2] [EV-5]
   */
  append(drafts: readonly EventDraft[]): Promise<void>
  /** Tells what may be lost. Never throws, never waits. [SI-1] */
  signal(signal: Signal): void
  /** Says how the source is doing; a change reaches everyone who follows. */
  health(health: SourceHealth): void
  /** The last value saved under the key, so that a restart goes on where it stopped. */
  checkpoint(key: string): Promise<string | undefined>
  saveCheckpoint(key: string, value: string): Promise<void>
  /** The sessions of this source that have not ended, as the log knows them. */
  openSessions(): Promise<readonly OpenSession[]>
  /** The sessions of other sources that run and name their run. */
  otherRuns(): readonly KnownRun[]
  /** Calls back after they changed; may coalesce, may repeat. */
  onOtherRuns(listener: () => void): Disposable
}

/** What a restarted source needs to know to go on, or to say that a session is over. */
export type OpenSession = {
  sessionId: SessionId
  /** Permissions the log holds open; the source resolves those that are gone. */
  permissionIds: readonly string[]
}

/** An adapter sessions come from. Carries plain data only, so that it can run elsewhere. */
export interface SessionSource {
  readonly manifest: SourceManifest
  /** Reports what happens until aborted. Rejecting means "restart me". */
  run(sink: SourceSink, signal: AbortSignal): Promise<void>
  /**
   * Does one command; resolves when the session has taken it, or with `unconfirmed` when it was
   * handed on and nothing was heard in time. Called only with what this source said can be asked of
   * the session. Throws `RelayError` with `source_refused`, `source_unreachable`,
   * `agent_login_needed`, `permission_already_decided` or `suggestion_unknown`.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a source without doubts resolves with nothing.
  perform(command: SourceCommand, signal: AbortSignal): Promise<Unconfirmed | void>
  /**
   * The sessions somebody has before their eyes just now, whosever they are, and whether anybody has
   * the list; told when that changes.
   */
  focus?(sessionIds: ReadonlySet<SessionId>, isListOpen: boolean): void
  /** Where to read on before the first event told of a session; undefined when nothing is there. */
  pastOf?(sessionId: SessionId): string | undefined
  /** Reads, in their order, events from before the first one told; none of it is stored. */
  readPast?(
    range: { sessionId: SessionId; past: string; limit: number },
    signal: AbortSignal,
  ): Promise<{ drafts: readonly EventDraft[]; past?: string }>
  /** How it works just now, in lines for whoever looks into it; never a secret. Asked each time somebody does. */
  details?(): readonly string[]
  mcpServers?(sessionId: SessionId, signal: AbortSignal): Promise<readonly McpServer[]>
  places?(signal: AbortSignal): Promise<readonly Place[]>
  /** Starts a session; the same command again gives the same one. Resolves once it is in the log. */
  startSession?(request: StartRequest, signal: AbortSignal): Promise<SessionId>
}
