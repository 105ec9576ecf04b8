import type { TranscriptRow } from '@bellhop/core'
import { expect, test } from 'vitest'
import { foldRows, type Item } from './fold-rows.ts'

const AT = '2026-11-20T09:00:00Z'
const row = (key: string, fields: object = {}) =>
  ({
    key,
    at: AT,
    cursor: 'logx.1',
    kind: 'agent',
    text: key,
    ...fields,
  }) as unknown as TranscriptRow
const call = (key: string, kind: string, fields: object = {}) =>
  row(key, {
    kind: 'tool',
    state: 'ok',
    tool: { kind, name: kind, path: key, description: key },
    ...fields,
  })
const shape = (items: Item[]) =>
  items.map((item) =>
    item.kind === 'ledger'
      ? item.entries.map((entry) => `${entry.kind} ${entry.key}`)
      : `${item.kind} ${item.key}`,
  )

test('calls that follow each other share a ledger, words end it', () => {
  expect(
    shape(
      foldRows([row('a'), call('b', 'shell'), call('c', 'edit'), row('d'), call('e', 'shell')]),
    ),
  ).toEqual(['row a', ['call b', 'call c'], 'row d', ['call e']])
})

test('[HC-1] what became of a held command is told once, under its asking', () => {
  const refused = (key: string, code: string) => row(key, { kind: 'refused', code })
  const asked = row('asked', { kind: 'permission', permissionId: 'per_1' })
  const rows = [asked, refused('no', 'agent_not_allowed'), refused('else', 'session_ended')]
  expect(shape(foldRows(rows))).toEqual([['asked asked'], 'row else'])
})

test('words that were taken back are not drawn, and part no calls [A-71]', () => {
  const gone = { ...row('gone'), kind: 'agent', text: '' } as TranscriptRow
  expect(shape(foldRows([call('a', 'shell'), gone, call('b', 'edit')]))).toEqual([
    ['call a', 'call b'],
  ])
})

test('three reads in a row fold into a line, two do not, a failed one stays visible', () => {
  const reads = ['b', 'c', 'd'].map((key) => call(key, 'read'))
  expect(shape(foldRows([call('a', 'shell'), ...reads]))).toEqual([['call a', 'reads reads b']])
  expect(shape(foldRows(reads.slice(0, 2)))).toEqual([['call b', 'call c']])
  expect(shape(foldRows([...reads.slice(0, 2), call('x', 'read', { state: 'failed' })]))).toEqual([
    ['call b', 'call c', 'call x'],
  ])
})

test('what a subagent does stands under the call that started it, also after other words', () => {
  const subagent = { agentId: 'g1', description: 'look' }
  const items = foldRows([
    call('look', 'subagent', { state: 'running' }),
    row('said'),
    call('r1', 'read', { subagent }),
    call('r2', 'read', { subagent }),
  ])
  expect(shape(items)).toEqual([['agent look'], 'row said'])
  const [first] = items
  const entry = first?.kind === 'ledger' ? first.entries[0] : undefined
  expect(entry?.kind === 'agent' && entry.rows.map((one) => one.key)).toEqual(['r1', 'r2'])
})

test('a new day is said once', () => {
  const items = foldRows([
    row('a'),
    row('b', { at: '2026-11-22T09:00:00Z' }),
    row('c', { at: '2026-11-22T10:00:00Z' }),
  ])
  expect(items.map((item) => item.kind)).toEqual(['row', 'day', 'row', 'row'])
})

test('what did not change is the same object, so that nothing is redrawn', () => {
  const rows = [row('a'), call('b', 'shell'), call('c', 'edit')]
  const first = foldRows(rows)
  expect(foldRows(rows, first)[1]).toBe(first[1])
  const second = foldRows([...rows, call('d', 'shell')], first)
  const entries = (items: Item[]) => (items[1]?.kind === 'ledger' ? items[1].entries : [])
  expect(second[0]).toBe(first[0])
  expect(entries(second)[0]).toBe(entries(first)[0])
})
