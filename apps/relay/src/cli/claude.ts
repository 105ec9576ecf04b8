import { randomBytes } from 'node:crypto'
import { basename } from 'node:path'
import type { Command } from './command.ts'
import { CommandFailed } from './explain.ts'
import { findProgram, handOver, runProgram } from './programs.ts'

/** A name nobody else has, that says where the session runs. */
const freshName = (folder: string) => {
  const place = basename(folder).replaceAll(/[^\w-]+/g, '-') || 'root'
  return `bellhop-${place.slice(0, 40)}-${randomBytes(3).toString('hex')}`
}

const installTmux =
  process.platform === 'darwin' ? '`brew install tmux`' : '`sudo apt install tmux` or the like'

/** The agent in tmux, so that what the phone sends arrives as if it had been typed. */
export const claudeCommand: Command = {
  name: 'claude',
  takes: '[args]',
  does: 'Starts `claude` inside tmux, so that the phone can type into it.',
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
    // A tmux server of its own, because a running one would start it in its own environment.
    const name = freshName(process.cwd())
    const code = await handOver(
      tmux,
      ['-L', name, 'new-session', '-s', name, program, ...words],
      env,
    )
    const alive = ['-L', name, 'has-session', '-t', name]
    const { exitCode } = await runProgram(tmux, alive, { env, timeoutMs: 2_000 })
    if (exitCode === 0) terminal.line(`The session goes on. Back to it: tmux -L ${name} attach`)
    return code
  },
}
