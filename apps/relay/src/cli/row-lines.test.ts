import type { Cursor, TranscriptRow } from '@bellhop/core'
import { expect, test } from 'vitest'
import { newLines, rowLines } from './row-lines.ts'

const plain = (text: string) => text
const styles = {
  ...{ colored: false, strong: plain, faint: plain, good: plain, bad: plain, waiting: plain },
}
const paper = { styles, columns: 60, nowMs: Date.parse('2026-03-01T10:00:00Z') }
const base = { key: 'k', at: '2026-03-01T09:00:00Z', cursor: 'log1.5' as Cursor }
const call = (fields: object = {}): TranscriptRow =>
  ({
    ...base,
    kind: 'tool',
    toolCallId: 't',
    tool: { kind: 'shell', name: 'Bash', command: 'npm  test\n# all' },
    state: 'running',
    ...fields,
  }) as TranscriptRow

test('a call says what it is, and when it is over what came of it', () => {
  expect(rowLines(call(), paper)).toEqual(['▸ Bash  npm test # all'])
  const failed = call({ state: 'failed', result: { text: 'a\nb\n', durationMs: 1_500 } })
  expect(newLines(call(), failed, paper)).toEqual(['└ failed · 1.5 s · 2 lines', '    a', '    b'])
  expect(newLines(failed, failed, paper)).toEqual([])
})

test('what comes after other rows says again what it is about', () => {
  const asking = call({ state: 'asking' })
  expect(newLines(call(), asking, paper, true)).toEqual(['▸ Bash  npm test # all', '└ needs you'])
})

test('a decision stands under what it decided, with who and why', () => {
  const decision = {
    ...{ permissionId: 'per_1', outcome: 'denied', at: base.at, text: 'Not\nnow.' },
    by: { kind: 'device', deviceId: 'dev_12345678', name: 'Phone' },
  }
  expect(rowLines(call({ state: 'denied', decision }), paper).slice(1)).toEqual([
    ...['└ Denied, on Phone: Not now.', '└ denied'],
  ])
})

test('words are broken at the edge, and none of them talks to the terminal', () => {
  const said: TranscriptRow = { ...base, kind: 'agent', text: `a\u001b[2J${' word'.repeat(20)}` }
  const [, ...lines] = rowLines(said, paper)
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
  expect(lines.join(' ')).not.toContain('\u001b')
})
