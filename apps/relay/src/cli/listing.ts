import { clipped, widthOf } from './text-width.ts'

/** Rows as columns of equal width; the last one takes what is left of the line. */
export const inColumns = (rows: readonly (readonly string[])[], columns: number): string[] => {
  const widths = (rows[0] ?? []).map((_, index) =>
    Math.max(...rows.map((row) => widthOf(row[index] ?? ''))),
  )
  return rows.map((row) => {
    const line = row
      .map((cell, index) =>
        index === row.length - 1 ? cell : cell + ' '.repeat((widths[index] ?? 0) - widthOf(cell)),
      )
      .join('  ')
    return widthOf(line) > columns && !line.includes('\u001b') ? clipped(line, columns) : line
  })
}

const MINUTE_MS = 60_000

/** A moment as a person would name it: the time today, else the day. */
export const moment = (at: string, nowMs: number): string => {
  const then = new Date(at)
  return nowMs - then.getTime() < 24 * 60 * MINUTE_MS
    ? then.toLocaleTimeString('en-GB', { hour: 'numeric', minute: '2-digit' })
    : then.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
}

/** When something was, as a person would say it. */
export const ago = (at: string, nowMs: number): string => {
  const ms = nowMs - Date.parse(at)
  if (ms < MINUTE_MS) return 'now'
  if (ms < 60 * MINUTE_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`
  return moment(at, nowMs)
}
