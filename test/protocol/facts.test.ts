import { expect, test } from 'vitest'
import { allCitations, type Citation, isTest, upstreamFacts } from './rules.ts'

const readsUpstream = /^apps\/relay\/src\/(?:sources\/claude-cloud|claude-format)\//

const citations = allCitations()
const notCitedIn = (belongs: (citation: Citation) => boolean): string[] => {
  const cited = new Set(citations.filter(belongs).map(({ rule }) => rule))
  return upstreamFacts().filter((fact) => !cited.has(fact))
}

test('every fact of part A is cited by the code that stands on it', () => {
  expect(notCitedIn(({ path }) => readsUpstream.test(path) && !isTest(path))).toEqual([])
})

test('every fact of part A is cited by a test that runs', () => {
  expect(notCitedIn(({ path, isRun }) => isTest(path) && isRun)).toEqual([])
})
