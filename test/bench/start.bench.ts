import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startRelayProcess } from '../support/relay-process.ts'
import { until } from '../support/until.ts'
import { median, type Row, row } from './row.ts'

const program = join(import.meta.dirname, '../../dist/bellhop.js')
const STARTS = 9
const SETTLE_MS = 12_000

const answers = (url: string) =>
  fetch(`${url}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  )

/** Milliseconds from starting the program to its first answer, on a folder that was used before. */
const startOnce = async (args: string[], env: Record<string, string>, url: string) => {
  const startedMs = performance.now()
  const child = spawn(process.execPath, [program, 'up', '--json', ...args], {
    env,
    stdio: 'ignore',
  })
  await until(() => answers(url), { everyMs: 2, timeoutMs: 10_000 })
  const tookMs = performance.now() - startedMs
  child.kill('SIGTERM')
  await once(child, 'exit')
  return tookMs
}

const memoryMb = (pid: number) => {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kb) / 1024
}

export const benchStart = async (): Promise<Row[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'bellhop-bench-'))
  const env = { HOME: folder, PATH: '/usr/bin:/bin' }
  const dataDir = ['--data-dir', join(folder, 'data')]
  try {
    const first = await startRelayProcess([...dataDir, '--port', '0'], env)
    const { url } = first
    await sleep(SETTLE_MS)
    const idleMb = memoryMb(first.pid)
    await first[Symbol.asyncDispose]()
    const tookMs: number[] = []
    for (let start = 0; start < STARTS; start++) {
      tookMs.push(await startOnce([...dataDir, '--port', new URL(url).port], env, url))
    }
    return [
      row('warm start to /healthz, median of 9', median(tookMs), 'ms', { atMost: 350 }),
      row('memory of an idle relay', idleMb, 'MB', { atMost: 75 }),
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
