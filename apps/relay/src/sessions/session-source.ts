import type {
  Actor,
  CommandOf,
  CommandType,
  EventDraft,
  SessionId,
  Signal,
  SourceId,
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
export type SourceHealth = { state: 'ok' | 'degraded' | 'down'; text: string }

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
   * Does one command; resolves when the session has taken it. Called only with what the session's
   * capabilities allow. Throws `RelayError` with `source_refused`, `source_unreachable`,
   * `permission_already_decided` or `suggestion_unknown`.
   */
  perform(command: SourceCommand, signal: AbortSignal): Promise<void>
}
