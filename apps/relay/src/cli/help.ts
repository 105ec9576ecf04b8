import { BELLHOP_VERSION } from '@bellhop/core'
import type { Command } from './command.ts'
import { wrap } from './terminal.ts'

/** Help is made for the narrowest screen people usually have. */
const COLUMNS = 80
const INDENT = 26

const column = (text: string, width: number) => text.padEnd(Math.max(width, text.length + 2))

/** Commands of one group, such as `hooks`, stand on one line where all are listed. */
const groupsOf = (commands: readonly Command[]): Command[][] => {
  const groups = new Map<string, Command[]>()
  for (const command of commands) {
    const [first = ''] = command.name.split(' ')
    groups.set(first, [...(groups.get(first) ?? []), command])
  }
  return [...groups.values()]
}

const lineOf = ({ name, takes, does }: Command) =>
  `  ${column(takes ? `${name} ${takes}` : name, 24)}${does}`

const groupLine = (group: readonly Command[]): string => {
  const [one] = group
  if (one && group.length === 1) return lineOf(one)
  const [first = ''] = one?.name.split(' ') ?? []
  const rest = new Set(group.flatMap(({ name }) => name.split(' ')[1] ?? []))
  return `  ${column(`${first} …`, 24)}${[...rest].join(', ')}: \`help ${first}\`.`
}

/** All commands, a line each, on one screen. */
export const overview = (commands: readonly Command[]): string[] => [
  `Bellhop ${BELLHOP_VERSION}: your coding sessions, on your phone. bellhop [command] [options]`,
  ...groupsOf(commands).map(groupLine),
  '',
  'Each takes --json, --data-dir <folder> and --help, but for `claude`, which hands',
  'all of its words on. A session is named by its id or a part of its title.',
]

/** The commands whose names go on after these words. */
export const groupOf = (commands: readonly Command[], name: string): Command[] =>
  commands.filter((command) => command.name.startsWith(`${name} `))

/** A group of commands, a line each, behind what its name does by itself; undefined when there is none. */
export const helpOfGroup = (commands: readonly Command[], name: string): string[] | undefined => {
  const group = groupOf(commands, name)
  if (name === '' || group.length === 0) return undefined
  const own = commands.find((command) => command.name === name)
  const width =
    Math.max(...group.map(({ name: full, takes = '' }) => full.length + takes.length)) + 3
  return [
    ...(own ? helpOf(own) : [`bellhop ${name} …`]),
    '',
    ...group.flatMap(({ name: full, takes, does }) => {
      const [first = '', ...rest] = wrap(does, COLUMNS - 2 - width)
      const head = `  ${column(takes ? `${full} ${takes}` : full, width)}${first}`
      return [head, ...rest.map((line) => ' '.repeat(2 + width) + line)]
    }),
  ]
}

/** One command with its options. */
export const helpOf = ({
  name,
  takes,
  does,
  options = {},
  means = {},
  notes = [],
}: Command): string[] => {
  const lines = Object.entries(options).flatMap(([option, { type }]) => {
    const typed =
      type === 'string' ? `--${option} <${means[`${option}<>`] ?? 'value'}>` : `--${option}`
    const [first = '', ...rest] = wrap(means[option] ?? '', COLUMNS - INDENT)
    return [
      `  ${column(typed, INDENT - 2)}${first}`,
      ...rest.map((line) => ' '.repeat(INDENT) + line),
    ]
  })
  const doesLines = wrap(does, COLUMNS - 2).map((line) => `  ${line}`)
  const noteLines = notes.flatMap((line) => (line.length > COLUMNS ? wrap(line, COLUMNS) : [line]))
  const parts = [[`bellhop ${takes ? `${name} ${takes}` : name}`], doesLines, lines, noteLines]
  return parts
    .filter((part) => part.length > 0)
    .flatMap((part, at) => (at === 0 ? part : ['', ...part]))
}
