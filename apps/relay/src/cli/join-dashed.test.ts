import { expect, test } from 'vitest'
import { joinDashed } from './join-dashed.ts'

const options = { shown: { type: 'string' }, yes: { type: 'boolean' } } as const

test.each([
  [
    ['one', '--shown', '-abc', '--yes'],
    ['one', '--shown=-abc', '--yes'],
  ],
  [
    ['--shown', '--Ab_-9', '-x'],
    ['--shown=--Ab_-9', '-x'],
  ],
  [
    ['--shown', '-no, not now', '--shown', '-'],
    ['--shown=-no, not now', '--shown=-'],
  ],
])('a value that begins with a dash belongs to its option: %j', (typed, joined) => {
  expect(joinDashed(typed, options)).toEqual(joined)
})

test.each([
  [['--shown', '--yes']],
  [['--shown', '--yess']],
  [['--shown', '-h']],
  [['--shown', '--']],
  [['--shown']],
  [['--yes', '-abc']],
  [['--shown=a', '-abc']],
  [['words', '--', '--shown', '-abc']],
])('nothing else is touched: %j', (typed) => {
  expect(joinDashed(typed, options)).toEqual(typed)
})
