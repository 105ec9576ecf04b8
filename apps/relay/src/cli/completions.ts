import type { Command } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { UsageError } from './explain.ts'
import { printable } from './terminal.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

/** Writes completions made from the commands themselves, so that they know what there is. */
export const completionsCommand = (commands: () => readonly Command[]): Command => ({
  name: 'completions',
  takes: '<bash|zsh|fish>',
  wordsMin: 1,
  wordsMax: 1,
  places: [SHELLS],
  does: 'Prints completions for a shell.',
  notes: [
    'bash   source <(bellhop completions bash)                     in ~/.bashrc',
    'zsh    source <(bellhop completions zsh)       in ~/.zshrc, behind compinit',
    'fish   bellhop completions fish | source         in ~/.config/fish/config.fish',
  ],
  run: async ({ terminal, words }) => {
    const [shell = ''] = words
    if (!isShell(shell)) {
      throw new UsageError(`${printable(shell, 40)} is none of ${SHELLS.join(', ')}.`)
    }
    for (const line of completionLines(shell, commands())) terminal.line(line)
    return EXIT.done
  },
})

const isShell = (word: string): word is Shell => (SHELLS as readonly string[]).includes(word)

const EVERYWHERE = ['data-dir', 'json', 'help'] as const

/** What can follow which words: `hooks ask` → add, remove. */
type Place = { after: string; words: readonly string[] }

const optionsOf = ({ options = {}, passesOn }: Command): string[] =>
  passesOn ? [] : [...Object.keys(options), ...EVERYWHERE].map((name) => `--${name}`)

/** Every place and what can stand there: the words of names first, then places and options. Pure. */
const completionPlaces = (commands: readonly Command[]): Place[] => {
  const places = new Map<string, Set<string>>()
  const add = (after: string, words: readonly string[]) => {
    const known = places.get(after) ?? new Set()
    for (const word of words) known.add(word)
    places.set(after, known)
  }
  for (const { name } of [...commands, { name: 'help' }]) {
    const words = name.split(' ')
    words.forEach((word, at) => {
      add(words.slice(0, at).join(' '), [word])
    })
  }
  for (const command of commands) add(command.name, optionsOf(command))
  for (const { name, places: ofCommand = [] } of commands) {
    ofCommand.forEach((words, at) => {
      add([name, ...Array(at).fill('*')].join(' '), words)
    })
  }
  return [...places].map(([after, words]) => ({ after, words: [...words] }))
}

const completionLines = (shell: Shell, commands: readonly Command[]): string[] => {
  const places = completionPlaces(commands)
  if (shell === 'fish') return fishLines(commands)
  const body = caseLines(places)
  return shell === 'bash' ? bashLines(body) : zshLines(body)
}

/** A shell function that sets `words` by what stands before the cursor; bash and zsh read it alike. */
const caseLines = (places: readonly Place[]): string[] => {
  // The longest first: a case takes the first that fits, and options stand at every later place too.
  const sorted = [...places].sort((a, b) => b.after.split(' ').length - a.after.split(' ').length)
  const pattern = ({ after }: Place) =>
    after === ''
      ? `''`
      : after
          .split(' ')
          .map((word) => (word === '*' ? '*' : `'${word}'`))
          .join(`' '`)
  const exact = sorted.map((place) => `    ${pattern(place)}) found='${place.words.join(' ')}' ;;`)
  const behind = sorted
    .filter(({ after }) => after !== '' && !after.includes('*'))
    .map((place) => ({ ...place, words: place.words.filter((word) => word.startsWith('--')) }))
    .filter(({ words }) => words.length > 0)
    .map((place) => `    ${pattern(place)}' '*) found='${place.words.join(' ')}' ;;`)
  return [
    '_bellhop_words() {',
    `  local before="$1" found=''`,
    '  case "$before" in',
    ...exact,
    ...behind,
    '  esac',
    `  printf '%s' "$found"`,
    '}',
  ]
}

const bashLines = (body: readonly string[]): string[] => [
  ...body,
  ...`_bellhop() {
  local before="\${COMP_WORDS[*]:1:COMP_CWORD-1}" now="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=($(compgen -W "$(_bellhop_words "$before")" -- "$now"))
}
complete -o default -F _bellhop bellhop`.split('\n'),
]

const zshLines = (body: readonly string[]): string[] => [
  '#compdef bellhop',
  ...body,
  ...`_bellhop() {
  local before="\${words[2,CURRENT-1]}"
  local -a found=(\${=$(_bellhop_words "$before")})
  if (( \${#found} )); then compadd -- $found; else _files; fi
}
compdef _bellhop bellhop`.split('\n'),
]

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

const fishLines = (commands: readonly Command[]): string[] => {
  const lines = [
    'function __bellhop_after',
    '  set -l words (commandline -opc)[2..-1]',
    '  test (count $argv) -eq 0; and return 0',
    '  set -l first $words[1..(count $argv)]',
    '  test "$first" = "$argv"',
    'end',
    'function __bellhop_at',
    '  set -l words (commandline -opc)[2..-1]',
    '  test (count $words) -eq $argv[1]; and __bellhop_after $argv[2..-1]',
    'end',
    'complete -c bellhop -f',
  ]
  const first = new Map<string, string>()
  for (const { name, does } of commands) {
    const [word = '', ...rest] = name.split(' ')
    if (!first.has(word)) first.set(word, rest.length > 0 ? '' : does)
  }
  for (const [word, does] of [...first, ['help', 'Says what a command takes.'] as const]) {
    lines.push(`complete -c bellhop -n '__bellhop_at 0' -a ${word} -d ${quoted(does)}`)
  }
  for (const { name, does, options = {}, means = {}, places = [], passesOn } of commands) {
    const words = name.split(' ')
    words.slice(1).forEach((word, at) => {
      const before = words.slice(0, at + 1).join(' ')
      lines.push(
        `complete -c bellhop -n '__bellhop_at ${at + 1} ${before}' -a ${word} -d ${quoted(does)}`,
      )
    })
    places.forEach((ones, at) => {
      if (ones.length === 0) return
      const count = words.length + at
      lines.push(
        `complete -c bellhop -n '__bellhop_at ${count} ${name}' -a ${quoted(ones.join(' '))}`,
      )
    })
    if (passesOn) continue
    for (const [option, { type }] of Object.entries(options)) {
      const takes = type === 'string' ? ' -r' : ''
      lines.push(
        `complete -c bellhop -n '__bellhop_after ${name}' -l ${option}${takes} -d ${quoted(means[option] ?? '')}`,
      )
    }
  }
  lines.push(
    "complete -c bellhop -l data-dir -r -d 'the folder of the relay'",
    "complete -c bellhop -l json -d 'for programs'",
    "complete -c bellhop -l help -d 'what it takes'",
  )
  return lines
}
