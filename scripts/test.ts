// `pnpm test [vitest arguments]` runs everything but the suite with the real `claude`;
// `pnpm test:claude` runs that one. With BELLHOP_RESULTS=<file> the results are written there too.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { claudeBinary } from '../test/support/claude-binary.ts'
import { ensureBuilt } from './build-stamp.ts'
import { ensureChromium } from './chromium.ts'
import { installWithApt, onPath, repo, runProgram, stopWith } from './repo.ts'

const [first, ...rest] = process.argv.slice(2)
const withClaude = first === 'claude'
const passedOn = withClaude || first === undefined ? rest : [first, ...rest]

process.env.BELLHOP_CHROMIUM = await ensureChromium()
if (withClaude) {
  if (onPath('tmux') === undefined && !(await installWithApt('tmux'))) {
    stopWith('These tests type into a terminal through tmux. Install tmux and try again.')
  }
  await claudeBinary()
}
await ensureBuilt()

// The last suite looks at what all of this run let out.
if (passedOn.length === 0) {
  process.env.BELLHOP_LEAKS = join(repo, 'node_modules/.cache/bellhop/leaks.jsonl')
  rmSync(process.env.BELLHOP_LEAKS, { force: true })
}

const results = process.env.BELLHOP_RESULTS
const { code } = await runProgram(
  process.execPath,
  [
    join(repo, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...(withClaude ? ['--project=claude', '--project=leaks'] : ['--project=!claude']),
    ...(results ? ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`] : []),
    ...passedOn,
  ],
  { show: true },
)
process.exitCode = code
