import type { CommandId, DeviceId, Receipt } from '@bellhop/core'

/** Which commands were taken, so that a retry is answered and never done again. [CM-1] [I5] */
export interface CommandLedger {
  /**
   * Takes the command for the first caller and answers `undefined`. A later call with the same
   * fingerprint gets the receipt as it stands; with another one it throws `command_reused`.
   */
  claim(entry: {
    commandId: CommandId
    deviceId: DeviceId
    fingerprint: string
    at: string
  }): Promise<Receipt | undefined>
  settle(receipt: Receipt): Promise<void>
  /** Commands that were taken and never settled: what a crash interrupted. */
  pending(): Promise<readonly { commandId: CommandId; deviceId: DeviceId }[]>
  /** Forgets what was settled before the moment. [I6] */
  prune(before: string): Promise<void>
}
