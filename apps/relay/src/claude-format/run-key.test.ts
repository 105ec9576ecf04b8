import { expect, test } from 'vitest'
import { runKeyOf } from './run-key.ts'

test('[A-14] both spellings of an id name the same run', () => {
  expect(runKeyOf('session_01AbcDEF2ghi')).toBe('remote:01AbcDEF2ghi')
  expect(runKeyOf('cse_01AbcDEF2ghi')).toBe('remote:01AbcDEF2ghi')
})

test.each([
  undefined,
  null,
  '',
  7,
  'session_',
  'env_01AbcDEF2ghi',
  '01AbcDEF2ghi',
  'session_a b',
  'session_a\n',
  `cse_${'x'.repeat(201)}`,
])('%j names none', (id) => {
  expect(runKeyOf(id)).toBeUndefined()
})
