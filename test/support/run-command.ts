import type { CliParts } from '../../apps/relay/src/cli/cli-parts.ts'
import { runCli } from '../../apps/relay/src/cli/run-cli.ts'
import { createDrawnTerminal, type DrawnTerminal } from './drawn-terminal.ts'

const parts = {
  startRelay: () => Promise.reject(new TypeError('no relay is started here')),
  agentSetup: () => ({}) as ReturnType<CliParts['agentSetup']>,
  mcpSetup: () => Promise.reject(new TypeError('no agent is served here')),
} satisfies CliParts

export type CommandRun = {
  terminal: DrawnTerminal
  /** Resolves when the command has ended. */
  ended: Promise<{ exitCode: number; text: string; errors: string }>
}

/** Starts one `bellhop` command against the relay of a data folder. */
export const startCommand = (
  dataDir: string,
  args: readonly string[],
  input?: string,
  columns = 80,
): CommandRun => {
  const terminal = createDrawnTerminal({ HOME: dataDir, PATH: '' }, { columns, rows: 24 })
  const place = args.indexOf('--')
  const [own, said] = place < 0 ? [args, []] : [args.slice(0, place), args.slice(place)]
  const exitCode = runCli([...own, '--data-dir', dataDir, ...said], parts, terminal.process)
  if (input !== undefined) terminal.end(input)
  return {
    terminal,
    ended: exitCode.then((code) => ({
      exitCode: code,
      text: terminal.text(),
      errors: terminal.errors(),
    })),
  }
}

/** Runs one `bellhop` command to its end. */
export const runCommand = (dataDir: string, args: readonly string[], input?: string) =>
  startCommand(dataDir, args, input).ended

/** Runs one with `--json` and reads the one object it prints. */
export const runForJson = async <Answer = Record<string, unknown>>(
  dataDir: string,
  args: readonly string[],
): Promise<{ exitCode: number; answer: Answer }> => {
  const { exitCode, text } = await runCommand(dataDir, [...args, '--json'])
  return { exitCode, answer: JSON.parse(text) as Answer }
}
