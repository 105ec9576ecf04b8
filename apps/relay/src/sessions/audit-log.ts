import type { Actor, AuditEntry, CommandId, Receipt, SessionId } from '@bellhop/core'

/** Something a principal asked for, at the moment it did. */
export type Act = {
  commandId: CommandId
  /** A command’s type, or `start`. */
  commandType: string
  sessionId: SessionId | null
  by: Actor & { kind: 'device' }
  /** What exactly, in one line; empty when the type says it all. */
  about: string
  at: string
}

export type AuditPage = {
  entries: readonly Omit<AuditEntry, 'sessionTitle'>[]
  hasMore: boolean
}

/** Who did what, when, and what came of it. Entries are added and never changed. [AL-1] [AL-3] */
export interface AuditLog {
  /**
   * Writes an act down. One that is under way or done already, by the same id and device, is not
   * written twice. With a receipt it is settled at once and always written. [AL-4]
   */
  note(act: Act, receipt?: Receipt): Promise<void>
  /** Who asked for a command that was taken, and not refused, as long as the entry is kept. */
  askedBy(commandId: CommandId): Promise<Actor | undefined>
  /** Says what came of the newest act of that id that is open. The first word counts. */
  settle(receipt: Receipt, at: string, sessionId?: SessionId): Promise<void>
  /** Settles all that is open as `unconfirmed`, but for what still waits: nobody will hear of it any more. [AL-5] */
  closeOpen(text: string, at: string, waiting?: readonly CommandId[]): Promise<void>
  /** Entries newest first, those before a number, and of one session when it is named. [AL-6] */
  read(range: { before?: number; sessionId?: SessionId; limit: number }): Promise<AuditPage>
  /** Forgets what is older than a moment, and of each device all but its newest, refused ones first. [AL-7] [I6] */
  prune(range: { before: string; keepPerDevice: number }): Promise<void>
}
