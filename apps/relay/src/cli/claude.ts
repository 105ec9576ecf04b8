import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Call, Command } from './command.ts'
import { CommandFailed } from './explain.ts'
import { findProgram, handOver, runProgram } from './programs.ts'
import type { Terminal } from './terminal.ts'

/** A name nobody else has, that says where the session runs. */
const freshName = (folder: string) => {
  const place = basename(folder).replaceAll(/[^\w-]+/g, '-') || 'root'
  return `bellhop-${place.slice(0, 40)}-${randomBytes(3).toString('hex')}`
}

const installTmux =
  process.platform === 'darwin' ? '`brew install tmux`' : '`sudo apt install tmux` or the like'

/** Runs what follows the first two words, and keeps what stood there at its end and its exit code. */
const KEEP_ENDING =
  'folder=$1 tmux=$2; shift 2; "$@"; code=$?; "$tmux" capture-pane -p >"$folder/screen"; echo $code >"$folder/code"'

const socketOf = (name: string, env: Call['env']) =>
  join(env.TMUX_TMPDIR || '/tmp', `tmux-${process.getuid?.() ?? 0}`, name)

/** The agent in tmux, so that what the phone sends arrives as if it had been typed. */
export const claudeCommand: Command = {
  name: 'claude',
  takes: '[args]',
  does: 'Starts `claude` in tmux, so that a phone can type.',
  passesOn: true,
  run: async ({ terminal, agent, words, env }) => {
    const program = await agent.find()
    if (program === undefined) {
      throw new CommandFailed(`No \`${agent.program}\` was found. Install ${agent.title} first.`)
    }
    if (env.TMUX) return handOver(program, words, env)
    const tmux = await findProgram('tmux', env)
    if (tmux === undefined) {
      throw new CommandFailed(
        `tmux is not installed: ${installTmux}. Or run \`${agent.program}\` as it is: the phone can answer it, but not type.`,
      )
    }
    if (!terminal.input.isTTY || !terminal.output.isTTY) {
      throw new CommandFailed('This needs a terminal to show the session in.')
    }
    return runInTmux({ tmux, program, title: agent.program, words }, terminal, env)
  },
}

const runInTmux = async (
  run: { tmux: string; program: string; title: string; words: readonly string[] },
  terminal: Terminal,
  env: Call['env'],
): Promise<number> => {
  const { tmux, program, title, words } = run
  // A tmux server of its own, because a running one would start it in its own environment.
  const name = freshName(process.cwd())
  const ending = await mkdtemp(join(tmpdir(), 'bellhop-claude-'))
  try {
    const start = ['-L', name, 'new-session', '-s', name, '-n', title]
    const kept = ['sh', '-c', KEEP_ENDING, 'sh', ending, tmux, program, ...words]
    const tmuxCode = await handOver(tmux, [...start, ...kept], env)
    const alive = ['-L', name, 'has-session', '-t', name]
    const { exitCode } = await runProgram(tmux, alive, { env, timeoutMs: 2_000 })
    if (exitCode === 0) {
      terminal.line(`The session goes on. Back to it: tmux -L ${name} attach`)
      return tmuxCode
    }
    await rm(socketOf(name, env), { force: true })
    const read = (file: string) => readFile(join(ending, file), 'utf8').catch(() => '')
    // tmux takes its screen away with it, and the reason of an early end would go unread.
    terminal.line((await read('screen')).trimEnd())
    const code = (await read('code')).trim()
    return code === '' ? tmuxCode : Number(code)
  } finally {
    await rm(ending, { recursive: true, force: true })
  }
}
