import { expect, test } from 'vitest'
import { clipped, inLines, widthOf } from './text-width.ts'

test.each([
  ['four', 4],
  ['\u001b[1mfour\u001b[0m', 4],
  ['端数の丸め', 10],
  ['e\u0301tude', 5],
  ['🚀 go', 5],
  ['👩‍💻', 2],
  ['⚠️', 2],
  ['✓ └ █ …', 7],
  ['한국어', 6],
])('%j takes %i columns', (text, columns) => {
  expect(widthOf(text)).toBe(columns)
})

test('what is too long is cut between letters, never within one', () => {
  expect(clipped('four', 4)).toBe('four')
  expect(clipped('fours', 4)).toBe('fou…')
  expect(clipped('端数の丸め', 6)).toBe('端数…')
  expect(clipped('ab🚀cd', 4)).toBe('ab…')
  expect(clipped('🚀🚀🚀', 4).isWellFormed()).toBe(true)
})

test('parts stand on one line while they fit, and on further ones else', () => {
  expect(inLines(['needs you', '', 'Refunds', 'now'], 40)).toEqual(['needs you  Refunds  now'])
  expect(inLines(['needs you', 'Refunds lose a cent', 'now'], 24)).toEqual([
    'needs you',
    '  Refunds lose a cent',
    '  now',
  ])
})
