import type { ParseArgsOptionsConfig } from 'node:util'
import type { Config } from '../config/config.ts'
import type { AgentSetup, McpSetup, RunningRelay } from './cli-parts.ts'
import { UsageError } from './explain.ts'
import { printable, type Terminal } from './terminal.ts'

/** What was typed after the command’s name. */
export type Typed = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

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
  mcp(): Promise<McpSetup>
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
  /**
   * What can stand at each place behind the name, for completions; none where anything can. `@sessions`,
   * `@agents` and `@devices` stand for those there are just then.
   */
  places?: readonly (readonly string[])[]
  /** What help says below the options, in lines. */
  notes?: readonly string[]
  /** True hands everything after the name on as it was typed. */
  passesOn?: boolean
  /** Answers one of `EXIT`. */
  run(call: Call): Promise<number>
}

export const typedText = (typed: Typed, name: string): string | undefined => {
  const value = typed[name]
  return typeof value === 'string' ? value : undefined
}

/** What an option was given that may be given more than once. */
export const typedTexts = (typed: Typed, name: string): readonly string[] => {
  const value = typed[name]
  return Array.isArray(value) ? value : []
}

/** A whole number within bounds; anything else is not understood. */
export const typedNumber = (
  typed: Typed,
  name: string,
  bounds: { usual: number; min: number; max: number },
): number => {
  const text = typedText(typed, name)
  if (text === undefined) return bounds.usual
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= bounds.min && value <= bounds.max) return value
  throw new UsageError(
    `--${name} takes a number from ${bounds.min} to ${bounds.max}, not ${printable(text, 40)}.`,
  )
}

export const isTyped = (typed: Typed, name: string): boolean => typed[name] === true
