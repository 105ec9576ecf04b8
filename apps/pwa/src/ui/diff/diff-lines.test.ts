import { expect, test } from 'vitest'
import { countChanges, fromContent, fromTexts, fromUnified } from './diff-lines.ts'

test('a unified hunk keeps the numbers of the file each line stands in', () => {
  const [hunk] = fromUnified([
    { oldStart: 40, newStart: 40, lines: [' a', '-b', '+c', '+d', '\\ No newline at end of file'] },
  ])
  expect(hunk?.lines.map(({ kind, number, text }) => [kind, number, text])).toEqual([
    ['same', 40, 'a'],
    ['del', 41, 'b'],
    ['add', 41, 'c'],
    ['add', 42, 'd'],
  ])
})

test('a changed line marks only the words that differ', () => {
  const [hunk] = fromTexts('return round(total * share)', 'return floor(total * share)', {
    excerpt: true,
  })
  expect(hunk?.lines.map((line) => [line.kind, line.marks, line.number])).toEqual([
    ['del', [[7, 12]], undefined],
    ['add', [[7, 12]], undefined],
  ])
})

test('lines with little in common are not marked', () => {
  const [hunk] = fromTexts('alpha beta gamma', 'one two three', { excerpt: true })
  expect(hunk?.lines.flatMap((line) => line.marks)).toEqual([])
})

test('a new file is all added lines, its last line break not one of them', () => {
  const hunks = fromContent('a\nb\n')
  expect(countChanges(hunks)).toEqual({ added: 2, removed: 0 })
  expect(hunks[0]?.lines.map((line) => line.number)).toEqual([1, 2])
})
