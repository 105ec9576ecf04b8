import type { CommandId, DeviceId, Receipt, SessionId } from '@bellhop/core'
import type { Act, AuditLog, AuditPage } from '../../sessions/audit-log.ts'
import type { Database } from './database.ts'

/** What others write into the audit log within a transaction of their own. */
export type AuditWriter = {
  note(act: Act): void
  settle(receipt: Receipt, at: string): void
}

type Row = {
  number: number
  at: string
  command_id: string
  command_type: string
  session_id: string | null
  device_id: string
  device_name: string
  agent_depth: number | null
  about: string
  settled_at: string | null
  state: Receipt['state'] | null
  code: string | null
  text: string | null
}

/** The audit log in a database; the database itself refuses to change an entry. [AL-3] */
export const createSqliteAudit = (db: Database): { audit: AuditLog; write: AuditWriter } => {
  const add = db.prepare(
    `INSERT INTO audit
     (at, command_id, command_type, session_id, device_id, device_name, agent_depth, about)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const known = db.prepare(
    `SELECT 1 FROM audit LEFT JOIN audit_outcomes AS outcome USING (number)
     WHERE command_id = ? AND device_id = ? AND command_type = ?
       AND coalesce(state, '') <> 'refused'`,
  )
  const asker = db.prepare(
    `SELECT device_id, device_name, agent_depth
     FROM audit LEFT JOIN audit_outcomes AS outcome USING (number)
     WHERE command_id = ? AND coalesce(state, '') <> 'refused' ORDER BY number LIMIT 1`,
  )
  const open = db.prepare(
    `SELECT max(number) AS number FROM audit
     WHERE command_id = ? AND number NOT IN (SELECT number FROM audit_outcomes)`,
  )
  const end = db.prepare(
    `INSERT INTO audit_outcomes (number, at, state, code, text, session_id)
     VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const endAll = db.prepare(
    `INSERT INTO audit_outcomes (number, at, state, text)
     SELECT number, ?, 'unconfirmed', ? FROM audit
     WHERE number NOT IN (SELECT number FROM audit_outcomes)
       AND command_id NOT IN (SELECT value FROM json_each(?))`,
  )
  const page = db.prepare(
    `SELECT audit.number, audit.at, command_id, command_type, device_id, device_name, agent_depth,
       about, coalesce(outcome.session_id, audit.session_id) AS session_id,
       outcome.at AS settled_at, state, code, text
     FROM audit LEFT JOIN audit_outcomes AS outcome USING (number)
     WHERE audit.number < :before
       AND (:session IS NULL OR audit.session_id = :session OR outcome.session_id = :session)
     ORDER BY audit.number DESC LIMIT :limit`,
  )
  const pruneOld = db.prepare('DELETE FROM audit WHERE at < ?')
  const pruneMany = db.prepare(
    `DELETE FROM audit WHERE number IN (SELECT number FROM (
       SELECT number, row_number() OVER (
         PARTITION BY device_id ORDER BY state IS 'refused', number DESC
       ) AS place
       FROM audit LEFT JOIN audit_outcomes USING (number)
     ) WHERE place > ?)`,
  )

  const insert = ({ at, commandId, commandType, sessionId, by, about }: Act): number => {
    const { deviceId, name, agent } = by
    const who = [deviceId, name, agent?.depth ?? null]
    return Number(add.run(at, commandId, commandType, sessionId, ...who, about).lastInsertRowid)
  }
  const settleNumber = (
    number: number,
    { state, code, text }: Receipt,
    at: string,
    sessionId?: SessionId,
  ) => void end.run(number, at, state, code ?? null, text ?? null, sessionId ?? null)
  const settleOpen = (receipt: Receipt, at: string, sessionId?: SessionId): void => {
    const number = open.get(receipt.commandId)?.number
    if (typeof number === 'number') settleNumber(number, receipt, at, sessionId)
  }

  const audit: AuditLog = {
    note: async (act, receipt) => {
      const write = () =>
        db.transaction(() => {
          if (receipt) settleNumber(insert(act), receipt, act.at)
          else if (!known.get(act.commandId, act.by.deviceId, act.commandType)) insert(act)
        })
      // Nothing is done of what is refused: whoever is refused much need not hold up the disk.
      if (receipt?.state === 'refused') write()
      else db.synced(write)
    },
    askedBy: async (commandId) => {
      const row = asker.get(commandId)
      return row && actorOfRow(row as Row)
    },
    settle: async (receipt, at, sessionId) =>
      db.synced(() => db.transaction(() => settleOpen(receipt, at, sessionId))),
    closeOpen: async (text, at, waiting = []) =>
      db.synced(() => void endAll.run(at, text, JSON.stringify(waiting))),
    read: async ({ before = Number.MAX_SAFE_INTEGER, sessionId = null, limit }) => {
      const rows = page.all({ before, session: sessionId, limit: limit + 1 }) as Row[]
      return { entries: rows.slice(0, limit).map(entryOf), hasMore: rows.length > limit }
    },
    prune: async ({ before, keepPerDevice }) =>
      db.transaction(() => {
        pruneOld.run(before)
        pruneMany.run(keepPerDevice)
      }),
  }
  return { audit, write: { note: insert, settle: settleOpen } }
}

/** Who asked, as rows of the audit log and of the ledger say it. */
export const actorOfRow = (
  row: Pick<Row, 'device_id' | 'device_name' | 'agent_depth'>,
): Act['by'] => ({
  kind: 'device',
  deviceId: row.device_id as DeviceId,
  name: row.device_name,
  ...(row.agent_depth !== null && { agent: { depth: row.agent_depth } }),
})

const entryOf = (row: Row): AuditPage['entries'][number] => ({
  number: row.number,
  at: row.at,
  commandId: row.command_id as CommandId,
  commandType: row.command_type,
  sessionId: row.session_id as SessionId | null,
  by: actorOfRow(row),
  about: row.about,
  outcome: row.state ?? 'pending',
  ...(row.code !== null && { code: row.code }),
  ...(row.text !== null && { text: row.text }),
  ...(row.settled_at !== null && { settledAt: row.settled_at }),
})
