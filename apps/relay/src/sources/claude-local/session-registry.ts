/** Who lives: what Claude Code itself notes about its running sessions. */
import { type FSWatcher, watch } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runKeyOf } from '../../claude-format/run-key.ts'
import { type ClaudeProgram, runClaude } from './claude-program.ts'

/** One running session, as far as this source needs it. */
export interface RegistryEntry {
  pid: number
  sessionId: string
  cwd: string
  kind: 'interactive' | 'background' | 'other'
  entrypoint: string
  startedAtMs: number
  status: 'idle' | 'busy' | 'waiting' | 'unknown'
  statusAtMs: number
  name?: string
  /** The short id that background commands take. */
  jobId?: string
  inboxSocket?: string
  /**
   * What other sources may know this run by, while Remote Control is on. Only here is it told truly:
   * in the environment it outlasts Remote Control, and whatever the session starts inherits it.
   */
  runKey?: string
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)
const number = (value: unknown) => (typeof value === 'number' ? value : 0)
const kinds: Readonly<Record<string, RegistryEntry['kind']>> = {
  interactive: 'interactive',
  bg: 'background',
  background: 'background',
}

/** Reads one registry record of any version; undefined when it does not name a process and session. */
export function parseRegistryEntry(value: unknown): RegistryEntry | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Record<string, unknown>
  const sessionId = text(fields.sessionId)
  if (typeof fields.pid !== 'number' || !sessionId) return undefined
  const status = text(fields.status)
  const jobId = text(fields.jobId) ?? text(fields.id)
  const name = text(fields.name)
  const inboxSocket = text(fields.messagingSocketPath)
  const runKey = runKeyOf(fields.bridgeSessionId)
  return {
    pid: fields.pid,
    sessionId,
    cwd: text(fields.cwd) ?? '',
    kind: kinds[text(fields.kind) ?? ''] ?? 'other',
    entrypoint: text(fields.entrypoint) ?? 'cli',
    startedAtMs: number(fields.startedAt),
    status: status === 'idle' || status === 'busy' || status === 'waiting' ? status : 'unknown',
    statusAtMs: number(fields.statusUpdatedAt),
    ...(name && { name }),
    ...(jobId && { jobId }),
    ...(inboxSocket && { inboxSocket }),
    ...(runKey && { runKey }),
  }
}

/** Whether a process of this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const registryDir = (configDir: string) => join(configDir, 'sessions')

/** The record of one process as it stands this moment; undefined when it has none. */
export async function readRegistryEntry(
  configDir: string,
  pid: number,
): Promise<RegistryEntry | undefined> {
  try {
    const path = join(registryDir(configDir), `${pid}.json`)
    return parseRegistryEntry(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}

/**
 * Every record there is, of the living and of those that died without a word. One that cannot be read,
 * as while it is being written, is what is `known` of its process.
 */
export async function readRegistry(
  configDir: string,
  known: ReadonlyMap<number, RegistryEntry> = new Map(),
): Promise<RegistryEntry[]> {
  const names = await readdir(registryDir(configDir)).catch(() => [])
  // Other files in this folder hold the sessions' own secrets and are none of our business.
  const pids = names.flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? [])
  const entries = await Promise.all(
    pids
      .map(Number)
      .map(async (pid) => (await readRegistryEntry(configDir, pid)) ?? known.get(pid)),
  )
  return entries.filter((entry) => entry !== undefined)
}

/** The sessions that `claude agents --json` says are alive; undefined when it gives no answer. */
export async function askAgents(
  claude: ClaudeProgram,
  signal: AbortSignal,
): Promise<Set<number> | undefined> {
  try {
    const { exitCode, stdout } = await runClaude(claude, ['agents', '--json'], { signal })
    if (exitCode !== 0) return undefined
    const entries = (JSON.parse(stdout) as unknown[]).map(parseRegistryEntry)
    return new Set(entries.flatMap((entry) => entry?.pid ?? []))
  } catch {
    return undefined
  }
}

/** Calls `onChange` after the registry changed; may coalesce. Also works where it does not exist yet. */
export async function watchRegistry(
  configDir: string,
  onChange: () => void,
): Promise<Pick<FSWatcher, 'close'>> {
  const folder = registryDir(configDir)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return watch(folder, { persistent: false }, onChange).on('error', () => {})
}
