import type { Decision } from '@bellhop/core'
import { expect, test } from 'vitest'
import { decisionWords, hunksOf, isOpenAtFirst, readsWords, textOf } from './call-words.ts'
import type { ToolRow } from './fold-rows.ts'

const at = new Date(2026, 10, 20, 9, 16).toISOString()
const decision = (fields: Partial<Decision>): Decision =>
  ({
    permissionId: 'per_a',
    outcome: 'allowed',
    by: { kind: 'terminal' },
    at,
    ...fields,
  }) as Decision
const row = (fields: object): ToolRow =>
  ({ kind: 'tool', state: 'ok', ...fields }) as unknown as ToolRow
const edit = (before: string, after: string) => ({
  kind: 'edit',
  path: '/p/a.ts',
  edits: [{ before, after }],
})

test('a decision says who, where and when, and what went with it', () => {
  const by = { kind: 'device', deviceId: 'dev_a', name: 'iPhone' } as Decision['by']
  expect(decisionWords(decision({ by }), 1_840)).toBe('Allowed on iPhone at 9:16. Took 1.8 s.')
  expect(decisionWords(decision({ outcome: 'denied', text: 'Use the copy.' }))).toBe(
    'Denied at the terminal at 9:16. “Use the copy.”',
  )
  const gone = {
    outcome: 'withdrawn',
    text: 'The session has ended.',
    by: { kind: 'source' },
  } as const
  expect(decisionWords(decision(gone))).toBe('No longer asked at 9:16. The session has ended.')
  const elsewhere = { kind: 'source', name: 'another device' } as const
  expect(decisionWords(decision({ by: elsewhere }))).toBe('Allowed on another device at 9:16.')
  expect(decisionWords(decision({ edited: true, by: { kind: 'source' } }))).toBe(
    'Changed and allowed at 9:16.',
  )
})

test('a command is told by its first line', () => {
  expect(textOf({ kind: 'shell', name: 'Bash', command: 'ls\npwd' }, null)).toBe('ls')
})

test('what failed and small edits are open, large edits and quiet successes are folded', () => {
  expect(isOpenAtFirst(row({ state: 'failed', tool: { kind: 'shell', command: 'x' } }))).toBe(true)
  expect(isOpenAtFirst(row({ tool: { kind: 'shell', command: 'x' } }))).toBe(false)
  expect(isOpenAtFirst(row({ tool: edit('a', 'b') }))).toBe(true)
  expect(isOpenAtFirst(row({ tool: edit('a', 'b\n'.repeat(20)) }))).toBe(false)
})

test('what really changed is shown before what was asked for', () => {
  const diff = { hunks: [{ oldStart: 7, newStart: 7, lines: ['-a', '+c'] }] }
  const hunks = hunksOf({ name: 'Edit', ...edit('a', 'b') } as never, diff)
  expect(hunks[0]?.lines.map((line) => line.text)).toEqual(['a', 'c'])
})

test('folded reads are counted', () => {
  const read = row({ tool: { kind: 'read' } })
  const search = row({ tool: { kind: 'search' } })
  expect(readsWords([read, read, read])).toBe('Read 3 files')
  expect(readsWords([read, search, search])).toBe('Read a file, searched 2 times')
})
