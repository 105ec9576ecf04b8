import { type CommandId, type Receipt, RelayError } from '@bellhop/core'
import type { AuditLog } from '../../sessions/audit-log.ts'
import type { CommandLedger, LedgerEntry } from '../../sessions/command-ledger.ts'

type Taken = LedgerEntry & { receipt?: Receipt; settledAt?: string }

/** A ledger as long as the process lives. */
export const createMemoryLedger = (audit: Pick<AuditLog, 'note' | 'settle'>): CommandLedger => {
  const taken = new Map<CommandId, Taken>()
  return {
    claim: async (entry, about = '') => {
      const known = taken.get(entry.commandId)
      if (!known) {
        taken.set(entry.commandId, entry)
        const { fingerprint: _, ...act } = entry
        await audit.note({ ...act, about })
        return undefined
      }
      const same =
        known.fingerprint === entry.fingerprint && known.by.deviceId === entry.by.deviceId
      if (!same) throw new RelayError('command_reused', { commandId: entry.commandId })
      return known.receipt ?? { commandId: entry.commandId, state: 'pending' }
    },
    settle: async (receipt, at) => {
      const known = taken.get(receipt.commandId)
      if (!known || known.receipt) return
      taken.set(receipt.commandId, { ...known, receipt, settledAt: at })
      await audit.settle(receipt, at)
    },
    pending: async () =>
      [...taken.values()]
        .filter((entry) => !entry.receipt)
        .map(({ receipt: _, settledAt: __, ...entry }) => entry),
    prune: async (before) => {
      for (const entry of taken.values()) {
        if (entry.settledAt !== undefined && entry.settledAt < before) taken.delete(entry.commandId)
      }
    },
  }
}
