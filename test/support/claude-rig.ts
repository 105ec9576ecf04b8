import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { claudeBinary } from './claude-binary.ts'
import { type FakeMessagesApi, startFakeMessagesApi } from './fake-messages-api.ts'
import { openTmuxTerminal, type TmuxTerminal } from './tmux-terminal.ts'

export interface ClaudeRunResult {
  code: number
  stdout: string
  stderr: string
}

export interface OpenClaudeOptions {
  args?: readonly string[]
  /** Whether the session knows that it runs in tmux (and can be typed into from outside). */
  insideTmux?: boolean
  cwd?: string
  env?: Readonly<Record<string, string>>
}

/** The real `claude` in a home of its own, talking to a scripted model, with no network. */
export interface ClaudeRig extends AsyncDisposable {
  readonly api: FakeMessagesApi
  readonly binary: string
  /** Everything below is thrown away at the end. */
  readonly folder: string
  readonly home: string
  readonly configDir: string
  readonly project: string
  readonly env: Readonly<Record<string, string>>
  /** Runs `claude` with the arguments to its end. */
  run(args: readonly string[], options?: { timeoutMs?: number }): Promise<ClaudeRunResult>
  /** Starts `claude` in a terminal and resolves once it takes a prompt. */
  open(options?: OpenClaudeOptions): Promise<TmuxTerminal>
}

export interface ClaudeRigOptions {
  settings?: Record<string, unknown>
}

// Never a real one: the stand-in API takes any key, and the binary wants the look of one.
const apiKey = `sk-ant-test-${'0'.repeat(24)}`
const goneMs = 5_000
const readyForPrompt = /\? for shortcuts|shift\+tab to cycle|manual mode/i

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
}

async function layOutHome(folder: string, binary: string, settings: Record<string, unknown>) {
  const home = join(folder, 'home')
  const project = join(folder, 'project')
  const configDir = join(home, '.claude')
  const binDir = join(home, '.local', 'bin')
  await mkdir(configDir, { recursive: true })
  await mkdir(binDir, { recursive: true })
  await mkdir(project)
  await mkdir(join(folder, 'tmp'))
  await symlink(binary, join(binDir, 'claude'))
  // What a person answers once, answered: onboarding, the key, the folder's trust.
  await writeJson(join(home, '.claude.json'), {
    hasCompletedOnboarding: true,
    hasSeenAutoDefaultNudge: true,
    installMethod: 'native',
    customApiKeyResponses: { approved: [apiKey.slice(-20)], rejected: [] },
    projects: { [project]: { hasTrustDialogAccepted: true } },
  })
  await writeJson(join(configDir, 'settings.json'), settings)
  return { home, project, configDir, binDir }
}

/** The processes of the sessions that run in this home. */
async function sessionPids(configDir: string): Promise<number[]> {
  const names = await readdir(join(configDir, 'sessions')).catch(() => [])
  return names.flatMap((name) => Number(/^(\d+)\.json$/.exec(name)?.[1] ?? 0) || [])
}

async function untilGone(pids: readonly number[]): Promise<void> {
  const isAlive = (pid: number) => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  const deadlineMs = Date.now() + goneMs
  while (pids.some(isAlive) && Date.now() < deadlineMs) await sleep(20)
}

/** Prepares everything but starts no session yet. */
export async function startClaudeRig(options: ClaudeRigOptions = {}): Promise<ClaudeRig> {
  const binary = await claudeBinary()
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'bh-rig-')))
  await chmod(folder, 0o700)
  const api = await startFakeMessagesApi()
  const settings = {
    permissions: { defaultMode: 'default' },
    // Background sessions run under a supervisor that takes this from here only.
    env: { ANTHROPIC_BASE_URL: api.url },
    ...options.settings,
  }
  const { home, project, configDir, binDir } = await layOutHome(folder, binary, settings)
  const env: Record<string, string> = {
    PATH: `${binDir}:/usr/local/bin:/usr/bin:/bin`,
    HOME: home,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    SHELL: '/bin/bash',
    CLAUDE_CODE_TMPDIR: join(folder, 'tmp'),
    ANTHROPIC_BASE_URL: api.url,
    ANTHROPIC_API_KEY: apiKey,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
  }
  const terminals: TmuxTerminal[] = []

  const run: ClaudeRig['run'] = (args, { timeoutMs = 30_000 } = {}) =>
    new Promise((resolve, reject) => {
      const child = execFile(
        binary,
        [...args],
        { cwd: project, env, timeout: timeoutMs },
        (error, stdout, stderr) => {
          if (error && typeof error.code !== 'number') reject(error)
          else resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
        },
      )
      child.stdin?.end()
    })

  const open: ClaudeRig['open'] = async (opening = {}) => {
    const variables = Object.entries({ ...env, ...opening.env }).map(([k, v]) => `${k}=${v}`)
    const inTmux = opening.insideTmux ? ['"TMUX=$TMUX"', '"TMUX_PANE=$TMUX_PANE"'] : []
    const terminal = await openTmuxTerminal({
      socketPath: join(folder, `t${terminals.length}`),
      cwd: opening.cwd ?? project,
      command: [
        'sh',
        '-c',
        `exec env -i ${inTmux.join(' ')} "$@"`,
        'sh',
        ...variables,
        binary,
        ...(opening.args ?? []),
      ],
    })
    terminals.push(terminal)
    await terminal.waitFor(readyForPrompt, { timeoutMs: 30_000 })
    return terminal
  }

  return {
    api,
    binary,
    folder,
    home,
    configDir,
    project,
    env,
    run,
    open,
    [Symbol.asyncDispose]: async () => {
      const pids = await sessionPids(configDir)
      for (const terminal of terminals) await terminal[Symbol.asyncDispose]()
      await run(['daemon', 'stop', '--any'], { timeoutMs: 10_000 }).catch(() => {})
      // A session writes its last lines while it ends, into folders it makes anew.
      await untilGone(pids)
      await api[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    },
  }
}
