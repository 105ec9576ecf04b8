import { expect, test } from 'vitest'
import { hidesSomething, revealedLines, safeLines } from './safe-lines.ts'

test('[I11] what does not show in a decision stands as its code point, and nothing is left out', () => {
  expect(revealedLines('rm\u202E -r\u0007\n\tx\u{E0041}')).toEqual([
    ...['rm‹U+202E› -r‹U+0007›', '  x‹U+E0041›'],
  ])
  expect(hidesSomething('rm -r\n\tx')).toBe(false)
  expect(hidesSomething('rm\u200B -r')).toBe(true)
})

test('prose of others is safe to print, line by line', () => {
  expect(safeLines('a\u001b[31mb\u001b[0m\r\nc\rd\te')).toEqual(['ab', 'c', 'd  e'])
  expect(safeLines('one two three', 8)).toEqual(['one two', 'three'])
})
