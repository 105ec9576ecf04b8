import { expect, test } from 'vitest'
import { lackWords, mayWords } from './may-words.ts'

test('what a device may do is a short list in words', () => {
  expect(mayWords(['watch'])).toBe('watch')
  expect(mayWords(['watch', 'answer'])).toBe('watch and answer')
  expect(mayWords(['watch', 'answer', 'drive'])).toBe('watch, answer and type')
  expect(mayWords(['watch', 'answer', 'drive', 'admin'])).toBe('do everything')
  expect(mayWords([])).toBe('do nothing')
})

test('[HC-2] a device that lacks a scope is told which', () => {
  const may = (scope: string) => scope === 'watch'
  expect(lackWords(['answer', 'drive'], may)).toBe(
    'Whoever decides this must be allowed to answer and type. This phone is not.',
  )
  expect(lackWords(['watch'], may)).toBeUndefined()
})
