import { expect, test } from 'vitest'
import {
  answers,
  asks,
  result,
  says,
  startMs,
  text,
  toldSession,
  words,
} from './fixtures/told-session.ts'

const human = { origin: { kind: 'human' } }

test('a session begins once, with what its row says [A-18] [A-20]', () => {
  const session = toldSession({ isQuiet: true })
  session.row({
    title: 'Shop api\nand more',
    model: 'opus',
    permissionMode: 'plan',
    branch: 'main',
    contextUsed: 0.123,
    lastLine: 'Tests pass',
  })
  session.row()
  session.restart()
  session.row()
  expect(session.of('session.started')).toMatchObject([
    {
      at: new Date(startMs).toISOString(),
      machine: 'Remote Control',
      title: 'Shop api',
      cwd: '/home/ada/shop-api',
      project: 'shop-api',
      branch: 'main',
      model: 'opus',
      permissionMode: 'plan',
      contextUsed: 0.12,
      lastLine: 'Tests pass',
    },
  ])
  const { choices, capabilities } = session.seen()
  expect(capabilities).not.toContain('edit_input')
  expect(capabilities).toEqual(
    expect.arrayContaining(['prompt', 'decide_permission', 'set_thinking', 'list_mcp_servers']),
  )
  expect(JSON.stringify(choices)).not.toContain('bypass')
  expect(session.of('session.changed')).toEqual([])
})

test('without a folder the repository gives the project, and the kind the machine [A-20]', () => {
  const session = toldSession({ isQuiet: true })
  const { cwd: _, ...row } = {
    cwd: '',
    kind: 'cloud',
    repository: 'https://github.com/ada/shop-web.git',
  } as const
  session.take(
    session.reader.readRow({
      suffix: '01Abc',
      isArchived: false,
      worker: 'idle',
      connection: 'connected',
      isUnread: false,
      pending: [],
      ...row,
    }),
  )
  expect(session.seen()).toMatchObject({ project: 'shop-web', machine: 'Cloud' })
})

test('only what changed is told, and a list that lags does not undo what events say [A-22] [A-73]', () => {
  const session = toldSession({ isQuiet: true })
  session.row({ model: 'opus', permissionMode: 'default' })
  session.say({
    type: 'system',
    subtype: 'init',
    cwd: '',
    tools: [],
    mcp_servers: [],
    model: 'sonnet',
    permissionMode: 'plan',
  })
  session.row({ model: 'opus', permissionMode: 'default', title: 'Renamed' })
  session.say({ type: 'system', subtype: 'status', status: null, permissionMode: 'acceptEdits' })
  session.say({
    type: 'system',
    subtype: 'vcs_state_changed',
    branch: 'fix',
    cwd: '/home/ada/shop-api',
    kind: 'checkout',
  })
  const told = session
    .of('session.changed')
    .map(({ sessionId: _s, at: _a, type: _t, dedupeKey: _d, ...facts }) => facts)
  expect(told).toEqual([
    { model: 'sonnet', permissionMode: 'plan' },
    { title: 'Renamed' },
    { permissionMode: 'acceptEdits' },
    { branch: 'fix' },
  ])
  expect(session.seen().cwd).toBe('/home/ada/shop-api')
})

test('a session without a title is called by its first words', () => {
  const session = toldSession({ isQuiet: true })
  const { title: _, ...row } = {
    title: '',
    suffix: '01Abc',
    isArchived: false,
    worker: 'idle',
    connection: 'connected',
    kind: 'bridge',
    isUnread: false,
    pending: [],
  } as const
  session.take(session.reader.readRow(row))
  session.say(words('Fix the login\nplease', human))
  expect(session.seen().title).toBe('Fix the login please')
  session.row({ title: 'Login' })
  expect(session.seen().title).toBe('Login')
})

test('a lost connection is told with its moment and takes all but a message, a name and an end [A-79]', () => {
  const session = toldSession()
  session.later(5_000)
  session.row({ connection: 'disconnected' })
  expect(session.seen().offlineSince).toBe(new Date(session.now()).toISOString())
  expect(session.seen().capabilities).toEqual(['prompt', 'rename', 'archive'])
  const told = session.drafts.length
  session.later(5_000)
  session.row({ connection: 'disconnected' })
  expect(session.drafts).toHaveLength(told)
  session.row()
  expect(session.seen()).not.toHaveProperty('offlineSince')
  expect(session.seen().capabilities).toContain('interrupt')
})

test('an archived session is over whatever else its row says, and can come back [A-22] [A-25]', () => {
  const session = toldSession()
  session.say(words('Go', human))
  session.row({ isArchived: true, connection: 'connected', worker: 'running' })
  session.restart()
  session.row({ isArchived: true })
  expect(session.of('session.ended')).toMatchObject([{ reason: 'stopped' }])
  expect(session.seen()).toMatchObject({ status: 'ended', capabilities: [] })
  session.later(1_000)
  session.row()
  expect(session.seen().status).toBe('idle')
  expect(session.seen().capabilities).toContain('prompt')
  session.later(1_000)
  session.row({ isArchived: true })
  expect(session.of('session.ended')).toHaveLength(2)
})

test('a worker that leaves has exited, unless something follows [A-78]', () => {
  const leave = { type: 'system', subtype: 'worker_shutting_down', reason: 'host_exit' }
  const left = toldSession()
  left.say(leave)
  left.say(result())
  left.row({ isArchived: true })
  expect(left.of('session.ended')).toMatchObject([{ reason: 'exited' }])
  const stayed = toldSession()
  stayed.say(leave)
  stayed.say({ type: 'system', subtype: 'init', cwd: '' })
  stayed.row({ isArchived: true })
  expect(stayed.of('session.ended')).toMatchObject([{ reason: 'stopped' }])
})

test('a compaction is shown while it lasts and noted when it is done [A-92]', () => {
  const session = toldSession()
  session.say({ type: 'system', subtype: 'status', status: 'compacting' })
  session.say({ type: 'system', subtype: 'status', status: null, compact_result: 'success' })
  session.say({
    type: 'system',
    subtype: 'compact_boundary',
    compact_metadata: { trigger: 'manual' },
  })
  session.say(words('This session continues from an earlier one.', { isSynthetic: true }))
  expect(session.signals.map((one) => 'text' in one && one.text)).toEqual([
    'Summing up what was said so far',
    '',
  ])
  expect(session.of('message.note')).toMatchObject([
    { text: 'What was said so far was compacted.' },
  ])
})

test('a fresh conversation in the same session is said [A-74]', () => {
  const session = toldSession()
  session.say(words('/clear', human))
  session.say({ type: 'conversation_reset', trigger: 'clear', new_conversation_id: 'x' })
  expect(session.of('message.note')).toHaveLength(1)
  expect(session.seen().status).toBe('idle')
})

test('what the program says for people is a note, and its bookkeeping is not [A-69]', () => {
  const session = toldSession()
  const system = (subtype: string, fields: object = {}) =>
    session.say({ type: 'system', subtype, ...fields })
  system('local_command_output', { content: '<local-command-stdout>Done</local-command-stdout>' })
  system('informational', { level: 'warning', content: 'Careful' })
  system('informational', { level: 'suggestion', content: 'Try this' })
  system('notification', { text: 'Look', priority: 'high' })
  system('permission_denied', { tool_name: 'Bash', message: 'A rule says no.' })
  system('thinking_tokens', { estimated_tokens: 9 })
  system('background_tasks_changed', { tasks: [] })
  system('api_retry', { attempt: 2, max_retries: 10 })
  const limit = {
    type: 'rate_limit_event',
    rate_limit_info: { status: 'rejected', resetsAt: 1_795_000_000, rateLimitType: 'five_hour' },
  }
  session.say(limit)
  session.say(limit)
  expect(session.of('message.note').map((one) => one.text)).toEqual([
    'Done',
    'Careful',
    'Look',
    'Bash was not allowed, and nobody was asked. A rule says no.',
    'The usage limit is reached until 2026-11-18 11:06 UTC.',
  ])
  expect(session.signals).toMatchObject([
    { type: 'activity', text: 'The API did not answer, trying again (2 of 10)' },
  ])
})

test('what is saved stays small, however long the session [I6]', () => {
  const session = toldSession()
  for (let at = 0; at < 3_000; at++) {
    session.sent(words(`message ${at}`))
    session.say(says([text(`word ${at}`)]))
    session.say(asks(`req-${at}`, `toolu_${at}`))
    session.sent(answers(`req-${at}`, { behavior: 'deny', message: 'no' }))
    session.say(result())
  }
  expect(session.reader.save().length).toBeLessThan(60_000)
})

test('a saved text of any other shape is as good as none', () => {
  for (const saved of [
    '',
    'x',
    '[]',
    '{"prompts":{"open":[{"prompt":{}}]},"seen":7,"notes":{},"facts":"x","calls":[1],"turns":null}',
  ]) {
    const session = toldSession()
    session.restart(saved)
    session.say(words('On', human))
    expect(session.of('message.person')).toHaveLength(1)
  }
})

test('the past tells nothing that was left open there [A-53]', () => {
  const session = toldSession({ isQuiet: true })
  session.later(3_600_000)
  const old = { createdAtMs: startMs }
  session.say(words('Go', human), old)
  session.say(asks('req-1', 'toolu_1'), old)
  session.sent(answers('req-1', { behavior: 'deny', message: 'no' }), old)
  session.say(result(), old)
  session.say(asks('req-2', 'toolu_2'), old)
  expect(session.types().filter((type) => type.startsWith('permission'))).toEqual([
    'permission.requested',
    'permission.resolved',
  ])
})

test('facts that go back and forth within a moment end as they are [EV-3]', () => {
  const session = toldSession()
  for (const model of ['opus', 'haiku', 'opus', 'haiku', 'opus'])
    session.say({ type: 'system', subtype: 'init', model, permissionMode: 'default' })
  expect(session.seen().model).toBe('opus')
  session.restart()
  session.say({ type: 'system', subtype: 'init', model: 'haiku', permissionMode: 'default' })
  expect(session.seen().model).toBe('haiku')
})
