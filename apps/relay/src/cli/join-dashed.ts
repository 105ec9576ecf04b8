import type { ParseArgsOptionsConfig } from 'node:util'

const OPTION = /^(?:-h|--(?:[a-z]+(?:-[a-z]+)*(?:=.*)?)?)$/s

/**
 * Joins a value that begins with a dash, as some hashes and reasons do, to the option before it. What
 * is written like an option is no value, and nothing behind `--` is touched. Pure.
 */
export const joinDashed = (args: readonly string[], options: ParseArgsOptionsConfig): string[] => {
  const joined: string[] = []
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? ''
    const next = args[at + 1]
    if (word === '--') return [...joined, ...args.slice(at)]
    const takesValue = word.startsWith('--') && options[word.slice(2)]?.type === 'string'
    if (takesValue && next?.startsWith('-') && !OPTION.test(next)) {
      joined.push(`${word}=${next}`)
      at += 1
    } else joined.push(word)
  }
  return joined
}
