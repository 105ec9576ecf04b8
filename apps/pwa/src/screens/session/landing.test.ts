import type { TranscriptRow } from '@bellhop/core'
import { expect, test } from 'vitest'
import { foldRows } from './fold-rows.ts'
import { itemOf, nearestRow } from './landing.ts'

const row = (key: string, fields: Record<string, unknown>) =>
  ({ key, at: '2026-03-01T09:00:00.000Z', cursor: 'loga.1', ...fields }) as unknown as TranscriptRow
const read = (key: string) =>
  row(key, {
    kind: 'tool',
    toolCallId: key,
    state: 'ok',
    tool: { kind: 'read', name: 'Read', path: key },
  })

test('a row is found in what it was folded into, with what has to be opened to see it', () => {
  const inside = row('by agent', { kind: 'agent', text: 'x', subagent: { agentId: 'one' } })
  const items = foldRows([
    row('words', { kind: 'agent', text: 'x' }),
    read('a'),
    read('b'),
    read('c'),
    inside,
  ])
  expect(itemOf(items, 'words')).toEqual({ index: 0, opens: ['words'] })
  expect(itemOf(items, 'b')).toEqual({ index: 1, opens: ['reads a', 'b'] })
  expect(itemOf(items, 'by agent')).toEqual({
    index: 1,
    opens: ['agent one', 'agent one all', 'by agent'],
  })
  expect(itemOf(items, 'nowhere')).toBeUndefined()
})

test('where the words were said in a joined session, the row nearest in time stands for them', () => {
  const at = (key: string, time: string) => row(key, { kind: 'agent', text: key, at: time })
  const rows = [at('early', '2026-03-01T09:00:00Z'), at('late', '2026-03-01T10:00:00Z')]
  expect(nearestRow(rows, Date.parse('2026-03-01T09:10:00Z'))?.key).toBe('early')
  expect(nearestRow(rows, Date.parse('2026-03-01T12:00:00Z'))?.key).toBe('late')
  expect(nearestRow([], 0)).toBeUndefined()
})
