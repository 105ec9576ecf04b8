import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { firstLoad } from '../../scripts/checks/bundle-budget.ts'
import { repo, runProgram } from '../../scripts/repo.ts'
import { median, percentile, type Row, row } from './row.ts'

const STARTS = 7

/** Milliseconds from the typed command to the line that says the relay is ready; then stops it. */
const readyOnce = async (command: string, args: readonly string[], folder: string) => {
  const startedMs = performance.now()
  const child = spawn(
    command,
    [...args, 'up', '--json', '--port', '0', '--data-dir', join(folder, 'data')],
    {
      cwd: repo,
      // A folder without sessions, so that every machine does the same work.
      env: { ...process.env, CLAUDE_CONFIG_DIR: join(folder, 'claude') },
      stdio: ['ignore', 'pipe', 'ignore'],
      // A group of its own, so that what a package manager has started ends with it.
      detached: true,
    },
  )
  const ended = once(child, 'exit')
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('{"event":"ready"')) return performance.now() - startedMs
    }
    throw new TypeError(`${command} ${args.join(' ')} ended before it was ready`)
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    await ended
  }
}

/** Milliseconds a program takes to run to its end. */
const runOnce = async (command: string, args: readonly string[]) => {
  const startedMs = performance.now()
  const { code, output } = await runProgram(command, args)
  if (code !== 0) throw new TypeError(`${command} ${args.join(' ')}: ${output}`)
  return performance.now() - startedMs
}

const npxOf = (...args: string[]) => ['-y', '-p', 'pnpm@12', ...args]

/** What a second `pnpm start` costs, and what a phone has to load first. */
export const benchSecondStart = async (): Promise<Row[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'bellhop-bench-'))
  const rows: Row[] = []
  try {
    // Where npx has put the program, which a person who installed it has on the PATH.
    const { output } = await runProgram('npx', npxOf('-c', 'command -v pnpm'))
    const pnpm = output.trim().split('\n').at(-1) ?? ''
    for (const [name, command, ...args] of [
      ['node scripts/start.ts', process.execPath, 'scripts/start.ts'],
      ['pnpm start', pnpm, '--silent', 'start'],
      ['npx -y pnpm@12 start', 'npx', '-y', 'pnpm@12', '--silent', 'start'],
    ] as const) {
      // The first one makes the data folder and fills the system's caches.
      await readyOnce(command, args, folder)
      const tookMs: number[] = []
      while (tookMs.length < STARTS) tookMs.push(await readyOnce(command, args, folder))
      rows.push(row(`${name} to ready, median`, median(tookMs), 'ms', { atMost: 1_000 }))
      rows.push(row(`${name} to ready, slowest of ${STARTS}`, percentile(tookMs, 1), 'ms'))
    }
    const npxMs: number[] = []
    while (npxMs.length < STARTS) npxMs.push(await runOnce('npx', ['-y', 'pnpm@12', '--version']))
    rows.push(row('of that, npx looking up pnpm and starting it, median', median(npxMs), 'ms'))
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  const bytes = firstLoad().reduce((sum, one) => sum + one.bytes, 0)
  return [
    ...rows,
    row('first load of the app, JS and CSS, gzip', bytes / 1000, 'KB', { atMost: 60 }),
  ]
}
