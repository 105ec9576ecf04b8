import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { lookThrough, lookThroughFolder } from './leak-watch.ts'
import { until } from './until.ts'

const program = join(import.meta.dirname, '..', '..', 'dist', 'bellhop.js')

type Line = { event: string } & Record<string, unknown>

/** The built relay as a process of its own, started as a person starts it. */
export interface RelayProcess extends AsyncDisposable {
  readonly url: string
  readonly pairUrl: string
  readonly pairCode: string
  readonly pid: number
  /** Milliseconds from spawn to the line that says it is ready. */
  readonly readyMs: number
  /** Waits for a line it prints. */
  line(event: string): Promise<Line>
  /** Answers what it asks on its standard input. */
  answer(word: 'y' | 'n'): void
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>
}

/** Runs one `bellhop` command of the build to its end. */
export const runBellhop = async (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; output: string }> => {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  lookThrough('log', args.join(' '), output)
  return { code: code ?? 1, output }
}

export const startRelayProcess = async (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<RelayProcess> => {
  const startedMs = performance.now()
  const child: ChildProcess = spawn(process.execPath, [program, 'up', '--json', ...args], {
    env: { ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const lines: Line[] = []
  let errors = ''
  child.stderr?.on('data', (chunk) => {
    errors += chunk
  })
  if (!child.stdout) throw new Error('no output to read')
  createInterface({ input: child.stdout }).on('line', (line) =>
    lines.push(JSON.parse(line) as Line),
  )
  const exited = once(child, 'exit')
  const line = (event: string) =>
    until(
      () => {
        const found = lines.find((one) => one.event === event)
        if (!found && child.exitCode !== null) throw new Error(`The relay ended: ${errors}`)
        return found
      },
      {
        timeoutMs: 15_000,
        what: `the relay to say ${event}; it said ${JSON.stringify(lines)} ${errors}`,
      },
    )
  const stop = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await exited
    }
    const [dataDir] = args.slice(args.indexOf('--data-dir') + 1)
    if (args.includes('--data-dir') && dataDir !== undefined) await lookThroughFolder(dataDir)
    lookThrough('log', 'output', `${errors}${JSON.stringify(lines)}`)
  }
  try {
    const ready = await line('ready')
    return {
      url: String(ready.url),
      pairUrl: String(ready.pairUrl),
      pairCode: String(ready.pairCode),
      pid: child.pid ?? 0,
      readyMs: performance.now() - startedMs,
      line,
      answer: (word) => void child.stdin?.write(`${word}\n`),
      kill: () => stop('SIGKILL'),
      [Symbol.asyncDispose]: () => stop('SIGTERM'),
    }
  } catch (error) {
    await stop('SIGKILL')
    throw error
  }
}
