import {
  type Actor,
  askLine,
  askWords,
  commandWords,
  type Decision,
  type TranscriptRow,
  toolLine,
} from '@bellhop/core'
import { moment } from './listing.ts'
import { safeLines } from './safe-lines.ts'
import { printable, type Styles } from './terminal.ts'
import { widthOf } from './text-width.ts'

export type Paper = { styles: Styles; columns: number; nowMs: number }

/** How much of what a tool gave out is shown when it failed. */
const FAILED_LINES = 6
const NOTE_LINES = 12

/** A row of a transcript as lines: what it is, and what came of it as far as that is known. Pure. */
export const rowLines = (row: TranscriptRow, paper: Paper): string[] => [
  ...headLines(row, paper),
  ...tailLines(row, paper),
]

/**
 * What a row says anew beside what it said before; nothing when that is the same. `isApart`: other
 * rows were printed since, so it says what it is about. Pure.
 */
export const newLines = (
  before: TranscriptRow | undefined,
  row: TranscriptRow,
  paper: Paper,
  isApart = false,
): string[] => {
  if (before === undefined) return rowLines(row, paper)
  const head = headLines(row, paper)
  const isSame = headLines(before, paper).join('\n') === head.join('\n')
  const said = new Set(tailLines(before, paper))
  const tail = tailLines(row, paper).filter((line) => !said.has(line))
  if (!isSame) return [...head, ...tail]
  return isApart && tail.length > 0 ? [...head.map(paper.styles.faint), ...tail] : tail
}

const indent = (lines: readonly string[], by = '  ') => lines.map((line) => (by + line).trimEnd())

const headLines = (row: TranscriptRow, paper: Paper): string[] => {
  const { styles, columns, nowMs } = paper
  const who = (name: string) =>
    `${styles.strong(name)}  ${styles.faint(moment(row.at, nowMs))}${
      row.subagent
        ? styles.faint(
            `  subagent ${printable(row.subagent.description ?? row.subagent.agentId, 40)}`,
          )
        : ''
    }`
  const said = (name: string, text: string) => [who(name), ...indent(safeLines(text, columns - 2))]
  const line = (text: string, max = columns - 2) => printable(text.replaceAll(/\s+/g, ' '), max)
  switch (row.kind) {
    case 'person':
      return said(personName(row), row.text)
    case 'agent':
      return said('Agent', row.text)
    case 'thinking':
      return [styles.faint(`Thought: ${line(row.text, columns - 9)}`)]
    case 'note': {
      const lines = safeLines(row.text, columns - 2)
      const shown = lines.slice(0, NOTE_LINES)
      const cut = lines.length > shown.length ? [`${lines.length - shown.length} more lines`] : []
      return indent([...shown, ...cut]).map(row.tone === 'warning' ? styles.bad : styles.faint)
    }
    case 'tool': {
      const name = printable(row.tool.name, 40)
      return [`▸ ${styles.strong(name)}  ${line(toolLine(row.tool), columns - widthOf(name) - 4)}`]
    }
    case 'permission':
      return row.ask.kind === 'agent'
        ? [
            `${styles.strong('Asked')}  ${line(`${askWords(row.ask)}: ${askLine(row.ask)}`, columns - 7)}`,
          ]
        : [`${styles.strong('Asked')}  ${line(askLine(row.ask), columns - 7)}`]
    case 'tasks':
      return row.tasks.map(({ text, state }) => `${TASK[state]} ${line(text, columns - 4)}`)
    case 'turn':
      return row.outcome === 'interrupted'
        ? [styles.faint('Stopped.')]
        : [styles.bad(`The turn failed. ${line(row.error ?? '', columns - 17)}`.trimEnd())]
    case 'refused':
      return [
        styles.bad(`Not done: ${commandWords(row.commandType)}, ${actorWords(row.by)}.`),
        ...indent(safeLines(row.text, columns - 2)),
      ]
    case 'ended':
      return [styles.faint(`The session ended. ${line(row.text ?? '', columns - 19)}`.trimEnd())]
    case 'unknown':
      return [styles.faint(line(row.title))]
  }
}

const TASK = { open: '[ ]', working: '[~]', done: '[x]' } as const

const personName = (row: Extract<TranscriptRow, { kind: 'person' }>) => {
  if (row.agentName !== undefined) return `Agent ${printable(row.agentName, 60)}`
  if (row.from === 'peer') return 'Another session'
  return row.deviceName === undefined ? 'You' : `You, on ${printable(row.deviceName, 40)}`
}

/** Who did something, as one says it after a comma. Pure. */
const actorWords = (by: Actor): string => {
  if (by.kind === 'device') return `on ${printable(by.name, 60)}`
  if (by.kind === 'terminal') return 'at the terminal'
  return by.name === undefined ? 'where it runs' : `on ${printable(by.name, 60)}`
}

const tailLines = (row: TranscriptRow, { styles, columns }: Paper): string[] => {
  if (row.kind !== 'tool' && row.kind !== 'permission') return []
  const decided = row.decision ? [`└ ${decisionWords(row.decision)}`] : []
  if (row.kind === 'permission') {
    return row.open ? [`└ ${styles.waiting('needs you')}`] : decided.map(styles.faint)
  }
  if (row.state === 'running') return decided.map(styles.faint)
  if (row.state === 'asking') return [`└ ${styles.waiting('needs you')}`]
  const { durationMs, text = '', diff, cutChars } = row.result ?? {}
  const lines = text === '' ? [] : safeLines(text.trimEnd(), columns - 4)
  const changed = diff?.hunks.flatMap((hunk) => hunk.lines) ?? []
  const count = (mark: string) => changed.filter((one) => one.startsWith(mark)).length
  const facts = [
    STATE[row.state],
    ...(durationMs === undefined ? [] : [`${(durationMs / 1_000).toFixed(1)} s`]),
    ...(diff ? [`+${count('+')} −${count('-')}`] : []),
    ...(lines.length > 0 && !diff
      ? [
          `${cutChars === undefined ? '' : 'over '}${lines.length} ${lines.length === 1 ? 'line' : 'lines'}`,
        ]
      : []),
  ].join(' · ')
  const isBad = row.state === 'failed'
  return [
    ...decided.map(styles.faint),
    `└ ${isBad ? styles.bad(facts) : styles.faint(facts)}`,
    ...(isBad ? indent(lines.slice(-FAILED_LINES), '    ') : []),
  ]
}

const STATE = { ok: 'ok', failed: 'failed', denied: 'denied', interrupted: 'stopped' } as const

const decisionWords = ({ outcome, by, text, edited, rules }: Decision): string => {
  const word =
    outcome === 'withdrawn' ? 'No longer asked' : `${outcome[0]?.toUpperCase()}${outcome.slice(1)}`
  const how = [...(edited ? ['changed'] : []), ...(rules?.length ? ['always'] : [])]
  const words = text ? `: ${printable(text.replaceAll(/\s+/g, ' '), 200)}` : ''
  return `${[word, ...how, actorWords(by)].join(', ')}${words}`
}
