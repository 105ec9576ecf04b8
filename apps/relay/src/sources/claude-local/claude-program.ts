import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { RelayError } from '@bellhop/core'

/** The oldest Claude Code that knows everything Bellhop asks of it. */
export const oldestVersion = '2.1.162'

const defaultTimeoutMs = 20_000
const outputMaxBytes = 8 * 1024 * 1024

/** The person's own `claude`, and where it keeps its things. */
export interface ClaudeProgram {
  readonly path: string
  readonly configDir: string
  readonly env: NodeJS.ProcessEnv
}

export interface ProgramResult {
  exitCode: number
  stdout: string
  stderr: string
}

/** Where Claude Code keeps settings, sessions and transcripts. */
function configDirOf(env: NodeJS.ProcessEnv): string {
  return env.CLAUDE_CONFIG_DIR || join(env.HOME || homedir(), '.claude')
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** Finds `claude` on the PATH or where its installer puts it; undefined when there is none. */
export async function findClaude(
  env: NodeJS.ProcessEnv = process.env,
): Promise<ClaudeProgram | undefined> {
  const home = env.HOME || homedir()
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const candidates = [
    ...folders.map((folder) => join(folder, 'claude')),
    join(home, '.local', 'bin', 'claude'),
    join(home, '.claude', 'local', 'claude'),
  ]
  for (const path of candidates) {
    if (await isExecutable(path)) return { path, configDir: configDirOf(env), env }
  }
  return undefined
}

/** Runs `claude` to its end, whatever it answers. Rejects with `agent_failed` when it cannot run. */
export function runClaude(
  claude: ClaudeProgram,
  args: readonly string[],
  options: { timeoutMs?: number; cwd?: string; signal?: AbortSignal } = {},
): Promise<ProgramResult> {
  const { timeoutMs = defaultTimeoutMs, cwd, signal } = options
  return new Promise((resolve, reject) => {
    const child = execFile(
      claude.path,
      [...args],
      {
        env: claude.env,
        timeout: timeoutMs,
        maxBuffer: outputMaxBytes,
        ...(cwd !== undefined && { cwd }),
        ...(signal && { signal }),
      },
      (error, stdout, stderr) => {
        if (!error) resolve({ exitCode: 0, stdout, stderr })
        else if (typeof error.code === 'number') resolve({ exitCode: error.code, stdout, stderr })
        else reject(new RelayError('agent_failed', { ran: args[0] ?? '' }, error))
      },
    )
    child.stdin?.end()
  })
}

/** Like `runClaude`, and an exit code other than 0 is `agent_failed` with what it said. */
export async function runClaudeOk(
  claude: ClaudeProgram,
  args: readonly string[],
  options: { timeoutMs?: number; cwd?: string; signal?: AbortSignal } = {},
): Promise<string> {
  const { exitCode, stdout, stderr } = await runClaude(claude, args, options)
  if (exitCode === 0) return stdout
  throw new RelayError('agent_failed', {
    ran: args.slice(0, 3).join(' '),
    said: (stderr || stdout).trim().slice(0, 500),
  })
}

/** Negative, zero or positive as version `a` is older than, equal to or newer than `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number))
  for (let index = 0; index < 3; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The version that `claude --version` states, such as `2.1.329`. */
export async function claudeVersion(claude: ClaudeProgram): Promise<string> {
  const stdout = await runClaudeOk(claude, ['--version'])
  const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0]
  if (version) return version
  throw new RelayError('agent_failed', { ran: '--version', said: stdout.trim().slice(0, 100) })
}
