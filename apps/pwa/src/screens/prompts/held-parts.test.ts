import type { AgentAsk, JsonObject, OpenPermission } from '@bellhop/core'
import { expect, test } from 'vitest'
import { heldParts, heldPast } from './held-parts.ts'

const held = (command: JsonObject, about?: string) =>
  ({
    kind: 'agent',
    deviceId: 'dev_agent',
    agentName: 'desktop',
    command: { commandId: 'cmd_1', sessionId: 'ses_1', ...command },
    ...(about !== undefined && { about }),
  }) as unknown as AgentAsk
const shell = (more: object = {}) =>
  ({
    permissionId: 'per_1',
    ask: {
      kind: 'tool',
      tool: { kind: 'shell', name: 'Bash', command: 'ls' },
      input: { command: 'ls', cwd: '/srv', loud: true },
      suggestions: [{ suggestionId: 's0', words: 'Run any `ls`.' }],
      ...more,
    },
  }) as unknown as OpenPermission
const answer = { permissionId: 'per_1', shownHash: 'x' }
const said = (ask: AgentAsk, asked?: OpenPermission) =>
  heldParts(ask, { asked }).parts.map(({ label, text }) => (label ? `${label}: ${text}` : text))

test('a message is shown whole, and a field that is not known is not left out', () => {
  const text = `one\n${'two '.repeat(20_000)}`
  expect(heldParts(held({ type: 'prompt', text })).parts).toEqual([
    { label: 'The message, whole', text, look: 'words' },
  ])
  expect(said(held({ type: 'prompt', text: 'hi', fromSession: 'a1', loud: true }))).toEqual([
    'The message, whole: hi',
    'The session it is sent from: a1',
    'What else it says: {\n  "loud": true\n}',
  ])
})

test('an answer says what it would do, with what was changed, the rules and its words', () => {
  const decision = {
    behavior: 'allow',
    input: { command: 'rm -r /', cwd: '/srv' },
    suggestionIds: ['s0', 's9'],
  }
  expect(said(held({ type: 'decide_permission', ...answer, decision }), shell())).toEqual([
    'Its answer: Allow, changed as below',
    'command, changed: rm -r /',
    'Left out: loud',
    'From now on, too: Run any `ls`.',
    'From now on, too: s9',
  ])
  const no = { behavior: 'deny', reason: 'Not now.', interrupt: true, more: 1 }
  expect(said(held({ type: 'decide_permission', ...answer, decision: no }), shell())).toEqual([
    'Its answer: Deny, and stop the turn',
    'With these words: Not now.',
    'What else it says: {\n  "more": 1\n}',
  ])
})

test('answers to questions stand with their questions, and a plan with what would become of it', () => {
  const answers = [{ question: 'Which?', choices: ['Redis', 'Both'], text: 'or none' }]
  expect(
    said(
      held({ type: 'answer_question', ...answer, answer: { kind: 'answers', answers } }),
      shell(),
    ),
  ).toEqual(['Its answer to “Which?”: Redis\nBoth\nor none'])
  const talk = { kind: 'talk', text: 'Why?' }
  expect(said(held({ type: 'answer_question', ...answer, answer: talk }), shell())).toEqual([
    'Its answer: None of them. Talk first',
    'With these words: Why?',
  ])
  const decision = { behavior: 'approve', plan: '1. Other', mode: 'acceptEdits' }
  const plan = {
    ask: { kind: 'plan', plan: '1. One', modes: [{ mode: 'acceptEdits', words: 'Accept edits' }] },
  } as unknown as OpenPermission
  expect(said(held({ type: 'decide_plan', ...answer, decision }), plan)).toEqual([
    'Its answer: Approve the plan',
    'Then: Accept edits',
    'The plan, changed: 1. Other',
  ])
})

test('an answer to what is no longer asked says so, with what the relay knew of it', () => {
  const ask = held({ type: 'decide_permission', ...answer, decision: { behavior: 'deny' } }, 'ls')
  expect(said(ask)).toEqual([
    'What it answers: ls',
    'Its answer: Deny',
    'That is no longer asked, so nothing would come of it.',
  ])
  expect(heldParts(ask, { isOver: true }).parts).toHaveLength(2)
})

test('[PE-6] a yes to a careful ask is careful itself, a no is not', () => {
  const careful = shell({ careful: true })
  const is = (behavior: string, asked = careful) =>
    heldParts(held({ type: 'decide_permission', ...answer, decision: { behavior } }), { asked })
      .careful
  expect([is('allow'), is('deny'), is('allow', shell())]).toEqual([true, false, false])
})

test('settings, a stop and an end are said in words; a value with the words people know it by', () => {
  const choices = { models: [{ value: 'opus', words: 'Opus 5' }] }
  const [model] = heldParts(held({ type: 'set_model', model: 'opus' }), { choices }).parts
  expect(model).toMatchObject({ label: 'The model', text: 'Opus 5 (opus)' })
  expect(said(held({ type: 'set_model', model: null }))).toEqual([
    'Goes on with the default model.',
  ])
  expect(said(held({ type: 'set_thinking', tokens: 0 }))).toEqual(['It does not think first.'])
  expect(said(held({ type: 'interrupt' }))[0]).toContain('stops what it is doing')
  expect(said(held({ type: 'archive' }))).toEqual(['The session is ended and put away.'])
})

test('[I8] a command of a kind not known here is shown as it came', () => {
  expect(said(held({ type: 'launch', at: 'noon' }))).toEqual([
    'As it came: {\n  "type": "launch",\n  "at": "noon"\n}',
  ])
  expect(heldPast(held({ type: 'launch' }))).toMatch(/^asked something .* know: launch$/)
  expect(heldPast(held({ type: 'prompt', text: 'x' }))).toBe('asked to send a message')
})
