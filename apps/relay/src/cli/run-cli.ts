import { parseArgs } from 'node:util'
import { BELLHOP_VERSION, RelayError } from '@bellhop/core'
import { type Config, makeConfig } from '../config/config.ts'
import { readEnv } from '../config/env.ts'
import { answerCommand } from './answer.ts'
import { claudeCommand } from './claude.ts'
import type { CliParts } from './cli-parts.ts'
import { type Command, isTyped, type Typed, typedText } from './command.ts'
import { completionsCommand } from './completions.ts'
import { devicesCommand, revokeCommand } from './devices.ts'
import { doctorCommand } from './doctor.ts'
import { explain, UsageError } from './explain.ts'
import { groupOf, helpOf, helpOfGroup, overview } from './help.ts'
import { hooksCommands } from './hooks.ts'
import { interruptCommand } from './interrupt.ts'
import { joinDashed } from './join-dashed.ts'
import { logCommand } from './log.ts'
import { openLogFile } from './log-file.ts'
import { mcpCommands } from './mcp.ts'
import { pairCommand } from './pair.ts'
import { pushTestCommand } from './push-test.ts'
import { readCommand } from './read.ts'
import { searchCommand } from './search.ts'
import { sendCommandLine } from './send.ts'
import { sessionsCommand } from './sessions.ts'
import { startCommand } from './start.ts'
import { makeTerminal, type Terminal, wrap } from './terminal.ts'
import { upCommand } from './up.ts'
import { watchCommand } from './watch.ts'

const COMMANDS: readonly Command[] = [
  upCommand,
  pairCommand,
  devicesCommand,
  revokeCommand,
  sessionsCommand,
  readCommand,
  watchCommand,
  sendCommandLine,
  answerCommand,
  interruptCommand,
  startCommand,
  logCommand,
  searchCommand,
  claudeCommand,
  ...hooksCommands,
  ...mcpCommands,
  pushTestCommand,
  doctorCommand,
  completionsCommand(() => COMMANDS),
]

const EVERYWHERE = {
  'data-dir': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** What stands before the first option. */
const wordsOf = (argv: readonly string[]): readonly string[] => {
  const end = argv.findIndex((word) => word.startsWith('-'))
  return end < 0 ? argv : argv.slice(0, end)
}

/** The command that was typed and what follows it; nothing typed, or options only, means `up`. */
const findCommand = (argv: readonly string[]): { command: Command; rest: readonly string[] } => {
  if (argv[0] === undefined || argv[0].startsWith('-')) return { command: upCommand, rest: argv }
  const found = COMMANDS.filter(({ name }) =>
    name.split(' ').every((word, index) => argv[index] === word),
  ).sort((a, b) => b.name.length - a.name.length)[0]
  if (found) return { command: found, rest: argv.slice(found.name.split(' ').length) }
  for (let end = wordsOf(argv).length; end > 0; end -= 1) {
    const group = groupOf(COMMANDS, argv.slice(0, end).join(' '))
    if (group.length === 0) continue
    throw new UsageError(`Say which: ${group.map(({ name }) => name).join(', ')}.`)
  }
  throw new UsageError(`There is no command ${argv[0]}. \`bellhop help\` lists them.`)
}

const parse = (command: Command, rest: readonly string[]): { typed: Typed; words: string[] } => {
  if (command.passesOn) return { typed: {}, words: [...rest] }
  const { wordsMin = 0, wordsMax = 0 } = command
  const options = { ...EVERYWHERE, ...command.options }
  try {
    const { values, positionals } = parseArgs({
      args: joinDashed(rest, options),
      options,
      allowPositionals: true,
    })
    const isHelp = values.help === true
    if (!isHelp && positionals.length < wordsMin) throw new UsageError('Something is missing.')
    if (positionals.length > wordsMax)
      throw new UsageError(`${positionals[wordsMax]} is one word too many.`)
    return { typed: values as Typed, words: positionals }
  } catch (error) {
    const why = error instanceof Error ? error.message.split('. ')[0]?.replace(/\.$/, '') : error
    throw new UsageError(`${why}. \`bellhop ${command.name} --help\` shows what it takes.`)
  }
}

const configFor = (typed: Typed, env: Readonly<Record<string, string | undefined>>): Config => {
  try {
    return makeConfig(
      {
        port: typedText(typed, 'port'),
        host: typedText(typed, 'host'),
        publicUrl: typedText(typed, 'public-url'),
        dataDir: typedText(typed, 'data-dir'),
        demo: isTyped(typed, 'demo'),
      },
      readEnv(env),
    )
  } catch (error) {
    if (error instanceof RelayError) throw new UsageError(explain(error).sentence)
    throw error
  }
}

const isHelpCall = (argv: readonly string[]) => ['help', '--help', '-h'].includes(argv[0] ?? '')

const execute = async (
  argv: readonly string[],
  parts: CliParts,
  terminal: Terminal,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> => {
  if (isHelpCall(argv)) {
    const asked = wordsOf(argv.slice(1))
    const isNamed = asked.length > 0
    const lines = isNamed
      ? (helpOfGroup(COMMANDS, asked.join(' ')) ?? helpOf(findCommand(asked).command))
      : overview(COMMANDS)
    for (const line of lines) terminal.line(line)
    return 0
  }
  const group = argv.some((word) => word === '--help' || word === '-h')
    ? helpOfGroup(COMMANDS, wordsOf(argv).join(' '))
    : undefined
  if (group) {
    for (const line of group) terminal.line(line)
    return 0
  }
  if (argv[0] === '--version' || argv[0] === 'version') {
    terminal.line(BELLHOP_VERSION)
    return 0
  }
  const { command, rest } = findCommand(argv)
  const { typed, words } = parse(command, rest)
  if (isTyped(typed, 'help')) {
    for (const line of helpOf(command)) terminal.line(line)
    return 0
  }
  const config = configFor(typed, env)
  const logger = openLogFile(config.dataDir)
  return command.run({
    terminal,
    config,
    withPublicUrl: (publicUrl) => configFor({ ...typed, 'public-url': publicUrl }, env),
    typed,
    words,
    env,
    agent: parts.agentSetup(config),
    mcp: parts.mcpSetup,
    startRelay: (settled) => parts.startRelay(settled, { logger }),
  })
}

/** Runs one command and answers its exit code, one of `EXIT`; what was not done is said in a sentence. */
export const runCli = async (
  argv: readonly string[],
  parts: CliParts,
  process_: Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env'> = process,
): Promise<number> => {
  const { env } = process_
  const streams = { input: process_.stdin, output: process_.stdout, error: process_.stderr }
  const terminal = makeTerminal(streams, env)
  // A reader that went away, as `| head` does, is no failure of ours.
  process_.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
  })
  try {
    return await execute(argv, parts, terminal, env)
  } catch (error) {
    const { exitCode, code, sentence, isOurs } = explain(error)
    if (argv.includes('--json')) terminal.json({ event: 'failed', code, text: sentence })
    const said = process_.stderr.isTTY ? wrap(sentence, terminal.columns() - 9) : [sentence]
    terminal.error.write(`${terminal.styles.bad('bellhop:')} ${said.join('\n         ')}\n`)
    if (isOurs && env.BELLHOP_DEBUG) terminal.error.write(`${(error as Error).stack}\n`)
    return exitCode
  }
}
