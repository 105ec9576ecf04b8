import type { Command } from './command.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

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
  // What is asked for stands last, so that the shells find it there.
  const isLive = (word: string) => word.startsWith('@')
  return [...places].map(([after, words]) => ({
    after,
    words: [...words].sort((a, b) => Number(isLive(a)) - Number(isLive(b))),
  }))
}

/** Completions made from the commands, as a script for a shell. Names of what there is now it asks for. Pure. */
export const completionLines = (shell: Shell, commands: readonly Command[]): string[] => {
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
    `    *' --session') found='@sessions' ;;`,
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
  local found="$(_bellhop_words "$before")"
  case "$now:$found" in
    -*) found="\${found%%@*}" ;;
    *@*) found="\${found%%@*} $(bellhop completions "\${found##*@}" 2>/dev/null </dev/null | cut -f1)" ;;
  esac
  COMPREPLY=($(compgen -W "$found" -- "$now"))
}
complete -o default -F _bellhop bellhop`.split('\n'),
]

const zshLines = (body: readonly string[]): string[] => [
  '#compdef bellhop',
  ...body,
  ...`_bellhop() {
  local before="\${words[2,CURRENT-1]}" name says
  local found="$(_bellhop_words "$before")"
  local -a names shown fixed=(\${=found%%@*})
  if [[ "$found" == *@* && "$PREFIX" != -* ]]; then
    while IFS=$'\\t' read -r name says; do
      names+=("$name") shown+=("$name  $says")
    done < <(bellhop completions "\${found##*@}" 2>/dev/null </dev/null)
  fi
  (( \${#names} )) && compadd -l -d shown -- $names
  if (( \${#fixed} )); then compadd -- $fixed; elif (( ! \${#names} )); then _files; fi
}
compdef _bellhop bellhop`.split('\n'),
]

/** Words as fish takes them; those that begin with `@` it asks for when they are needed. */
const fishWords = (words: readonly string[]) =>
  quoted(
    words
      .map((one) =>
        one.startsWith('@') ? `(bellhop completions ${one.slice(1)} 2>/dev/null)` : one,
      )
      .join(' '),
  )

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
      lines.push(`complete -c bellhop -n '__bellhop_at ${count} ${name}' -a ${fishWords(ones)}`)
    })
    if (passesOn) continue
    for (const [option, { type }] of Object.entries(options)) {
      const names = option === 'session' ? ` -a ${fishWords(['@sessions'])}` : ''
      const takes = type === 'string' ? ` -r${names}` : ''
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
