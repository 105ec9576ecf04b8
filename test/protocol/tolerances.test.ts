import { expect, test } from 'vitest'
import { TOLERANCES } from '../integration/cloud/tolerances.ts'
import { factsByTolerance } from './rules.ts'

test('there are 24 tolerances, in their order', () => {
  const expected = Array.from({ length: 24 }, (_, index) => index + 1)
  expect(TOLERANCES.map(({ number }) => number)).toEqual(expected)
})

test('each tolerance names the facts that part A says it comes from', () => {
  const listed = Object.fromEntries(TOLERANCES.map(({ number, facts }) => [number, facts]))
  expect(listed).toEqual(factsByTolerance())
})
