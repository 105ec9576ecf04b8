import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const repo = resolve(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(repo, path), 'utf8')

/** A place a rule is cited: `[ST-4]`, in a file and on a line; not run in a comment or a test left out. */
export type Citation = { rule: string; path: string; line: number; isRun: boolean }

const ruleDefinition = /^- \*\*([A-Z]{2}-\d+|I\d+)\*\* /gm
const factDefinition = /^- \*\*(A-\d+)\*\* /gm
const toleranceMark = /^- \*\*(A-\d+)\*\* .*; tolerance (\d+)\)\*$/gm
const citation = /\[((?:[A-Z]{1,2}-|I)\d+)\]/g

const matchesOf = (pattern: RegExp, page: string): string[] =>
  [...read(page).matchAll(pattern)].map((match) => match[1] ?? '')

/** The rules a page defines, each as `- **ST-1** …`, in their order. */
export const definedIn = (page: string): string[] => matchesOf(ruleDefinition, page)

/** The facts of part A, each as `- **A-1** …`, in their order. */
export const upstreamFacts = (): string[] => matchesOf(factDefinition, 'PROTOCOL.md')

/** Which facts part A ends with `tolerance 7)*`, by that number. */
export const factsByTolerance = (): Record<string, string[]> => {
  const found: Record<string, string[]> = {}
  for (const [, fact = '', number = ''] of read('PROTOCOL.md').matchAll(toleranceMark)) {
    found[number] = [...(found[number] ?? []), fact]
  }
  return found
}

const sources = () =>
  ['apps', 'packages', 'scripts', 'test']
    .flatMap((folder) =>
      globSync(`${folder}/**/*.{ts,tsx}`, { cwd: repo, exclude: ['**/node_modules'] }),
    )
    .sort()

const comment = /^\s*(?:\/\/|\/?\*)/
const notRun = /\b(?:test|it|describe)\.(?:skip|todo|fails)\b/
const notRunBelow = /\b(?:test|it|describe)\.(?:skip|todo|fails)\b.*\($/

/** The lines of a file, each with whether what stands there is run. */
const linesOf = (path: string) => {
  const lines = read(path).split('\n')
  return lines.map((text, index) => ({
    text,
    line: index + 1,
    isRun: !comment.test(text) && !notRun.test(text) && !notRunBelow.test(lines[index - 1] ?? ''),
  }))
}

const citationsIn = (path: string): Citation[] =>
  linesOf(path).flatMap(({ text, line, isRun }) =>
    [...text.matchAll(citation)].map((match) => ({ rule: match[1] ?? '', path, line, isRun })),
  )

export const allCitations = (): Citation[] => sources().flatMap(citationsIn)

export const isTest = (path: string): boolean =>
  /\.test\.tsx?$/.test(path) || path.startsWith('test/contracts/')

const toleranceTestsIn = (path: string) =>
  linesOf(path)
    .filter(({ isRun }) => isRun)
    .flatMap(({ text, line }) =>
      [...text.matchAll(/\[tolerance (\d+)\]/g)].map((match) => ({
        number: Number(match[1]),
        place: `${path}:${line}`,
      })),
    )

/** The tests that run and say `[tolerance 7]` in their title, each with its place. */
export const toleranceTests = () => sources().filter(isTest).flatMap(toleranceTestsIn)
