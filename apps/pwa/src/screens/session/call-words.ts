import type { Decision, ToolDetail, TranscriptRow } from '@bellhop/core'
import { shortPath } from '../../platform/paths.ts'
import { clock, took } from '../../platform/times.ts'
import {
  countChanges,
  type DiffHunk,
  fromContent,
  fromTexts,
  fromUnified,
} from '../../ui/diff/diff-lines.ts'
import type { ToolRow } from './fold-rows.ts'

/** What a call is, in a word before its machine text. */
export function verbOf(tool: ToolDetail): string {
  switch (tool.kind) {
    case 'write':
      return 'Write'
    case 'read':
      return 'Read'
    case 'search':
      return tool.looksAt === 'names' ? 'Found files' : 'Searched'
    case 'fetch':
      return 'Fetched'
    case 'web_search':
      return 'Searched the web'
    case 'subagent':
      return 'Subagent'
    case 'mcp':
      return `${tool.server}:`
    default:
      return ''
  }
}

/** The machine text of a call's line. */
export function textOf(tool: ToolDetail, cwd: string | null): string {
  switch (tool.kind) {
    case 'shell':
      return tool.command.trim().split('\n')[0] ?? ''
    case 'edit':
    case 'write':
    case 'read':
      return shortPath(tool.path, cwd)
    case 'search':
      return tool.pattern
    case 'fetch':
      return tool.url
    case 'web_search':
      return tool.query
    case 'subagent':
      return tool.description
    default:
      return tool.name
  }
}

/** The changed lines of a call: what really changed if that is known, else what was asked for. */
export function hunksOf(
  tool: ToolDetail,
  diff?: { hunks: Parameters<typeof fromUnified>[0] },
): DiffHunk[] {
  if (diff && diff.hunks.length > 0) return fromUnified(diff.hunks)
  if (tool.kind === 'write') return fromContent(tool.content)
  if (tool.kind !== 'edit') return []
  return tool.edits.flatMap((edit) => fromTexts(edit.before, edit.after, { excerpt: true }))
}

const OPEN_DIFF_LINES = 12

/** Whether a call shows its body without being asked: what runs, what failed, and small edits. */
export function isOpenAtFirst(row: ToolRow): boolean {
  if (row.state === 'failed') return true
  if (row.state === 'running' && row.tool.kind === 'shell') return row.result !== undefined
  if (row.tool.kind !== 'edit' || row.state !== 'ok') return false
  const { added, removed } = countChanges(hunksOf(row.tool, row.result?.diff))
  return added + removed <= OPEN_DIFF_LINES
}

export function readsWords(rows: readonly ToolRow[]): string {
  const reads = rows.filter((row) => row.tool.kind === 'read').length
  const searches = rows.length - reads
  const parts = [
    reads > 0 && `${reads === 1 ? 'a file' : `${reads} files`}`,
    searches > 0 && `${searches === 1 ? 'once' : `${searches} times`}`,
  ]
  if (reads === 0) return `Searched ${parts[1]}`
  return searches === 0 ? `Read ${parts[0]}` : `Read ${parts[0]}, searched ${parts[1]}`
}

const OUTCOMES = {
  allowed: 'Allowed',
  denied: 'Denied',
  answered: 'Answered',
  approved: 'Approved',
  rejected: 'Sent back',
  withdrawn: 'No longer asked',
} as const

/** Who settled something: `on iPhone`, `at the terminal`, or where its source says that it was. */
export function byWords(by: Decision['by']): string {
  if (by.kind === 'terminal') return 'at the terminal'
  return by.name ? `on ${by.name}` : ''
}

export function outcomeWords(decision: Pick<Decision, 'outcome' | 'edited'>): string {
  const word = OUTCOMES[decision.outcome]
  return decision.edited ? `Changed and ${word.toLowerCase()}` : word
}

/** The line under what was decided: `Allowed on iPhone at 9:16. Took 1.8 s.` */
export function decisionWords(decision: Decision, durationMs?: number): string {
  const head = [
    outcomeWords(decision),
    byWords(decision.by),
    `at ${clock(Date.parse(decision.at))}`,
  ]
  const parts = [`${head.filter(Boolean).join(' ')}.`]
  // What a person said is quoted; why it is no longer asked is said in Bellhop's own words.
  if (decision.text)
    parts.push(decision.outcome === 'withdrawn' ? decision.text : `“${decision.text}”`)
  for (const rule of decision.rules ?? []) parts.push(`From now on: ${rule}`)
  if (durationMs !== undefined) parts.push(`Took ${took(durationMs)}.`)
  return parts.join(' ')
}

const ENDINGS: Record<string, string> = {
  exited: 'The session was closed.',
  cleared: 'The session was cleared; a new one took its place.',
  died: 'The session ended without saying so.',
  stopped: 'The session was stopped.',
}

export const endWords = (row: Extract<TranscriptRow, { kind: 'ended' }>): string =>
  row.text ?? ENDINGS[row.reason] ?? 'The session ended.'
