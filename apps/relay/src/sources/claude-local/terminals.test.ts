import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EventDraft, parseDraft, type SourceId } from '@bellhop/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { SourceSink } from '../../sessions/session-source.ts'
import type { Link } from './link.ts'
import { Terminals } from './terminals.ts'

const rawId = '0bf0f1c2-6a3d-4c8e-9a7d-2f1d5a1f0c11'
const sessionId = `ses_${rawId}`
let folder = ''
let log: EventDraft[] = []
let checkpoints = new Map<string, string>()
let stop = async () => {}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bellhop-test-'))
  mkdirSync(join(folder, 'config', 'sessions'), { recursive: true })
  mkdirSync(join(folder, 'data'))
  log = []
  checkpoints = new Map()
  stop = async () => {}
  // Stands in for the program where it is asked who lives.
  const claude = `#!/bin/sh\necho '[{"pid":${process.pid},"sessionId":"${rawId}"}]'\n`
  writeFileSync(join(folder, 'claude'), claude)
  chmodSync(join(folder, 'claude'), 0o755)
})
afterEach(async () => {
  await stop()
  rmSync(folder, { recursive: true })
})

/** The session's own record, as the program writes it. */
function register(more: object = {}) {
  const entry = {
    ...{ pid: process.pid, sessionId: rawId, cwd: '/home/ana/shop', startedAt: 1795189872640 },
    ...{ procStart: '1291103', version: '2.1.329', peerProtocol: 1, peerFeatures: ['notify_idle'] },
    ...{ kind: 'interactive', entrypoint: 'cli', pidDomain: 'linux:0123456789abcdef:pid:[1]' },
    ...{ asksForConvertedSkills: null, messagingSocketPath: join(folder, 'inbox.sock') },
    ...{ name: 'shop-af', nameSource: 'derived', nameSince: 1795189872640 },
    ...{ status: 'idle', updatedAt: 1795189873000, statusUpdatedAt: 1795189873000 },
    ...more,
  }
  const path = join(folder, 'config', 'sessions', `${process.pid}.json`)
  writeFileSync(path, JSON.stringify(entry))
}

const sink = (): SourceSink => ({
  append: async (drafts) => {
    for (const draft of drafts) {
      expect(parseDraft(draft)).toMatchObject({ ok: true })
      if (log.every(({ dedupeKey }) => dedupeKey !== draft.dedupeKey)) log.push(draft)
    }
  },
  signal: () => {},
  health: () => {},
  checkpoint: async (key) => checkpoints.get(key),
  saveCheckpoint: async (key, value) => void checkpoints.set(key, value),
  openSessions: async () => (log.length > 0 ? [{ sessionId, permissionIds: [] } as never] : []),
  otherRuns: () => [],
  onOtherRuns: () => ({ [Symbol.dispose]: () => {} }),
})

async function start() {
  const terminals = new Terminals({
    ...{ sink: sink(), sourceId: 'local' as SourceId, machine: 'desk' },
    ...{ dataDir: join(folder, 'data'), nodePath: process.execPath },
    claude: { path: join(folder, 'claude'), configDir: join(folder, 'config'), env: process.env },
    logger: { debug() {}, info() {}, warn() {}, error() {} } as never,
    hiddenHoldMs: () => 0,
  })
  const over = new AbortController()
  const run = terminals.run(over.signal)
  stop = async () => {
    stop = async () => {}
    over.abort()
    await run
  }
  await terminals.ready
  return terminals
}

/** What was told of who else may know the run, in its order. */
const told = () => log.flatMap((draft) => ('runKey' in draft ? [[draft.type, draft.runKey]] : []))

function write(...lines: object[]) {
  const project = join(folder, 'config', 'projects', '-home-ana-shop')
  mkdirSync(project, { recursive: true })
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  appendFileSync(join(project, `${rawId}.jsonl`), text)
}

/** Leaves words in the transcript and waits until they were read and everything before is kept. */
async function settle() {
  write({ type: 'assistant', uuid: 'u1', message: { id: 'm', model: 'done', content: [] } })
  await vi.waitFor(
    () => expect([...checkpoints.values()].join()).toContain('"model":"done"'),
    5_000,
  )
}

test('[A-15] a session that is bridged from its start says so with its first event', async () => {
  register({ bridgeSessionId: 'session_01AbcDEF2ghi' })
  await start()
  await vi.waitFor(
    () => expect(told()).toEqual([['session.started', 'remote:01AbcDEF2ghi']]),
    5_000,
  )
})

test('[A-15] a session that is not bridged says nothing of it', async () => {
  register()
  await start()
  await settle()
  expect(log[0]).toMatchObject({ type: 'session.started', capabilities: expect.any(Array) })
  expect(told()).toEqual([])
})

test.each([
  ['taken out of', {}],
  ['emptied in', { bridgeSessionId: null }],
])(
  '[A-15] Remote Control is followed on, to another session and off, %s the record',
  async (_, off) => {
    register()
    await start()
    await vi.waitFor(() => expect(log).toHaveLength(1), 5_000)
    register({ bridgeSessionId: 'session_01One' })
    await vi.waitFor(() => expect(told()).toEqual([['session.changed', 'remote:01One']]), 5_000)
    register({ bridgeSessionId: 'cse_01Two' })
    await vi.waitFor(
      () => expect(told().at(-1)).toEqual(['session.changed', 'remote:01Two']),
      5_000,
    )
    register(off)
    await vi.waitFor(() => expect(told().at(-1)).toEqual(['session.changed', null]), 5_000)
    expect(told()).toHaveLength(3)
  },
)

test('[I5] what was told of it is not told again after a restart, and what changes is', async () => {
  register({ bridgeSessionId: 'session_01One' })
  await start()
  await settle()
  await stop()
  await start()
  // Told after anything the second run had to say of it by itself.
  register()
  await vi.waitFor(() => expect(told().at(-1)).toEqual(['session.changed', null]), 5_000)
  expect(told()).toEqual([
    ['session.started', 'remote:01One'],
    ['session.changed', null],
  ])
})

test('[I5] Remote Control that went off while the relay was away is taken back', async () => {
  register({ bridgeSessionId: 'session_01One' })
  await start()
  await settle()
  await stop()
  register()
  await start()
  await vi.waitFor(() => expect(told().at(-1)).toEqual(['session.changed', null]), 5_000)
})

test('[PE-3] what is refused upstream while it is held here is refused for everyone, nobody says where', async () => {
  register({ bridgeSessionId: 'session_01One', status: 'waiting' })
  const terminals = await start()
  const link: Link = {
    ...{ role: 'session', pid: process.pid, sessionId: rawId, hasDialog: true, isClosed: false },
    isGone: () => false,
    answer: async () => false,
  }
  const call = { id: 'toolu_1', name: 'Bash', input: { command: 'make' } }
  write({ type: 'assistant', uuid: 'a', message: { content: [{ type: 'tool_use', ...call }] } })
  const hook = { session_id: rawId, tool_name: call.name, tool_input: call.input }
  terminals.hello(link, [
    { holdId: 'h-1', askedAtMs: Date.now(), toolUseId: 'toolu_1', input: hook },
  ])
  await vi.waitFor(
    () => expect(log.map(({ type }) => type)).toContain('permission.requested'),
    5_000,
  )
  const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'no', is_error: true }
  const permissionDecision = { decision: 'reject', source: 'user_reject' }
  write({ type: 'user', uuid: 'b', permissionDecision, message: { content: [result] } })
  terminals.gone(link, 'h-1', 'cancelled')
  await vi.waitFor(
    () => expect(log.map(({ type }) => type)).toContain('permission.resolved'),
    5_000,
  )
  expect(log.filter(({ type }) => type === 'permission.resolved')).toMatchObject([
    { outcome: 'denied', by: { kind: 'source' } },
  ])
})
