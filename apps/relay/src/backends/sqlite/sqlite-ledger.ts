import {
  type CommandId,
  type CommandType,
  check,
  type Receipt,
  RelayError,
  receiptSchema,
  type SessionId,
} from '@bellhop/core'
import type { CommandLedger, LedgerEntry } from '../../sessions/command-ledger.ts'
import type { Database } from './database.ts'
import { type AuditWriter, actorOfRow } from './sqlite-audit.ts'

type Row = {
  command_id: string
  type: string
  session_id: string
  device_id: string
  device_name: string
  agent_depth: number | null
  fingerprint: string
  at: string
  receipt: string | null
}

/** The ledger in a database. */
export const createSqliteLedger = (db: Database, audit: AuditWriter): CommandLedger => {
  const add = db.prepare(
    `INSERT OR IGNORE INTO commands
     (command_id, type, session_id, device_id, device_name, agent_depth, fingerprint, at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const get = db.prepare('SELECT * FROM commands WHERE command_id = ?')
  const settle = db.prepare(
    'UPDATE commands SET receipt = ?, settled_at = ? WHERE command_id = ? AND receipt IS NULL',
  )
  const open = db.prepare('SELECT * FROM commands WHERE receipt IS NULL ORDER BY taken')
  const prune = db.prepare('DELETE FROM commands WHERE settled_at < ?')

  return {
    claim: async (entry, about = '') => {
      const { commandId, commandType, sessionId, by, fingerprint, at } = entry
      const { deviceId, name, agent } = by
      const who = [deviceId, name, agent?.depth ?? null]
      const isFirst = db.synced(() =>
        db.transaction(() => {
          const { changes } = add.run(commandId, commandType, sessionId, ...who, fingerprint, at)
          if (changes > 0) audit.note({ commandId, commandType, sessionId, by, at, about })
          return changes > 0
        }),
      )
      if (isFirst) return undefined
      const row = get.get(commandId) as Row
      if (row.fingerprint !== fingerprint || row.device_id !== deviceId) {
        throw new RelayError('command_reused', { commandId })
      }
      return receiptOf(row)
    },
    settle: async (receipt, at) =>
      db.synced(() =>
        db.transaction(() => {
          const { changes } = settle.run(JSON.stringify(receipt), at, receipt.commandId)
          if (changes > 0) audit.settle(receipt, at)
        }),
      ),
    pending: async () => (open.all() as Row[]).map(entryOf),
    prune: async (before) => void prune.run(before),
  }
}

const receiptOf = (row: Row): Receipt => {
  const read = check(receiptSchema, JSON.parse(row.receipt ?? 'null'))
  return read.ok ? read.value : { commandId: row.command_id as CommandId, state: 'pending' }
}

const entryOf = (row: Row): LedgerEntry => ({
  commandId: row.command_id as CommandId,
  commandType: row.type as CommandType,
  sessionId: row.session_id as SessionId,
  by: actorOfRow(row),
  fingerprint: row.fingerprint,
  at: row.at,
})
