import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { renderTables } from '../../scripts/protocol-tables.ts'
import { allCitations, definedIn, isTest, upstreamFacts } from './rules.ts'

const rules = definedIn('PROTOCOL.md')
const invariants = definedIn('ARCHITECTURE.md')
const facts = upstreamFacts()
const citations = allCitations()
const testCitations = citations.filter(({ path, isRun }) => isTest(path) && isRun)

test('every rule and invariant has one definition', () => {
  const all = [...rules, ...invariants]
  expect(rules.length).toBeGreaterThan(0)
  expect(invariants.length).toBeGreaterThan(0)
  expect(all.filter((id, index) => all.indexOf(id) !== index)).toEqual([])
})

test('the facts of part A are numbered from 1 without a gap', () => {
  expect(facts.length).toBeGreaterThan(0)
  expect(facts).toEqual(facts.map((_, index) => `A-${index + 1}`))
})

test('every rule of PROTOCOL.md and every invariant is cited by a test that runs', () => {
  const cited = new Set(testCitations.map(({ rule }) => rule))
  expect([...rules, ...invariants].filter((rule) => !cited.has(rule))).toEqual([])
})

test('nothing cites a rule or a fact that does not exist', () => {
  const known = new Set([...rules, ...invariants, ...facts])
  const unknown = citations
    .filter(({ rule }) => !known.has(rule))
    .map(({ rule, path, line }) => `${rule} in ${path}:${line}`)
  expect(unknown).toEqual([])
})

test('the tables in PROTOCOL.md are what core says; `pnpm fix` writes them', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../PROTOCOL.md'), 'utf8')
  expect(renderTables(page).stale).toEqual([])
})
