// `pnpm check`: all that can be said about the code without using it. `pnpm check lint types` runs some.
import { globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repo, runProgram, toolOf } from './repo.ts'

type Step = { command: string; args: readonly string[] }
type Check = { name: string; fix: string; steps: () => Step[] }

const tool = (name: string, ...args: string[]): Step => ({ command: toolOf('.', name), args })
const script = (path: string): Step => ({ command: process.execPath, args: [join(repo, path)] })
const suite = (name: string) => tool('vitest', 'run', `--project=${name}`, '--reporter=minimal')

const CHECKS: Check[] = [
  {
    name: 'format',
    fix: 'pnpm fix',
    steps: () => [tool('biome', 'check', '--linter-enabled=false', '.')],
  },
  {
    name: 'lint',
    fix: 'read what stands above; `pnpm fix` does what can be done by itself',
    steps: () => [tool('biome', 'lint', '--error-on-warnings', '.')],
  },
  {
    name: 'types',
    fix: 'read what stands above',
    steps: () =>
      globSync(['{apps,packages}/**/tsconfig*.json', '{test,scripts}/tsconfig.json'], {
        cwd: repo,
        exclude: ['**/node_modules'],
      }).map((config) => tool('tsc', '-p', config)),
  },
  {
    name: 'unused',
    fix: 'delete it, or use it',
    steps: () => [tool('knip', '--no-progress')],
  },
  {
    name: 'boundaries',
    fix: 'move the code to where ARCHITECTURE.md puts it',
    steps: () => [suite('architecture')],
  },
  {
    name: 'protocol',
    fix: '`pnpm fix` writes the tables; a rule needs a test that cites it',
    steps: () => [suite('protocol')],
  },
  {
    name: 'docs',
    fix: 'correct the path in the page',
    steps: () => [script('scripts/checks/doc-paths.ts')],
  },
  {
    name: 'budget',
    fix: 'load less before the first screen',
    steps: () => [script('scripts/checks/bundle-budget.ts')],
  },
]

/** Runs one check and prints a line for it, with what it said if it failed. */
const run = async ({ name, fix, steps }: Check): Promise<boolean> => {
  const startedMs = Date.now()
  const failures: string[] = []
  let said = ''
  for (const { command, args } of steps()) {
    const { code, output } = await runProgram(command, args)
    if (code !== 0) failures.push(output)
    said += output
  }
  const seconds = `${((Date.now() - startedMs) / 1000).toFixed(1)} s`
  if (failures.length > 0) {
    console.log(
      `${failures.join('\n').trimEnd()}\n\n${name.padEnd(12)} failed  ${seconds}  ${fix}\n`,
    )
  } else {
    console.log(`${name.padEnd(12)} ok      ${seconds}`)
    if (name === 'budget') console.log(said.trimEnd())
  }
  return failures.length === 0
}

const chosen = process.argv.slice(2)
const checks = CHECKS.filter(({ name }) => chosen.length === 0 || chosen.includes(name))
const outcomes: boolean[] = []
for (const check of checks) outcomes.push(await run(check))

const passed = outcomes.filter((ok) => ok).length
const results = process.env.BELLHOP_RESULTS
if (results) writeFileSync(results, JSON.stringify({ passed, failed: outcomes.length - passed }))
process.exitCode = passed === outcomes.length && passed > 0 ? 0 : 1
