import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDraft, shownHash } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { Fields } from './lines.ts'
import { type AskedCall, askOf, noOutcome, yesOutcome } from './permission-ask.ts'

const hooks = readFileSync(join(import.meta.dirname, 'fixtures', 'hooks.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Fields)
const asks = hooks
  .filter(({ hook_event_name }) => hook_event_name === 'PermissionRequest')
  .map(({ tool_name, tool_input, permission_suggestions }) => ({
    name: tool_name,
    input: tool_input,
    suggestions: permission_suggestions,
  }))

const draftOf = (asked: AskedCall) => ({
  sessionId: 'ses_x',
  at: '2026-01-01T00:00:00.000Z',
  dedupeKey: 'x',
  type: 'permission.requested',
  permissionId: 'per_x',
  ask: askOf(asked),
})

test('[PE-1] what real hooks ask is well formed, in words and with its exact input', async () => {
  expect(asks.length).toBeGreaterThan(0)
  for (const asked of asks) {
    expect(parseDraft(draftOf(asked))).toMatchObject({ ok: true })
    expect(await shownHash(askOf(asked))).toMatch(/^[\w-]{43}$/)
  }
  const shell = asks.find(({ name }) => name === 'Bash') as AskedCall
  expect(askOf(shell)).toMatchObject({
    kind: 'tool',
    tool: { kind: 'shell' },
    input: shell.input,
  })
})

test('[I8] a malformed call still asks, and shows what came', () => {
  const odd: AskedCall[] = [
    { name: undefined, input: undefined },
    { name: 'Bash', input: null },
    { name: 'Bash', input: 'not json' },
    { name: 'Bash', input: { command: 7 } },
    { name: 'AskUserQuestion', input: { questions: [] } },
    { name: 'AskUserQuestion', input: { questions: [3] } },
    { name: 'ExitPlanMode', input: {} },
    { name: 'Write', input: { file_path: '/a', content: 'x'.repeat(500_000) } },
    {
      name: 'Bash',
      input: { command: 'ls' },
      suggestions: [null, { type: 'odd' }],
    },
  ]
  for (const asked of odd) expect(parseDraft(draftOf(asked))).toMatchObject({ ok: true })
  expect(askOf({ name: 'Bash', input: 'not json' })).toMatchObject({
    input: { input: 'not json' },
  })
})

test('a yes and a no come to what is said of each kind of ask', () => {
  expect(['Bash', 'AskUserQuestion', 'ExitPlanMode'].map(yesOutcome)).toEqual([
    'allowed',
    'answered',
    'approved',
  ])
  expect(['Bash', 'AskUserQuestion', 'ExitPlanMode'].map(noOutcome)).toEqual([
    'denied',
    'denied',
    'rejected',
  ])
})

test('[PE-5] [I11] a rule too long to be shown whole is not offered', () => {
  const rules = Array.from({ length: 400 }, (_, at) => ({
    toolName: 'Bash',
    ruleContent: `ls ${at}`,
  }))
  const long = { type: 'addRules', behavior: 'allow', destination: 'userSettings' }
  const suggestions = [
    { ...long, rules: [...rules, { toolName: 'Bash', ruleContent: '*' }] },
    { ...long, rules: rules.slice(0, 1) },
  ]
  expect(askOf({ name: 'Bash', input: { command: 'ls' }, suggestions })).toMatchObject({
    suggestions: [{ suggestionId: 's1', words: 'Run exactly `ls 0` without asking.' }],
  })
})
