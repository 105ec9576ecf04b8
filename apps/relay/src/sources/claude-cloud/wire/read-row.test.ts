import { expect, test } from 'vitest'
import { readEnvironment } from './read-environment.ts'
import { readRow } from './read-row.ts'
import { readSuffix } from './session-id.ts'

const row = {
  id: 'cse_01AbC',
  title: '  \nFix the till\nand the rest',
  status: 'active',
  worker_status: 'running',
  connection_status: 'connected',
  environment_kind: 'bridge',
  environment_id: 'env_1',
  config: {
    cwd: '/home/ada/shop',
    model: 'opus',
    outcomes: [{ git_info: { repo: 'ada/shop', branches: ['fix-till'] } }],
  },
  external_metadata: {
    model: 'claude-opus-5-5',
    permission_mode: 'plan',
    context_usage: { used_tokens: '50', max_tokens: 200 },
    usage: { cost_usd: 1.25 },
    post_turn_summary: { status_category: 'blocked', status_detail: 'Waits for you\nreally' },
    pending_action: { request_id: '', suppressed_request_id: 'r1', tool_name: 'AskUserQuestion' },
  },
  created_at: '2026-11-20T08:00:00.123456Z',
  last_event_at: '2026-11-21T08:00:00.000001+00:00',
  user_message_count: '7',
  unread: true,
}

test('[A-18] [A-20] [A-21] a row is read with everything a list shows', () => {
  expect(readRow(row)).toEqual({
    suffix: '01AbC',
    title: 'Fix the till',
    isArchived: false,
    worker: 'running',
    connection: 'connected',
    kind: 'bridge',
    environmentId: 'env_1',
    cwd: '/home/ada/shop',
    branch: 'fix-till',
    repository: 'ada/shop',
    model: 'claude-opus-5-5',
    permissionMode: 'plan',
    contextUsed: 0.25,
    costUsd: 1.25,
    lastLine: 'Waits for you',
    isUnread: true,
    createdAtMs: Date.parse('2026-11-20T08:00:00.123Z'),
    lastEventAtMs: Date.parse('2026-11-21T08:00:00.000Z'),
    pending: [{ requestId: 'r1', toolName: 'AskUserQuestion' }],
  })
})

test('[A-18] values nobody knows are unknown, and nothing but the id has to be there', () => {
  const bare = {
    suffix: 'X',
    isArchived: false,
    worker: 'unknown',
    connection: 'unknown',
    kind: 'unknown',
    isUnread: false,
    pending: [],
  }
  expect(readRow({ id: 'session_X' })).toEqual(bare)
  expect(
    readRow({
      id: 'cse_X',
      title: 7,
      status: 'dreaming',
      worker_status: 'WORKER_STATUS_UNSPECIFIED',
      connection_status: null,
      environment_kind: 'moon',
      config: 'none',
      external_metadata: [],
      unread: 'perhaps',
      created_at: 'yesterday',
      last_event_at: 12,
      tags: 'x',
    }),
  ).toEqual(bare)
})

test('[A-19] what is an object here is text there', () => {
  const read = (external_metadata: object) => readRow({ id: 'cse_X', external_metadata })
  expect(read({ post_turn_summary: 'All done\nyes' })?.lastLine).toBe('All done')
  expect(read({ post_turn_summary: null, task_summary: 'Reads' })?.lastLine).toBe('Reads')
  expect(read({ pending_action: '{"request_id":"r2","tool_name":"Bash"}' })?.pending).toEqual([
    { requestId: 'r2', toolName: 'Bash' },
  ])
  expect(read({ pending_action: 'Run a command' })?.pending).toEqual([])
  const twice = { request_id: 'r3', tool_use_id: 'toolu_1' }
  expect(read({ pending_action: twice, pending_actions: [twice, 'x', null] })?.pending).toEqual([
    { requestId: 'r3', toolUseId: 'toolu_1' },
  ])
  expect(read({ context_usage: { used_tokens: 9, max_tokens: 0 } })?.contextUsed).toBeUndefined()
})

test('[A-31] NUL is taken out of a title, and every other sign is left to the screen', () => {
  expect(readRow({ id: 'cse_X', title: 'a\u0000b\u202ec\u001b[1m' })?.title).toBe(
    'ab\u202ec\u001b[1m',
  )
})

test('[A-19] a row without an id of a session is none', () => {
  for (const odd of [null, 7, 'cse_X', [], {}, { id: 7 }, { id: 'sesn_1' }, { id: 'cse_../x' }])
    expect(readRow(odd)).toBeUndefined()
})

test('[A-80] the older family tells the same in its own fields', () => {
  expect(
    readRow({
      id: 'session_X',
      session_status: 'requires_action',
      session_context: { cwd: '/w', model: 'm', sources: [{ url: 'https://example.com/a.git' }] },
      updated_at: '2026-11-21T08:00:00Z',
    }),
  ).toMatchObject({
    worker: 'requires_action',
    cwd: '/w',
    model: 'm',
    repository: 'https://example.com/a.git',
    lastEventAtMs: Date.parse('2026-11-21T08:00:00Z'),
  })
})

test('[A-14] both spellings of an id lead to the same session', () => {
  expect(readSuffix('cse_01X')).toBe(readSuffix('session_01X'))
  for (const odd of ['01X', 'cse_', 'cse_a b', 'sesn_1', 7, undefined])
    expect(readSuffix(odd)).toBeUndefined()
})

test('[A-87] a place is read field by field, and one that is offline is not offered', () => {
  const bridge = { machine_name: 'desk', directory: '/w', online: false }
  expect(
    readEnvironment({ environment_id: 'e', kind: 'bridge', state: 'active', bridge_info: bridge }),
  ).toEqual({
    environmentId: 'e',
    kind: 'bridge',
    name: 'desk',
    isActive: false,
    machine: 'desk',
    folder: '/w',
  })
  expect(readEnvironment({ environment_id: 'e', kind: 'byoc', state: 'active' })).toMatchObject({
    kind: 'cloud',
    name: 'e',
    isActive: true,
  })
  expect(readEnvironment({ name: 'nobody' })).toBeUndefined()
})
