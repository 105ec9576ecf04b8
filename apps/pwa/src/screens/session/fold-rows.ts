import type { TranscriptRow } from '@bellhop/core'

export type ToolRow = Extract<TranscriptRow, { kind: 'tool' }>
export type AskedRow = Extract<TranscriptRow, { kind: 'permission' }>

/** One line of a ledger: a call, several reads in one, an ask without a call, or a subagent with all it did. */
export type LedgerEntry =
  | { readonly kind: 'call'; readonly key: string; readonly row: ToolRow }
  | { readonly kind: 'reads'; readonly key: string; readonly rows: readonly ToolRow[] }
  | { readonly kind: 'asked'; readonly key: string; readonly row: AskedRow }
  | {
      readonly kind: 'agent'
      readonly key: string
      readonly title: string
      readonly call: ToolRow | undefined
      readonly rows: readonly TranscriptRow[]
    }

/** One thing in the transcript as it is drawn. */
export type Item =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'ledger'; readonly key: string; readonly entries: readonly LedgerEntry[] }
  | {
      readonly kind: 'row'
      readonly key: string
      readonly row: Exclude<TranscriptRow, ToolRow | AskedRow>
    }

const READS_TO_FOLD = 3
const HELD_ENDS = new Set(['agent_not_allowed', 'agent_not_answered', 'device_removed'])

type Draft = {
  items: Item[]
  entries: LedgerEntry[] | undefined
  agents: Map<string, AgentDraft>
  day: string
}
type AgentDraft = { entries: LedgerEntry[]; at: number; rows: TranscriptRow[] }

/**
 * Groups rows for drawing: calls that follow each other share a ledger, three or more reads fold into a line, a
 * subagent's rows stand under its own line, and a new day is said. Pure. Items and entries that did not change are the
 * objects of `before`.
 */
export function foldRows(rows: readonly TranscriptRow[], before: readonly Item[] = []): Item[] {
  const draft: Draft = { items: [], entries: undefined, agents: new Map(), day: '' }
  for (const row of rows) {
    // Words that were taken back have left their row, and nothing in it.
    if (row.kind === 'agent' && row.text === '') continue
    // What became of an agent's command that was held stands under its asking.
    if (row.kind === 'refused' && HELD_ENDS.has(row.code)) continue
    if (row.subagent) addToAgent(draft, row, row.subagent)
    else addRow(draft, row)
  }
  const known = new Map(before.map((item) => [item.key, item]))
  return draft.items.map((item) => reuse(finish(item), known.get(item.key)))
}

function addRow(draft: Draft, row: TranscriptRow): void {
  const day = new Date(row.at).toDateString()
  if (day !== draft.day) {
    if (draft.day !== '') {
      draft.entries = undefined
      draft.items.push({ kind: 'day', key: `day ${day}`, at: Date.parse(row.at) })
    }
    draft.day = day
  }
  if (row.kind === 'tool') ledger(draft, row.key).push({ kind: 'call', key: row.key, row })
  else if (row.kind === 'permission')
    ledger(draft, row.key).push({ kind: 'asked', key: row.key, row })
  else {
    draft.entries = undefined
    draft.items.push({ kind: 'row', key: row.key, row })
  }
}

function ledger(draft: Draft, firstKey: string): LedgerEntry[] {
  if (!draft.entries) {
    draft.entries = []
    draft.items.push({ kind: 'ledger', key: `ledger ${firstKey}`, entries: draft.entries })
  }
  return draft.entries
}

function addToAgent(
  draft: Draft,
  row: TranscriptRow,
  subagent: NonNullable<TranscriptRow['subagent']>,
): void {
  const known = draft.agents.get(subagent.agentId)
  if (known) {
    known.rows.push(row)
    return
  }
  const found = findCall(draft, subagent.description)
  const entries = found?.entries ?? ledger(draft, row.key)
  const at = found?.at ?? entries.length
  const call = found?.call
  const rows = [row]
  entries[at] = {
    kind: 'agent',
    key: call?.key ?? `agent ${subagent.agentId}`,
    title: subagent.description ?? subagent.agentType ?? 'Subagent',
    call,
    rows,
  }
  draft.agents.set(subagent.agentId, { entries, at, rows })
}

/** The call that started a subagent: the newest one with its description that has no subagent yet. */
function findCall(draft: Draft, description: string | undefined) {
  for (const item of draft.items.toReversed()) {
    if (item.kind !== 'ledger') continue
    const entries = item.entries as LedgerEntry[]
    const at = entries.findLastIndex(
      (entry) =>
        entry.kind === 'call' &&
        entry.row.tool.kind === 'subagent' &&
        (description === undefined || entry.row.tool.description === description),
    )
    const entry = entries[at]
    if (entry?.kind === 'call') return { entries, at, call: entry.row }
  }
  return undefined
}

const isRead = (entry: LedgerEntry): entry is Extract<LedgerEntry, { kind: 'call' }> =>
  entry.kind === 'call' &&
  (entry.row.tool.kind === 'read' || entry.row.tool.kind === 'search') &&
  entry.row.state === 'ok' &&
  !entry.row.decision

/** Folds runs of reads once all rows are in. */
function finish(item: Item): Item {
  if (item.kind !== 'ledger') return item
  const entries: LedgerEntry[] = []
  let run: ToolRow[] = []
  const close = () => {
    const [first] = run
    if (first && run.length >= READS_TO_FOLD)
      entries.push({ kind: 'reads', key: `reads ${first.key}`, rows: run })
    else entries.push(...run.map((row) => ({ kind: 'call' as const, key: row.key, row })))
    run = []
  }
  for (const entry of item.entries) {
    if (isRead(entry)) run.push(entry.row)
    else {
      close()
      entries.push(entry)
    }
  }
  close()
  return { ...item, entries }
}

function reuse(item: Item, before: Item | undefined): Item {
  if (!before || before.kind !== item.kind) return item
  if (item.kind === 'row') return before.kind === 'row' && before.row === item.row ? before : item
  if (item.kind === 'day') return before
  if (before.kind !== 'ledger') return item
  const known = new Map(before.entries.map((entry) => [entry.key, entry]))
  const entries = item.entries.map((entry) => {
    const old = known.get(entry.key)
    return old && sameEntry(old, entry) ? old : entry
  })
  return sameList(entries, before.entries) ? before : { ...item, entries }
}

function sameEntry(a: LedgerEntry, b: LedgerEntry): boolean {
  if (a.kind === 'call' || a.kind === 'asked') return a.kind === b.kind && a.row === b.row
  if (a.kind === 'reads') return b.kind === 'reads' && sameList(a.rows, b.rows)
  return b.kind === 'agent' && a.call === b.call && sameList(a.rows, b.rows)
}

const sameList = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((one, at) => one === b[at])
