import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { appendFile, chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const connector = join(import.meta.dirname, '../../dist/connector.mjs')

/** By the clock that `performance.timeOrigin + performance.now()` is in a page too. */
export const nowMs = (): number => performance.timeOrigin + performance.now()

/**
 * One session as Claude Code leaves its traces: a registry record of a living process, a transcript,
 * and the real connector on its standard input and output.
 */
export interface PlayedSession extends AsyncDisposable {
  readonly folder: string
  /** What a relay and the connector run with. */
  readonly env: Readonly<Record<string, string>>
  readonly dataDir: string
  /** Starts the connector; call it once the relay is up. */
  connect(): Promise<void>
  /** Fires a hook through the connector; `sentMs` is the moment it was handed over. */
  hook(fields: Fields): { sentMs: number; answered: Promise<HookAnswer> }
  /** Appends lines to the transcript in one burst. */
  write(lines: readonly Fields[]): Promise<void>
  status(status: 'idle' | 'busy' | 'waiting'): Promise<void>
}

export type HookAnswer = { atMs: number; output: Fields }
type Fields = Readonly<Record<string, unknown>>

export const playSession = async (history: readonly Fields[]): Promise<PlayedSession> => {
  const folder = await mkdtemp(join(tmpdir(), 'bh-bench-'))
  const configDir = join(folder, 'claude')
  const cwd = join(folder, 'shop-api')
  const dataDir = join(folder, 'data')
  const sessionId = randomUUID()
  const registry = join(configDir, 'sessions', `${process.pid}.json`)
  const project = join(configDir, 'projects', cwd.replaceAll(/[^A-Za-z0-9]/g, '-'))
  const transcript = join(project, `${sessionId}.jsonl`)
  for (const path of [cwd, project, join(configDir, 'sessions'), join(folder, 'bin')]) {
    await mkdir(path, { recursive: true })
  }
  // All that is asked of the program here is who lives.
  const agents = JSON.stringify([{ pid: process.pid, sessionId }])
  await writeFile(join(folder, 'bin/claude'), `#!/bin/sh\necho '${agents}'\n`)
  await chmod(join(folder, 'bin/claude'), 0o755)
  const env = {
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    HOME: folder,
    CLAUDE_CONFIG_DIR: configDir,
    TMUX_TMPDIR: folder,
  }

  const status: PlayedSession['status'] = (word) => {
    const about = { pid: process.pid, sessionId, cwd, kind: 'interactive', entrypoint: 'cli' }
    const times = { startedAt: Date.now() - 60_000, statusUpdatedAt: Date.now() }
    return writeFile(registry, JSON.stringify({ ...about, ...times, status: word }))
  }
  const write: PlayedSession['write'] = (lines) => {
    const common = { sessionId, cwd, version: '2.1.329', entrypoint: 'cli', gitBranch: 'main' }
    const whole = lines.map((line) => {
      const own = { uuid: randomUUID(), timestamp: new Date().toISOString(), isSidechain: false }
      return `${JSON.stringify({ ...common, ...own, ...line })}\n`
    })
    return appendFile(transcript, whole.join(''))
  }
  await write(history)
  await status('busy')

  let requests = 0
  const waiting = new Map<number, (answer: HookAnswer) => void>()
  const undo = new AsyncDisposableStack()
  undo.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  let send = (_: object): void => {
    throw new TypeError('the connector has not been started')
  }

  return {
    folder,
    env,
    dataDir,
    write,
    status,
    connect: async () => {
      const child = spawn(process.execPath, [connector, dataDir], {
        env: { ...env, CLAUDE_CODE_SESSION_ID: sessionId, CLAUDE_CODE_ENTRYPOINT: 'cli' },
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      undo.defer(async () => {
        const ended = once(child, 'exit')
        child.stdin.end()
        await ended
      })
      const ready = Promise.withResolvers<void>()
      createInterface({ input: child.stdout }).on('line', (line) => {
        const atMs = nowMs()
        const { id, result } = JSON.parse(line)
        if (id === 0) ready.resolve()
        waiting.get(id)?.({ atMs, output: JSON.parse(result.content?.[0]?.text ?? '{}') })
        waiting.delete(id)
      })
      send = (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
      send({ id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25' } })
      await ready.promise
    },
    hook: (fields) => {
      const id = ++requests
      const { promise, resolve } = Promise.withResolvers<HookAnswer>()
      waiting.set(id, resolve)
      const input = { session_id: sessionId, transcript_path: transcript, cwd, ...fields }
      const sentMs = nowMs()
      send({ id, method: 'tools/call', params: { name: 'hook', arguments: input } })
      return { sentMs, answered: promise }
    },
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  }
}
