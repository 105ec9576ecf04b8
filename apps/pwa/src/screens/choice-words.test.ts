import { expect, test } from 'vitest'
import { offered, valueWords } from './choice-words.ts'

const choices = [
  { value: 'default', words: 'Ask me' },
  { value: 'bypassPermissions', words: 'Bypass' },
]

test('a value is called as it was offered, as it is known, or as it is', () => {
  expect(valueWords('default', choices)).toBe('Ask me')
  expect(valueWords('acceptEdits', choices)).toBe('Accept edits')
  expect(valueWords('somethingNew', undefined)).toBe('somethingNew')
  expect(valueWords('bypassPermissions', undefined)).toBe('Ask nothing')
})

test('asking for nothing any more is never offered, whatever a source lists', () => {
  expect(offered(choices).map((one) => one.value)).toEqual(['default'])
  expect(offered(undefined)).toEqual([])
})
