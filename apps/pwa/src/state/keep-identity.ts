import type { Transcript, TranscriptRow } from '@bellhop/core'

/** The second transcript, with every row that did not change being the first one's own object. */
export function keepIdentity(before: Transcript, after: Transcript): Transcript {
  if (before.rows.length === 0) return after
  const rows = after.rows.map((row) => {
    const at = before.index.get(row.key)
    const old = at === undefined ? undefined : before.rows[at]
    return old && sameRow(old, row) ? old : row
  })
  return { ...after, rows }
}

function sameRow(a: TranscriptRow, b: TranscriptRow): boolean {
  const keys = Object.keys(b) as (keyof TranscriptRow)[]
  return (
    keys.length === Object.keys(a).length &&
    keys.every((key) => a[key] === b[key] || JSON.stringify(a[key]) === JSON.stringify(b[key]))
  )
}
