import type { ParseArgsOptionsConfig } from 'node:util'
import type { Config } from '../config/config.ts'
import type { AgentSetup, RunningRelay } from './cli-parts.ts'
import type { Terminal } from './terminal.ts'

/** What was typed after the command’s name. */
export type Typed = Readonly<Record<string, string | boolean | undefined>>

/** One run of a command. */
export type Call = {
  terminal: Terminal
  config: Config
  /** The same settings with another public address. */
  withPublicUrl(publicUrl: string): Config
  typed: Typed
  /** The words that are no options. */
  words: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  agent: AgentSetup
  startRelay(config: Config): Promise<RunningRelay>
}

/** One command of `bellhop`. */
export type Command = {
  /** As typed; of several words where it belongs to a group. */
  name: string
  /** What follows the name, as help shows it. */
  takes?: string
  /** How many words may follow. */
  wordsMin?: number
  wordsMax?: number
  does: string
  options?: ParseArgsOptionsConfig
  /** What the options mean, by their name. */
  means?: Readonly<Record<string, string>>
  /** True hands everything after the name on as it was typed. */
  passesOn?: boolean
  /** Answers the exit code: 0 done, 1 not done. */
  run(call: Call): Promise<number>
}

export const typedText = (typed: Typed, name: string): string | undefined => {
  const value = typed[name]
  return typeof value === 'string' ? value : undefined
}

export const isTyped = (typed: Typed, name: string): boolean => typed[name] === true
