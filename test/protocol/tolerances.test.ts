import { expect, test } from 'vitest'
import { TOLERANCES } from '../integration/cloud/tolerances.ts'
import { factsByTolerance, toleranceTests } from './rules.ts'

test('there are 24 tolerances, in their order', () => {
  const expected = Array.from({ length: 24 }, (_, index) => index + 1)
  expect(TOLERANCES.map(({ number }) => number)).toEqual(expected)
})

test('each tolerance names the facts that part A says it comes from', () => {
  const listed = Object.fromEntries(TOLERANCES.map(({ number, facts }) => [number, facts]))
  expect(listed).toEqual(factsByTolerance())
})

test('each tolerance is shown by exactly one test that runs', () => {
  const found = toleranceTests()
  const wrong = TOLERANCES.map(({ number }) => ({
    number,
    places: found.filter((named) => named.number === number).map(({ place }) => place),
  }))
    .filter(({ places }) => places.length !== 1)
    .map(({ number, places }) => `${number}: ${places.join(', ') || 'no test'}`)
  expect(wrong).toEqual([])
})

test('no test names a tolerance that does not exist', () => {
  const known = new Set(TOLERANCES.map(({ number }) => number))
  expect(toleranceTests().filter(({ number }) => !known.has(number))).toEqual([])
})
