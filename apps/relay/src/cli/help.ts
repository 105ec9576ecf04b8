import { BELLHOP_VERSION } from '@bellhop/core'
import type { Command } from './command.ts'

const column = (text: string, width: number) => text.padEnd(Math.max(width, text.length + 2))

/** All commands, a line each. */
export const overview = (commands: readonly Command[]): string[] => [
  `Bellhop ${BELLHOP_VERSION}: your coding sessions, on your phone.`,
  '',
  'bellhop [command] [options]',
  '',
  ...commands.map(
    ({ name, takes, does }) => `  ${column(takes ? `${name} ${takes}` : name, 28)}${does}`,
  ),
  '',
  'Every listing takes --json; every command takes --data-dir <folder> and --help.',
  'Only `claude` hands all of its words on as they are.',
]

/** One command with its options. */
export const helpOf = ({ name, takes, does, options = {}, means = {} }: Command): string[] => {
  const lines = Object.entries(options).map(([option, { type }]) => {
    const typed =
      type === 'string' ? `--${option} <${means[`${option}<>`] ?? 'value'}>` : `--${option}`
    return `  ${column(typed, 28)}${means[option] ?? ''}`
  })
  return [`bellhop ${takes ? `${name} ${takes}` : name}`, '', `  ${does}`, '', ...lines].filter(
    (line, index, all) => line !== '' || index < all.length - 1,
  )
}
