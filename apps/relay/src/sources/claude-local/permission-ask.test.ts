import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AnswerCommand, parseDraft, shownHash } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { Fields } from './lines.ts'
import { answerOf } from './permission-answer.ts'
import { askOf } from './permission-ask.ts'

const hooks = readFileSync(join(import.meta.dirname, 'fixtures', 'hooks.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Fields)
const asked = (name: string) =>
  hooks.find(
    (hook) => hook.hook_event_name === 'PermissionRequest' && hook.tool_name === name,
  ) as Fields

const draftOf = (hook: Fields) => ({
  sessionId: 'ses_x',
  at: '2026-01-01T00:00:00.000Z',
  dedupeKey: 'x',
  type: 'permission.requested',
  permissionId: 'per_x',
  ask: askOf(hook),
})

const about = {
  commandId: 'cmd_12345678',
  sessionId: 'ses_x',
  permissionId: 'per_x',
  shownHash: 'x',
}
const command = (fields: object) => ({ ...about, ...fields }) as AnswerCommand
const decisionOf = (answer: { output: Fields }) =>
  (answer.output.hookSpecificOutput as { decision: Fields }).decision

test('[PE-1] what real hooks ask is well formed, in words and with its exact input', async () => {
  for (const hook of hooks.filter(
    ({ hook_event_name }) => hook_event_name === 'PermissionRequest',
  )) {
    expect(parseDraft(draftOf(hook))).toMatchObject({ ok: true })
    expect(await shownHash(askOf(hook))).toMatch(/^[\w-]{43}$/)
  }
  expect(askOf(asked('Bash'))).toMatchObject({
    kind: 'tool',
    tool: { kind: 'shell' },
    input: asked('Bash').tool_input,
  })
})

test('[I8] a malformed hook still asks, and shows what came', () => {
  const odd: Fields[] = [
    {},
    { tool_name: 'Bash' },
    { tool_name: 'Bash', tool_input: 'not json' },
    { tool_name: 'Bash', tool_input: { command: 7 } },
    { tool_name: 'AskUserQuestion', tool_input: { questions: [] } },
    { tool_name: 'AskUserQuestion', tool_input: { questions: [3] } },
    { tool_name: 'ExitPlanMode', tool_input: {} },
    { tool_name: 'Write', tool_input: { file_path: '/a', content: 'x'.repeat(500_000) } },
    {
      tool_name: 'Bash',
      tool_input: { command: 'ls' },
      permission_suggestions: [null, { type: 'odd' }],
    },
  ]
  for (const hook of odd) expect(parseDraft(draftOf(hook))).toMatchObject({ ok: true })
  expect(askOf({ tool_name: 'Bash', tool_input: 'not json' })).toMatchObject({
    input: { input: 'not json' },
  })
})

test('an allowed permission says no more than that, unless it was changed or a rule goes along', () => {
  const plain = answerOf(
    command({ type: 'decide_permission', decision: { behavior: 'allow' } }),
    asked('Bash'),
  )
  expect(decisionOf(plain)).toEqual({ behavior: 'allow' })
  const changed = answerOf(
    command({
      type: 'decide_permission',
      decision: { behavior: 'allow', input: { command: 'ls' }, suggestionIds: ['s0'] },
    }),
    asked('Bash'),
  )
  const suggestions = asked('Bash').permission_suggestions as unknown[]
  expect(decisionOf(changed)).toEqual({
    behavior: 'allow',
    updatedInput: { command: 'ls' },
    updatedPermissions: [suggestions[0]],
  })
  expect(changed).toMatchObject({ outcome: 'allowed', edited: true, rules: [expect.any(String)] })
})

test('[PE-5] a rule that was not offered is refused', () => {
  const wish = command({
    type: 'decide_permission',
    decision: { behavior: 'allow', suggestionIds: ['s99'] },
  })
  expect(() => answerOf(wish, asked('Bash'))).toThrow(
    expect.objectContaining({ code: 'suggestion_unknown' }),
  )
})

test('a plan is approved with its input echoed, because without it the terminal keeps asking', () => {
  const hook = { tool_name: 'ExitPlanMode', tool_input: { plan: '# a', planFilePath: '/p' } }
  const plain = answerOf(command({ type: 'decide_plan', decision: { behavior: 'approve' } }), hook)
  expect(decisionOf(plain)).toEqual({
    behavior: 'allow',
    updatedInput: hook.tool_input,
    updatedPermissions: [{ type: 'setMode', mode: 'default', destination: 'session' }],
  })
  const changed = answerOf(
    command({
      type: 'decide_plan',
      decision: { behavior: 'approve', plan: '# b', mode: 'acceptEdits' },
    }),
    hook,
  )
  expect(decisionOf(changed)).toMatchObject({ updatedInput: { plan: '# b', planFilePath: '/p' } })
  const other = command({
    type: 'decide_plan',
    decision: { behavior: 'approve', mode: 'bypassPermissions' },
  })
  expect(() => answerOf(other, hook)).toThrow(
    expect.objectContaining({ code: 'suggestion_unknown' }),
  )
})

test('answers go by question, choices and own words together; "let us talk" answers none', () => {
  const hook = asked('AskUserQuestion')
  const answers = [
    { question: 'Which framework?', choices: [], text: 'Solid' },
    { question: 'Which extras?', choices: ['Lint', 'Tests'], text: 'and docs' },
  ]
  const given = answerOf(
    command({ type: 'answer_question', answer: { kind: 'answers', answers } }),
    hook,
  )
  expect(decisionOf(given)).toMatchObject({
    behavior: 'allow',
    updatedInput: {
      questions: (hook.tool_input as Fields).questions,
      answers: { 'Which framework?': 'Solid', 'Which extras?': 'Lint, Tests, and docs' },
    },
  })
  const talk = answerOf(
    command({ type: 'answer_question', answer: { kind: 'talk', text: 'why?' } }),
    hook,
  )
  expect(decisionOf(talk)).toMatchObject({
    behavior: 'deny',
    message: expect.stringContaining('why?'),
  })
})
