import type { AnswerCommand } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { Fields } from './lines.ts'
import type { AskedCall } from './permission-ask.ts'
import { decisionOf } from './permission-decision.ts'

const shell: AskedCall = {
  name: 'Bash',
  input: { command: 'make' },
  suggestions: [
    {
      type: 'addRules',
      rules: [{ toolName: 'Bash', ruleContent: 'make:*' }],
      behavior: 'allow',
      destination: 'localSettings',
    },
  ],
}
const question: AskedCall = {
  name: 'AskUserQuestion',
  input: { questions: [{ question: 'Which framework?' }, { question: 'Which extras?' }] },
}

const about = {
  commandId: 'cmd_12345678',
  sessionId: 'ses_x',
  permissionId: 'per_x',
  shownHash: 'x',
}
const command = (fields: object) => ({ ...about, ...fields }) as AnswerCommand

test('an allowed permission says no more than that, unless it was changed or a rule goes along', () => {
  const plain = decisionOf(
    command({ type: 'decide_permission', decision: { behavior: 'allow' } }),
    shell,
  )
  expect(plain.decision).toEqual({ behavior: 'allow' })
  const changed = decisionOf(
    command({
      type: 'decide_permission',
      decision: { behavior: 'allow', input: { command: 'ls' }, suggestionIds: ['s0'] },
    }),
    shell,
  )
  const suggestions = shell.suggestions as unknown[]
  expect(changed.decision).toEqual({
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
  expect(() => decisionOf(wish, shell)).toThrow(
    expect.objectContaining({ code: 'suggestion_unknown' }),
  )
})

test('a plan is approved with its input echoed, because without it the terminal keeps asking', () => {
  const plan: AskedCall = { name: 'ExitPlanMode', input: { plan: '# a', planFilePath: '/p' } }
  const plain = decisionOf(
    command({ type: 'decide_plan', decision: { behavior: 'approve' } }),
    plan,
  )
  expect(plain.decision).toEqual({
    behavior: 'allow',
    updatedInput: plan.input,
    updatedPermissions: [{ type: 'setMode', mode: 'default', destination: 'session' }],
  })
  const changed = decisionOf(
    command({
      type: 'decide_plan',
      decision: { behavior: 'approve', plan: '# b', mode: 'acceptEdits' },
    }),
    plan,
  )
  expect(changed.decision).toMatchObject({ updatedInput: { plan: '# b', planFilePath: '/p' } })
  const other = command({
    type: 'decide_plan',
    decision: { behavior: 'approve', mode: 'bypassPermissions' },
  })
  expect(() => decisionOf(other, plan)).toThrow(
    expect.objectContaining({ code: 'suggestion_unknown' }),
  )
})

test('answers go by question, choices and own words together; "let us talk" answers none', () => {
  const answers = [
    { question: 'Which framework?', choices: [], text: 'Solid' },
    { question: 'Which extras?', choices: ['Lint', 'Tests'], text: 'and docs' },
  ]
  const given = decisionOf(
    command({ type: 'answer_question', answer: { kind: 'answers', answers } }),
    question,
  )
  expect(given.decision).toMatchObject({
    behavior: 'allow',
    updatedInput: {
      questions: (question.input as Fields).questions,
      answers: { 'Which framework?': 'Solid', 'Which extras?': 'Lint, Tests, and docs' },
    },
  })
  const talk = decisionOf(
    command({ type: 'answer_question', answer: { kind: 'talk', text: 'why?' } }),
    question,
  )
  expect(talk.decision).toMatchObject({
    behavior: 'deny',
    message: expect.stringContaining('why?'),
  })
})
