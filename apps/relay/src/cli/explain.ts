import { RelayError } from '@bellhop/core'
import { isRefusal, RelayGarbled, RelayUnreachable } from '@bellhop/core/client'
import { printable } from './terminal.ts'

/** The command was not understood: what is wrong, in a sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The command was understood and could not be done: why, and what to do about it. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
}

type Details = Readonly<Record<string, unknown>>

const word = (value: unknown) => printable(String(value), 500)

/** Sentences that can name the thing, where the table of errors has to stay general. */
const SENTENCES: Record<string, (details: Details) => string | undefined> = {
  port_taken: ({ port }) =>
    port === undefined
      ? undefined
      : `Another program uses port ${word(port)}. Choose one with --port.`,
  config_invalid: ({ why, rule, file, host, port }) => {
    if (why !== undefined) return word(why).replace(/\.?$/, '.')
    if (host !== undefined) {
      return `${word(host)}:${word(port)} cannot be listened on. Choose another address with --host, or another port with --port.`
    }
    if (rule !== undefined) {
      return `This is not a rule: ${word(rule)}. Write Tool or Tool(pattern), such as Bash(git push*).`
    }
    return file === undefined ? undefined : `${word(file)} cannot be read. Correct or remove it.`
  },
  data_folder_unusable: ({ path }) =>
    path === undefined
      ? undefined
      : `${word(path)} cannot be used. Fix its permissions or choose a folder with --data-dir.`,
  relay_already_running: ({ url, pid }) =>
    url === undefined
      ? undefined
      : `A relay already runs here: ${word(url)}, process ${word(pid)}. \`bellhop pair\` shows a code for it.`,
  agent_failed: ({ version, needs, said, do: todo }) => {
    if (needs !== undefined) {
      return `Claude Code ${word(version)} is too old: ${word(needs)} or newer is needed. Run \`${word(todo)}\`.`
    }
    return said === undefined
      ? undefined
      : `Claude Code did not do what it was asked: ${word(said)}`
  },
}

export type Explained = { exitCode: 1 | 2; code: string; sentence: string; isOurs: boolean }

/** What any failure means to the person who typed the command. */
export const explain = (error: unknown): Explained => {
  if (error instanceof UsageError) {
    return { exitCode: 2, code: 'usage', sentence: error.message, isOurs: false }
  }
  const failed = (code: string, sentence: string): Explained => ({
    exitCode: 1,
    code,
    sentence,
    isOurs: false,
  })
  if (error instanceof CommandFailed) return failed('failed', error.message)
  if (error instanceof RelayError || isRefusal(error)) {
    const sentence = SENTENCES[error.code]?.(error.details) ?? error.message
    return failed(error.code, sentence)
  }
  if (error instanceof RelayUnreachable || error instanceof RelayGarbled) {
    return failed('relay_unreachable', `${error.message} Try again, or start it anew.`)
  }
  const message = error instanceof Error ? error.message : String(error)
  const sentence = `Bellhop made a mistake: ${printable(message, 500)}`
  return { exitCode: 1, code: 'internal', sentence, isOurs: true }
}
