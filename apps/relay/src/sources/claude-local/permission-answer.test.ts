import type { AnswerCommand } from '@bellhop/core'
import { expect, test } from 'vitest'
import { answerOf } from './permission-answer.ts'

test('an answer reaches the hook as its decision about the input and the rules it was asked with', () => {
  const rule = { type: 'setMode', mode: 'acceptEdits', destination: 'session' }
  const hook = {
    hook_event_name: 'PermissionRequest',
    tool_name: 'ExitPlanMode',
    tool_input: { plan: '# a' },
    permission_suggestions: [rule],
  }
  const answer = (fields: object) => answerOf(fields as AnswerCommand, hook)
  expect(answer({ type: 'decide_plan', decision: { behavior: 'approve' } })).toEqual({
    outcome: 'approved',
    output: {
      hookSpecificOutput: {
        hookEventName: 'PermissionRequest',
        decision: {
          behavior: 'allow',
          updatedInput: hook.tool_input,
          updatedPermissions: [{ ...rule, mode: 'default' }],
        },
      },
    },
  })
  const taken = { behavior: 'allow', suggestionIds: ['s0'] }
  expect(answer({ type: 'decide_permission', decision: taken })).toMatchObject({
    output: { hookSpecificOutput: { decision: { updatedPermissions: [rule] } } },
  })
})
