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
  const rest = new Set(group.map(({ name }) => name.split(' ')[1]))
  return `  ${column(`${first} …`, 24)}${[...rest].join(', ')}: \`help ${first}\`.`
}

/** All commands, a line each, on one screen. */
export const overview = (commands: readonly Command[]): string[] => [
  `Bellhop ${BELLHOP_VERSION}: your coding sessions, on your phone. bellhop [command] [options]`,
  '',
  ...groupsOf(commands).map(groupLine),
  '',
  'Each takes --json, --data-dir <folder> and --help, but for `claude`, which hands',
  'all of its words on. A session is named by its id or a part of its title.',
]

/** All commands of a group, a line each; undefined when there is no such group. */
export const helpOfGroup = (commands: readonly Command[], name: string): string[] | undefined => {
  const group = commands.filter((command) => command.name.startsWith(`${name} `))
  if (group.length < 2) return undefined
  const width =
    Math.max(...group.map(({ name: full, takes = '' }) => full.length + takes.length)) + 3
  return [
    `bellhop ${name} …`,
    '',
    ...group.flatMap(({ name: full, takes, does }) => [
      `  ${column(takes ? `${full} ${takes}` : full, width)}${does}`,
    ]),
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
