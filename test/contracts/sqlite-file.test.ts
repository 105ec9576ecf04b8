import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { CommandId, Cursor, DeviceId, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { openDatabase } from '../../apps/relay/src/backends/sqlite/database.ts'
import { MIGRATIONS } from '../../apps/relay/src/backends/sqlite/migrations.ts'
import { createSqliteAudit } from '../../apps/relay/src/backends/sqlite/sqlite-audit.ts'
import { openSqliteBackend } from '../../apps/relay/src/backends/sqlite/sqlite-backend.ts'
import { systemClock } from '../../apps/relay/src/clock.ts'
import type { Act } from '../../apps/relay/src/sessions/audit-log.ts'
import { readQuery } from '../../apps/relay/src/sessions/search-words.ts'
import { said, stamped, started } from '../support/drafts.ts'
import { tempFolder } from '../support/temp-folder.ts'

const open = (path: string) => openSqliteBackend({ path, clock: systemClock })
/** How many steps the database had taken before there was search. */
const SEARCH_STEP = 2
const SES_A = 'ses_a' as SessionId
const deed: Act = {
  commandId: 'cmd_12345678' as CommandId,
  commandType: 'prompt',
  sessionId: SES_A,
  by: { kind: 'device', deviceId: 'dev_12345678' as DeviceId, name: 'Phone' },
  about: 'go on',
  at: '2026-03-01T09:00:00.000Z',
}

/** Changes a database from outside, as another program or a bad disk would. */
const meddle = (path: string, sql: string): void => {
  using db = new DatabaseSync(path)
  db.exec(sql)
}

const refusal = (path: string): Promise<unknown> =>
  open(path).then(
    () => 'opened',
    (error: { code?: unknown }) => error.code ?? error,
  )

test('[I12] the database is readable by its owner alone, and so is the folder made for it', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'deep', 'data', 'bellhop.db')
  await using one = await open(path)
  await one.log.append([started('a')])
  const mode = (name: string) => (statSync(name).mode & 0o777).toString(8)
  expect(mode(path)).toBe('600')
  expect(mode(`${path}-wal`)).toBe('600')
  expect(mode(join(folder.path, 'deep', 'data'))).toBe('700')
})

test('[ST-1] [EV-1] everything is there after it is opened again, and cursors go on', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  let after: Cursor
  {
    await using first = await open(path)
    await first.log.append([started('a', { title: 'Refunds' }), said('a', 'one')])
    after = await first.log.head()
    await first.log.append([said('a', 'two')])
    await first.secrets.setOnce('key', 'value')
  }
  await using again = await open(path)
  expect((await again.log.read({ after, limit: 10 })).events).toMatchObject([{ text: 'two' }])
  expect(await again.sessions.get(SES_A)).toMatchObject({ title: 'Refunds', lastLine: 'two' })
  expect(await again.secrets.get('key')).toBe('value')
  await again.log.append([said('a', 'two'), said('a', 'three')])
  const { events } = await again.log.read({ after, limit: 10 })
  expect(events).toMatchObject([{ text: 'two' }, { text: 'three' }])
})

test('[I1] what an append answered is there after the process died without closing', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  await using one = await open(path)
  const start = await one.log.head()
  await one.log.append([started('a'), said('a', 'one')])
  mkdirSync(join(folder.path, 'after'))
  const copy = join(folder.path, 'after', 'bellhop.db')
  for (const end of ['', '-wal']) cpSync(path + end, copy + end)
  await using other = await open(copy)
  expect((await other.log.read({ after: start, limit: 10 })).events).toHaveLength(2)
  expect(await other.sessions.get(SES_A)).toMatchObject({ lastLine: 'one' })
})

test('[ST-1] after a power cut that took the newest events, no later one stands in a place a reader has been told', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  await using one = await open(path)
  await one.log.append([started('a'), said('a', 'kept')])
  mkdirSync(join(folder.path, 'after'))
  const copy = join(folder.path, 'after', 'bellhop.db')
  for (const end of ['', '-wal']) cpSync(path + end, copy + end)
  const [, lost] = await one.log.append([said('a', 'told'), said('a', 'told too')])
  await using other = await open(copy)
  const [fresh] = await other.log.append([said('a', 'after the cut')])
  const page = await other.log.read({ after: lost?.cursor as Cursor, limit: 10 })
  expect(page.reset).toBe(false)
  expect(page.events.map((event) => event.eventId)).toEqual([fresh?.eventId])
})

test('[ST-1] a place is never given twice, not even when everything was trimmed', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  let head: Cursor
  {
    await using one = await open(path)
    await one.log.append([started('a'), said('a', 'one')])
    head = await one.log.head()
    await one.log.trim({ keepPerSession: 10, beforeMs: Date.now() + 1000 })
  }
  await using again = await open(path)
  expect(await again.log.head()).toBe(head)
  const [event] = await again.log.append([said('a', 'two')])
  const page = await again.log.read({ after: head, limit: 10 })
  expect(page.events.map((each) => each.eventId)).toEqual([event?.eventId])
})

test('[I2] a second relay on the same file is refused', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  await using one = await open(path)
  await one.log.append([started('a')])
  expect(await refusal(path)).toBe('relay_already_running')
})

test('[ER-1] a database of a newer version is refused as database_newer and not touched', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  await (await open(path))[Symbol.asyncDispose]()
  meddle(path, `PRAGMA user_version = ${MIGRATIONS.length + 1}`)
  const before = readFileSync(path)
  expect(await refusal(path)).toBe('database_newer')
  expect(readFileSync(path).equals(before)).toBe(true)
  expect(readdirSync(folder.path)).toEqual(['bellhop.db'])
})

test('[ER-1] a file that is no database is refused as database_broken and not touched', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  writeFileSync(path, 'These are not the tables you are looking for. '.repeat(100))
  const before = readFileSync(path)
  expect(await refusal(path)).toBe('database_broken')
  expect(readFileSync(path).equals(before)).toBe(true)
})

test('[ER-1] a database that lacks a table is database_broken', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  await (await open(path))[Symbol.asyncDispose]()
  meddle(path, 'DROP TABLE commands')
  expect(await refusal(path)).toBe('database_broken')
})

test('[ER-1] a folder that cannot be made or written is data_folder_unusable', async () => {
  using folder = tempFolder()
  writeFileSync(join(folder.path, 'file'), '')
  expect(await refusal(join(folder.path, 'file', 'bellhop.db'))).toBe('data_folder_unusable')
  mkdirSync(join(folder.path, 'bellhop.db'))
  expect(await refusal(join(folder.path, 'bellhop.db'))).toBe('data_folder_unusable')
})

test('[I1] a step of a migration that fails leaves the database as it was', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  const steps = ['CREATE TABLE one (a TEXT) STRICT']
  openDatabase(path, steps)[Symbol.dispose]()
  const failing = [...steps, 'CREATE TABLE two (a TEXT); CREATE TABLE one (a TEXT)']
  expect(() => openDatabase(path, failing)).toThrow()
  using db = new DatabaseSync(path)
  expect(db.prepare('PRAGMA user_version').get()?.user_version).toBe(1)
  expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'two'").get()).toBeUndefined()
})

test('[I8] a row that cannot be read is carried as an unknown event, and never stops later ones', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  let start: Cursor
  {
    await using one = await open(path)
    start = await one.log.head()
    await one.log.append(['one', 'two', 'three', 'four'].map((text) => said('a', text)))
  }
  meddle(path, `UPDATE events SET body = '{"torn' WHERE position = 1`)
  meddle(path, `UPDATE events SET body = json_set(body, '$.type', 'later.kind') WHERE position = 2`)
  meddle(path, `UPDATE events SET body = json_set(body, '$.text', 7) WHERE position = 3`)
  await using again = await open(path)
  const { events } = await again.log.read({ after: start, limit: 10 })
  expect(events).toMatchObject([
    { type: 'unknown', originalType: 'message.agent', raw: { unreadable: '{"torn' } },
    { type: 'unknown', originalType: 'later.kind', raw: { text: 'two' } },
    { type: 'unknown', originalType: 'message.agent', raw: { text: 7 } },
    { type: 'message.agent', text: 'four' },
  ])
})

test('[I4] a session row that cannot be read is folded anew from its events', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  {
    await using one = await open(path)
    await one.log.append([started('a', { title: 'Refunds' }), stamped('a', 'turn.started')])
    await one.log.append([started('b'), said('b', 'fine')])
  }
  meddle(path, `UPDATE sessions SET body = '{"status":"dancing"}' WHERE session_id = 'ses_a'`)
  await using again = await open(path)
  expect(await again.sessions.get(SES_A)).toMatchObject({ title: 'Refunds', status: 'working' })
  expect(await again.sessions.get('ses_b' as SessionId)).toMatchObject({ lastLine: 'fine' })
})

test('[AL-3] the file itself refuses to change what was written down', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  {
    await using one = await open(path)
    await one.audit.note(deed, { commandId: deed.commandId, state: 'done' })
  }
  for (const change of ["audit SET about = 'nothing'", "audit_outcomes SET state = 'refused'"]) {
    expect(() => meddle(path, `UPDATE ${change}`)).toThrow('not changed')
  }
})

test('[AL-2] what is taken is on the disk before it is done; what is refused need not be', async () => {
  using folder = tempFolder()
  using db = openDatabase(join(folder.path, 'bellhop.db'))
  let syncs = 0
  const synced: typeof db.synced = (run) => {
    syncs += 1
    return db.synced(run)
  }
  const { audit } = createSqliteAudit({ ...db, synced })
  const code = 'scope_missing'
  await audit.note(deed, { commandId: deed.commandId, state: 'refused', code })
  expect(syncs).toBe(0)
  await audit.note(deed)
  expect(syncs).toBe(1)
  expect((await audit.read({ limit: 5 })).entries).toMatchObject([
    { outcome: 'pending' },
    { outcome: 'refused', code },
  ])
})

test('[AL-1] commands an older version kept are in the audit log once it is brought up', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  openDatabase(path, MIGRATIONS.slice(0, 1))[Symbol.dispose]()
  const add = (id: string, receipt: string, settledAt: string) =>
    meddle(
      path,
      `INSERT INTO commands (command_id, type, session_id, device_id, device_name, fingerprint, at, receipt, settled_at)
       VALUES ('${id}', 'prompt', 'ses_a', 'dev_12345678', 'Phone', 'f', '${deed.at}', ${receipt}, ${settledAt})`,
    )
  add('cmd_12345678', `'{"commandId":"cmd_12345678","state":"done"}'`, `'${deed.at}'`)
  add('cmd_open5678', 'NULL', 'NULL')
  await using one = await open(path)
  const { entries } = await one.audit.read({ limit: 10 })
  expect(entries).toEqual([
    { ...deed, commandId: 'cmd_open5678', about: '', number: 2, outcome: 'pending' },
    { ...deed, about: '', number: 1, outcome: 'done', settledAt: deed.at },
  ])
})

test('[SE-6] [I4] what a log of before search was stored in holds can be found once it is opened', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  {
    await using one = await open(path)
    await one.log.append([started('a'), said('a', 'Ärger mit oak'), stamped('a', 'turn.started')])
  }
  // What later steps added is not there yet either.
  const later = [
    ...['devices.agent', 'devices.token_hash'],
    ...['commands.agent_depth', 'audit.agent_depth'],
  ].map((column) => `ALTER TABLE ${column.replace('.', ' DROP COLUMN ')};`)
  meddle(path, `DROP TABLE search; ${later.join('')} PRAGMA user_version = ${SEARCH_STEP}`)
  const find = async () => {
    await using again = await open(path)
    const { found } = await again.search.find({ query: readQuery('arger'), limit: 9 })
    return (await again.search.eventsAt(found.map((one) => one.cursor))).length
  }
  expect(await find()).toBe(1)
  expect(await find()).toBe(1)
})

test('[SE-6] [I6] what is trimmed leaves nothing in the index of words', async () => {
  using folder = tempFolder()
  const path = join(folder.path, 'bellhop.db')
  {
    await using one = await open(path)
    await one.log.append([started('a'), said('a', 'oak'), said('a', 'elm'), said('a', 'ash')])
    await one.log.trim({ keepPerSession: 1, beforeMs: 0 })
  }
  using db = new DatabaseSync(path)
  const count = db.prepare('SELECT count(*) AS count FROM search_docsize').get()?.count
  expect(count).toBe(1)
})
