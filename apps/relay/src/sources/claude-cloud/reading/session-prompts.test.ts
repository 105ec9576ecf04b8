import type { PermissionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import {
  answers,
  asks,
  call,
  commandId,
  phone,
  result,
  says,
  toldSession,
  toolResult,
  words,
} from './fixtures/told-session.ts'

const allow = {
  behavior: 'allow',
  updatedInput: { command: 'touch made.txt', description: 'make a file' },
}
const deny = { behavior: 'deny', message: 'User denied permission' }
const asking = { worker: 'requires_action' } as const
const hint = (requestId: string) => ({ ...asking, pending: [{ requestId }] })
const make = () =>
  call('toolu_1', 'Bash', { command: 'touch made.txt', description: 'make a file' })

type Told = ReturnType<typeof toldSession>
const endings = (session: Told) =>
  session
    .of('permission.resolved')
    .map(
      ({ outcome, by }) =>
        `${outcome} ${by.kind === 'device' ? by.name : by.kind === 'source' && by.name ? by.name : by.kind}`,
    )

test('a prompt is asked under its request id, before or after its call, and shown on one row [A-51] [A-52]', () => {
  for (const isFirst of [true, false]) {
    const session = toldSession()
    const events = [asks('a5b0017c-6452', 'toolu_1'), says([make()])]
    for (const payload of isFirst ? events : events.toReversed()) session.say(payload)
    expect(session.of('permission.requested')).toMatchObject([
      {
        permissionId: 'per_a5b0017c-6452',
        toolCallId: 'toolu_1',
        ask: { kind: 'tool', suggestions: [{}] },
      },
    ])
    expect(session.rows()).toMatchObject([{ kind: 'tool', state: 'asking' }])
    expect(session.seen().status).toBe('waiting')
    const prompt = session.reader.prompts.get('per_a5b0017c-6452' as never)
    expect(prompt).toMatchObject({
      requestId: 'a5b0017c-6452',
      toolUseId: 'toolu_1',
      input: { command: 'touch made.txt' },
    })
    expect(prompt?.suggestions).toHaveLength(1)
  }
})

test('[I11] prompts whose ids differ only in what a name cannot hold are two', () => {
  const session = toldSession()
  const long = 'x'.repeat(200)
  for (const id of ['req.1', 'req1', 'req:1', `${long}a`, `${long}b`]) {
    session.say(asks(id, 'toolu_1'))
  }
  expect(session.reader.prompts.size).toBe(5)
  expect(new Set(session.of('permission.requested').map((one) => one.permissionId)).size).toBe(5)
})

test('[I11] a prompt that would go by an open one’s name does not take its place', () => {
  const session = toldSession()
  session.say(asks('req.1', 'toolu_1'))
  const [name = ''] = session.reader.prompts.keys()
  session.say(asks(name.slice('per_'.length), 'toolu_2', { input: { command: 'rm -r .' } }))
  expect([...session.reader.prompts.values()]).toMatchObject([{ requestId: 'req.1' }])
})

test('a prompt that comes again is the same prompt, by the record, another event or the worker’s list [A-54]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  session.say(asks('req-1', 'toolu_1'))
  session.restart()
  session.say(asks('req-1', 'toolu_1'))
  session.take(session.reader.readPending([asks('req-1', 'toolu_1'), 'nonsense', {}]))
  expect(session.of('permission.requested')).toHaveLength(1)
})

test('a prompt is over with a cancel, the end of the turn, a fresh conversation or the end of the session [A-53] [A-74]', () => {
  const closings: ((session: Told) => unknown)[] = [
    (session) => session.say({ type: 'control_cancel_request', request_id: 'req-1' }),
    (session) => session.say(result({ terminal_reason: 'aborted_tools' })),
    (session) => session.say({ type: 'conversation_reset', trigger: 'clear' }),
    (session) => session.row({ isArchived: true }),
    (session) => {
      session.row(hint('req-1'))
      session.row({ worker: 'running' })
      session.later(1_500)
      session.take(session.reader.settle())
    },
    (session) => {
      session.row(hint('req-1'))
      session.row(hint('req-2'))
      session.later(1_500)
      session.take(session.reader.settle())
    },
  ]
  for (const close of closings) {
    const session = toldSession()
    session.say(asks('req-1', 'toolu_1'))
    close(session)
    close(session)
    expect(endings(session)).toEqual(['withdrawn source'])
    expect(session.reader.prompts.size).toBe(0)
  }
})

test('a list that is ahead of the record takes nothing back before the record was read [A-21] [A-53]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  session.row(hint('req-1'))
  session.later(200)
  const answeredAtMs = session.now()
  session.row({ worker: 'running', lastEventAtMs: answeredAtMs })
  session.later(30_000)
  session.take(session.reader.settle())
  expect(endings(session)).toEqual([])
  session.say(answers('req-1', allow), { source: 'client', createdAtMs: answeredAtMs })
  session.take(session.reader.settle())
  expect(endings(session)).toEqual(['allowed another device'])
})

test('a list that is silent about a prompt takes nothing back while an answer from here is to be read [A-21] [A-55]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  session.row(hint('req-1'))
  const resolved = { outcome: 'allowed' as const }
  const permissionId = 'per_req-1' as PermissionId
  const answered = { permissionId, resolved }
  session.reader.expect({ uuid: 'u1', commandId: commandId('a'), by: phone, answers: answered })
  session.row({ worker: 'running' })
  session.later(10_000)
  session.take(session.reader.settle())
  expect(endings(session)).toEqual([])
  session.say({ ...answers('req-1', allow), uuid: 'u1' }, { source: 'client' })
  session.later(1_500)
  session.take(session.reader.settle())
  expect(endings(session)).toEqual(['allowed Ada’s phone'])
})

test('a list that has not heard of a prompt yet takes nothing back [A-22]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_1'))
  session.row({ worker: 'running' })
  session.row({ worker: 'unknown' })
  expect(session.reader.prompts.size).toBe(1)
})

test('of a history’s prompts only those the list names as open ring [A-53]', () => {
  const session = toldSession({ isQuiet: true })
  session.later(3_600_000)
  session.row(hint('req-4'))
  const old = { createdAtMs: session.now() - 3_000_000 }
  session.say(words('Go', { origin: { kind: 'human' } }), old)
  session.say(asks('req-1', 'toolu_1'), old)
  session.say(answers('req-1', allow), { ...old, source: 'client' })
  expect(session.of('permission.requested')).toEqual([])
  session.say(toolResult('toolu_1', ''), old)
  session.say(asks('req-2', 'toolu_2'), old)
  session.say(result(), old)
  session.say(asks('req-3', 'toolu_3'), old)
  session.say(asks('req-4', 'toolu_4'), old)
  const asked = session.drafts.filter(({ type }) => type.startsWith('permission.'))
  expect(asked.map((one) => [one.type, 'permissionId' in one && one.permissionId])).toEqual([
    ['permission.requested', 'per_req-1'],
    ['permission.resolved', 'per_req-1'],
    ['permission.requested', 'per_req-2'],
    ['permission.resolved', 'per_req-2'],
    ['permission.requested', 'per_req-4'],
  ])
  expect(session.seen().waits.map(({ permissionId }) => permissionId)).toEqual(['per_req-4'])
  session.row({ worker: 'idle' })
  session.later(60_000)
  session.take(session.reader.settle())
  expect(session.reader.prompts.size).toBe(0)
})

test('a list without names means the newest prompt [A-19]', () => {
  const session = toldSession({ isQuiet: true })
  session.later(3_600_000)
  session.row(asking)
  session.say(asks('req-1', 'toolu_1'), { createdAtMs: session.now() - 3_000_000 })
  session.say(asks('req-2', 'toolu_2'), { createdAtMs: session.now() - 2_000_000 })
  session.row({ ...asking, title: 'Shop' })
  expect(session.of('permission.requested').map((one) => one.permissionId)).toEqual(['per_req-2'])
})

test('a prompt taken for over that the worker still lists is asked anew [A-65]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_sub'))
  session.say(result())
  session.later(6_000)
  session.take(session.reader.readPending([asks('req-1', 'toolu_sub')]))
  expect(session.of('permission.requested').map((one) => one.permissionId)).toEqual([
    'per_req-1',
    'per_req-1-1',
  ])
  expect(session.reader.prompts.get('per_req-1-1' as never)?.requestId).toBe('req-1')
  session.say(answers('req-1', deny, 'desk'))
  session.later(6_000)
  session.take(session.reader.readPending([asks('req-1', 'toolu_sub')]))
  expect(session.reader.prompts.size).toBe(0)
})

test('an answer to initialize tells of prompts the record did not [A-65]', () => {
  const session = toldSession()
  const response = {
    subtype: 'success',
    request_id: 'init-1',
    response: { models: [] },
    pending_permission_requests: [asks('req-9', 'toolu_9')],
  }
  session.say({ type: 'control_response', response })
  expect(session.of('permission.requested')).toHaveLength(1)
  expect(session.observed).toContainEqual({
    kind: 'control',
    requestId: 'init-1',
    isError: false,
    response,
  })
})

test('a worker’s refusal of a request is handed on [A-64]', () => {
  const session = toldSession()
  const response = {
    subtype: 'error',
    request_id: 'c-1',
    error: 'no such mode',
    error_code: 'invalid_mode',
  }
  session.say({ type: 'control_response', response })
  expect(session.observed).toContainEqual({
    kind: 'control',
    requestId: 'c-1',
    isError: true,
    error: 'no such mode',
    response,
  })
})
