// `pnpm bench [part of a name]`: runs test/bench/*.bench.ts, prints a table, writes .cache/bench.json.
import { globSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { meetsGoal, type Row } from '../test/bench/row.ts'
import { ensureBuilt } from './build-stamp.ts'
import { repo } from './repo.ts'

const [wanted = ''] = process.argv.slice(2)
const resultFile = join(repo, '.cache', 'bench.json')

const goalWords = ({ goal, unit }: Row): string =>
  goal === undefined
    ? ''
    : 'atMost' in goal
      ? `≤ ${goal.atMost} ${unit}`
      : `≥ ${goal.atLeast} ${unit}`

const print = (row: Row) => {
  const value = `${row.value} ${row.unit}`
  const verdict = row.goal === undefined ? '' : meetsGoal(row) ? 'ok' : 'missed'
  console.log(
    `${row.what.padEnd(64)}${value.padStart(16)}   ${goalWords(row).padEnd(18)}${verdict}`,
  )
}

await ensureBuilt()
const rows: Row[] = []
let broken = 0
for (const file of globSync('test/bench/*.bench.ts', { cwd: repo }).sort()) {
  if (!file.includes(wanted)) continue
  const benches: Record<string, () => Promise<Row[]>> = await import(
    pathToFileURL(join(repo, file)).href
  )
  for (const bench of Object.values(benches)) {
    try {
      for (const row of await bench()) {
        print(row)
        rows.push(row)
      }
    } catch (error) {
      // What the others found is worth having all the same.
      broken += 1
      console.error(`${file} could not be run:`, error)
    }
  }
}

const machine = {
  node: process.version,
  cpu: cpus()[0]?.model ?? '',
  cores: cpus().length,
  load: loadavg(),
}
mkdirSync(join(repo, '.cache'), { recursive: true })
writeFileSync(resultFile, `${JSON.stringify({ machine, rows }, null, 2)}\n`)
console.log(`\nWritten to .cache/bench.json (${machine.cores} cores, Node ${machine.node}).`)
process.exitCode = rows.length > 0 && broken === 0 ? 0 : 1
