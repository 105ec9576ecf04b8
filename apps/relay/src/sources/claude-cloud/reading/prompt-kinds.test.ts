import type { SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { Fields } from '../cloud-api.ts'
import {
  answers,
  asks,
  call,
  says,
  toldSession,
  toolResult,
  usualRow,
} from './fixtures/told-session.ts'

const allow = {
  behavior: 'allow',
  updatedInput: { command: 'touch made.txt', description: 'make a file' },
}
const deny = { behavior: 'deny', message: 'User denied permission' }
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

test('rules are not offered where the worker forbids them [A-56]', () => {
  for (const forbids of [
    { suppress_always_allow_rule: true },
    { requires_user_interaction: true },
  ]) {
    const session = toldSession()
    session.say(asks('req-1', 'toolu_1', forbids))
    expect(session.of('permission.requested')[0]?.ask).toMatchObject({ suggestions: [] })
    expect([...session.reader.prompts.values()][0]?.suggestions).toEqual([])
  }
})

test('a yes is not made easy where the worker forbids that [A-56] [PE-6]', () => {
  const careful = (more: Fields) => {
    const session = toldSession()
    session.say(asks('req-1', 'toolu_1', more))
    const ask = session.of('permission.requested')[0]?.ask
    return ask?.kind === 'tool' ? ask.careful : ask?.kind
  }
  expect(careful({ requires_user_interaction: true })).toBe(true)
  expect(careful({ default_to_no: true })).toBe(true)
  expect(careful({ default_to_no: false })).toBeUndefined()
  const plan = { tool_name: 'ExitPlanMode', input: { plan: 'Do it' } }
  expect(careful({ ...plan, requires_user_interaction: true })).toBe('plan')
})

test('malformed suggestions are left out [A-60]', () => {
  const session = toldSession()
  session.say(
    asks('req-1', 'toolu_1', {
      permission_suggestions: ['x', null, { type: 'setMode', mode: 'plan' }],
    }),
  )
  expect([...session.reader.prompts.values()][0]?.suggestions).toEqual([
    { type: 'setMode', mode: 'plan' },
  ])
})

test('questions and plans are asked as such; a plan that was not sent along is fixed [A-62] [A-63]', () => {
  const session = toldSession()
  const questions = [
    {
      question: 'Colour?',
      header: 'Colour',
      options: [
        { label: 'Red', description: '' },
        { label: 'Blue', description: '' },
      ],
      multiSelect: false,
    },
  ]
  session.say(says([call('toolu_q', 'AskUserQuestion', { questions })]))
  session.say(asks('req-q', 'toolu_q', { tool_name: 'AskUserQuestion', input: { questions } }))
  session.sent(
    answers('req-q', {
      behavior: 'allow',
      updatedInput: { questions, answers: { 'Colour?': ['Red', 'Blue'] } },
    }),
  )
  session.say(toolResult('toolu_q', 'answered'))
  session.say(says([call('toolu_p', 'ExitPlanMode', { plan: 'Do it' })]))
  session.say(asks('req-p', 'toolu_p', { tool_name: 'ExitPlanMode', input: {} }))
  session.say(asks('req-p2', 'toolu_p2', { tool_name: 'ExitPlanMode', input: { plan: 'Do more' } }))
  expect(session.of('permission.requested').map(({ ask }) => ask)).toMatchObject([
    { kind: 'question', questions: [{ question: 'Colour?' }] },
    { kind: 'plan', plan: 'Do it', fixed: true },
    { kind: 'plan', plan: 'Do more' },
  ])
  expect(session.of('permission.requested')[2]?.ask).not.toHaveProperty('fixed')
  expect(session.of('permission.resolved')).toMatchObject([
    { outcome: 'answered', text: 'Colour? Red, Blue' },
  ])
  expect(session.of('tool.started')).toEqual([])
})

test('an approved plan stays approved when the worker starts anew over it [A-63]', () => {
  const session = toldSession()
  session.say(asks('req-p', 'toolu_p', { tool_name: 'ExitPlanMode', input: { plan: 'Do it' } }))
  session.sent(answers('req-p', { behavior: 'allow', updatedInput: { plan: 'Do it' } }))
  session.say({ type: 'control_cancel_request', request_id: 'req-p' })
  expect(endings(session)).toEqual(['approved another device'])
})

test('a subagent’s call that only a prompt told of does not run for ever [A-52]', () => {
  const session = toldSession()
  session.say(asks('req-1', 'toolu_hidden'))
  session.sent(answers('req-1', allow))
  session.take(session.reader.readDelivery({ eventId: 'answer-req-1', status: 'received' }))
  session.later(1_000)
  session.take(session.reader.settle())
  session.say({
    type: 'system',
    subtype: 'task_notification',
    task_id: 't',
    status: 'completed',
    summary: 'Looked for bugs',
  })
  expect(session.rows()).toMatchObject([
    { kind: 'tool', state: 'ok', decision: { outcome: 'allowed' } },
    { kind: 'note' },
  ])
})

test('what can only be answered at the machine says so, and other clients’ requests say nothing [A-50] [A-57]', () => {
  const session = toldSession()
  session.say({
    type: 'control_request',
    request_id: 'd',
    request: { subtype: 'request_user_dialog', dialog_kind: 'cost_consent' },
  })
  session.say({
    type: 'control_request',
    request_id: 'e',
    request: { subtype: 'elicitation', message: 'Your key?' },
  })
  session.say({
    type: 'control_request',
    request_id: 'h',
    request: { subtype: 'hook_callback', callback_id: '1' },
  })
  session.sent({
    type: 'control_request',
    request_id: 'i',
    request: { subtype: 'can_use_tool', tool_name: 'Bash', input: {} },
  })
  session.sent({
    type: 'control_request',
    request_id: 'm',
    request: { subtype: 'set_model', model: 'opus' },
  })
  session.say({ type: 'control_request', request_id: 'n', request: { subtype: 'new_kind' } })
  expect(session.of('message.note').map(({ tone }) => tone)).toEqual(['warning', 'warning'])
  expect(session.of('source.note')).toHaveLength(1)
  expect(session.reader.prompts.size).toBe(0)
})

test('joined to another session only prompts are told, there, with this source as the one to ask', () => {
  const session = toldSession()
  const other = 'ses_local-1' as SessionId
  session.say(asks('req-1', 'toolu_1'))
  session.take(session.reader.joinTo({ sessionId: other, tellsPrompts: true }))
  session.restart()
  const from = session.drafts.length
  session.say(says([make()]))
  session.say(asks('req-2', 'toolu_2'))
  session.say(answers('req-2', deny, 'desk'))
  session.row({ title: 'Another title' })
  session.take(session.reader.joinTo(null))
  session.say(answers('req-1', deny, 'desk-2'))
  const told = session.drafts.filter(({ type }) => type.startsWith('permission.'))
  const own = session.reader.sessionId
  expect(
    told.map((one) => [
      one.sessionId === own ? 'own' : 'other',
      one.type.slice(11),
      'permissionId' in one && one.permissionId,
    ]),
  ).toEqual([
    ['own', 'requested', 'per_req-1'],
    ['other', 'requested', 'per_req-1'],
    ['other', 'requested', 'per_req-2'],
    ['other', 'resolved', 'per_req-2'],
    ['other', 'resolved', 'per_req-1'],
    ['own', 'resolved', 'per_req-1'],
  ])
  expect(told[1]).toMatchObject({ sourceId: 'claude-cloud' })
  expect(session.types(from)).not.toContain('tool.started')
})

test('joined where its prompts are asked by another road, none is told, and all are known', () => {
  const session = toldSession({ isQuiet: true })
  session.take(
    session.reader.joinTo({ sessionId: 'ses_local-1' as SessionId, tellsPrompts: false }),
  )
  session.row(usualRow)
  session.say(asks('req-1', 'toolu_1'))
  expect(session.drafts).toEqual([])
  expect(session.reader.prompts.size).toBe(1)
  session.take(session.reader.joinTo(null))
  session.row({ worker: 'requires_action', pending: [{ requestId: 'req-1' }] })
  expect(session.types()).toEqual(['session.started', 'permission.requested'])
})
