import { expect, test } from 'vitest'
import { suggestionWords } from './suggestion-words.ts'

const rule = (toolName: string, ruleContent?: string, rest: object = {}) => ({
  type: 'addRules',
  rules: [{ toolName, ...(ruleContent !== undefined && { ruleContent }) }],
  behavior: 'allow',
  destination: 'localSettings',
  ...rest,
})

test.each([
  [rule('Bash', 'npm run *'), 'Run any command that starts with `npm run` without asking.'],
  [rule('Bash', 'npm run:*'), 'Run any command that starts with `npm run` without asking.'],
  [rule('Bash', 'exit 3'), 'Run exactly `exit 3` without asking.'],
  [rule('Bash', 'git * main'), 'Run any command like `git * main` without asking.'],
  [rule('Bash', '*'), 'Run any command without asking.'],
  [rule('Bash'), 'Run any command without asking.'],
  [rule('Read', '//etc/**'), 'Read files under `//etc/**` without asking.'],
  [rule('WebFetch', 'domain:example.org'), 'Fetch pages of `example.org` without asking.'],
  [rule('mcp__github__create_issue'), 'Use `create_issue` of github without asking.'],
  [rule('Bash', 'rm *', { behavior: 'deny' }), 'Never run any command that starts with `rm`.'],
  [
    { type: 'addDirectories', directories: ['/a', '/b'] },
    'Work in `/a`, `/b` without asking for each file.',
  ],
  [{ type: 'setMode', mode: 'bypassPermissions' }, 'Never ask again, for anything at all.'],
  [{ type: 'setMode', mode: 'brand-new' }, 'Switch to the permission mode `brand-new`.'],
])('[PE-5] %j is said as: %s', (suggestion, words) => {
  expect(suggestionWords(suggestion).words).toBe(words)
})

test('[PE-5] accepting edits says that files can be removed too', () => {
  expect(suggestionWords({ type: 'setMode', mode: 'acceptEdits' }).words).toContain('rm')
})

test('[I8] a kind not known here is shown as it came', () => {
  expect(suggestionWords({ type: 'surprise', what: 1 }).words).toContain(
    '{"type":"surprise","what":1}',
  )
  expect(suggestionWords(null).words).toContain('null')
})

test('how long a rule lasts is said', () => {
  expect(suggestionWords(rule('Bash')).lasts).toBe('From now on in this project, for you alone')
  expect(suggestionWords({ ...rule('Bash'), destination: 'session' }).lasts).toBe(
    'Until this session ends',
  )
})

test('[I8] a name that every object has is a name like any other', () => {
  const words = suggestionWords({ type: 'setMode', mode: 'constructor', destination: 'toString' })
  expect(words).toEqual({ words: 'Switch to the permission mode `constructor`.' })
  expect(suggestionWords({ type: 'setMode', mode: '__proto__' }).words).toContain('__proto__')
})
