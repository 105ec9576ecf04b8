import { expect, test } from 'vitest'
import { askOf } from './permission-ask.ts'

const ask = (name: string, input: object) => askOf({ name, input })

test.each([
  ['Bash', { command: 'make', dangerouslyDisableSandbox: true }],
  ['Bash', { command: 'make', __proto__x: 1 }],
  ['Edit', { file_path: '/a', old_string: 'a', new_string: 'rm', edits: [] }],
  ['MultiEdit', { file_path: '/a', edits: [], old_string: 'a', new_string: 'rm' }],
  [
    'MultiEdit',
    {
      file_path: '/a',
      edits: Array.from({ length: 501 }, () => ({ old_string: 'a', new_string: 'b' })),
    },
  ],
  ['Write', { file_path: '/a', content: 'x', mode: '0777' }],
  ['WebFetch', { url: 'https://a.example', prompt: 'x', method: 'POST' }],
  ['Agent', { description: 'x', prompt: 'y', mode: 'bypassPermissions' }],
  ['Bash', JSON.parse('{"command":"make","__proto__":{"sandbox":false}}')],
])('[I11] a call with more in it than its screen shows is shown whole: %s %j', (name, input) => {
  expect(ask(name, input)).toMatchObject({
    kind: 'tool',
    tool: { kind: 'other', name },
    input: expect.objectContaining({}),
  })
  expect(JSON.stringify(ask(name, input))).toContain(JSON.stringify(input))
})

test.each([
  ['Bash', { command: 'make', timeout: 5, dangerouslyDisableSandbox: false }, 'shell'],
  ['Edit', { file_path: '/a', old_string: 'a', new_string: 'b', replace_all: true }, 'edit'],
  ['Write', { file_path: '/a', content: 'x' }, 'write'],
  ['Task', { description: 'x', prompt: 'y', subagent_type: 'z' }, 'subagent'],
])('a call that says no more than its screen has that screen: %s %j', (name, input, kind) => {
  expect(ask(name, input)).toMatchObject({ tool: { kind } })
})

test('[EV-6] a plan that is cut says so', () => {
  const shown = ask('ExitPlanMode', { plan: 'x'.repeat(250_000) })
  expect(shown.kind === 'plan' && shown.plan).toMatch(/more characters are not shown\]$/)
})
