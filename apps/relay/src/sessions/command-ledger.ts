import type { Actor, CommandId, CommandType, Receipt, SessionId } from '@bellhop/core'

/** A command at the moment it is taken. */
export type LedgerEntry = {
  commandId: CommandId
  commandType: CommandType
  sessionId: SessionId
  by: Actor & { kind: 'device' }
  /** Stands for the whole command, so that another one under the same id is noticed. */
  fingerprint: string
  at: string
}

/** Which commands were taken, so that a retry is answered and never done again. [CM-1] [I5] */
export interface CommandLedger {
  /**
   * Takes the command for the first caller and answers `undefined`. A later call with the same
   * device and fingerprint gets the receipt as it stands; any other throws `command_reused`. Taking
   * it and writing it into the audit log, with `about` in one line, are one. [AL-2]
   */
  claim(entry: LedgerEntry, about?: string): Promise<Receipt | undefined>
  /** Says what came of a command, to the audit log too. The first word counts. */
  settle(receipt: Receipt, at: string): Promise<void>
  /** Commands that were taken and never settled, oldest first: what a crash interrupted. [CM-7] */
  pending(): Promise<readonly LedgerEntry[]>
  /** Forgets what was settled before the moment. [I6] */
  prune(before: string): Promise<void>
}
