import type { ToolAsk } from '@bellhop/core'
import { expect, test } from 'vitest'
import { editableInput, linesThatDiffer } from './editable-input.ts'

const ask = (tool: object, input: object) =>
  ({ kind: 'tool', suggestions: [], tool, input }) as unknown as ToolAsk

test('a command is edited as text and put back into the whole input', () => {
  const edit = editableInput(
    ask({ kind: 'shell', name: 'Bash', command: 'rm x' }, { command: 'rm x', timeout: 5 }),
  )
  expect(edit.text).toBe('rm x')
  expect(edit.apply('ls x')).toEqual({ command: 'ls x', timeout: 5 })
})

test('the new half of an edit is what is changed, not the old', () => {
  const edit = editableInput(
    ask(
      { kind: 'edit', name: 'Edit', path: '/a', edits: [{ before: 'a', after: 'b' }] },
      { file_path: '/a', old_string: 'a', new_string: 'b' },
    ),
  )
  expect(edit.apply('c')).toEqual({ file_path: '/a', old_string: 'a', new_string: 'c' })
})

test('any other input is edited whole, and only an object is an input', () => {
  const edit = editableInput(ask({ kind: 'other', name: 'X', input: { n: 1 } }, { n: 1 }))
  expect(edit.apply('{"n":2}')).toEqual({ n: 2 })
  expect(edit.apply('[1]')).toBeUndefined()
  expect(edit.apply('{')).toBeUndefined()
})

test('lines that differ are counted between what is the same before and after', () => {
  expect(linesThatDiffer('a\nb\nc', 'a\nb\nc')).toBe(0)
  expect(linesThatDiffer('a\nb\nc', 'a\nx\nc')).toBe(1)
  expect(linesThatDiffer('a\nc', 'a\nx\ny\nc')).toBe(2)
})
