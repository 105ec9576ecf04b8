/** A difference that a slow line and rounding cannot make. */
const WORTH_SAYING_MS = 2 * 60_000

/** How far the clock here is behind the other side’s, by the `Date` of an answer; undefined without one. */
export const clockOffMs = (headers: Headers, nowMs: number): number | undefined => {
  const theirsMs = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(theirsMs) ? undefined : theirsMs - nowMs
}

const plural = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`

/** The same in words, `9 minutes`; undefined when it is not worth a word. */
export const clockOffWords = (offMs: number | undefined): string | undefined => {
  if (offMs === undefined || Math.abs(offMs) < WORTH_SAYING_MS) return undefined
  const minutes = Math.round(Math.abs(offMs) / 60_000)
  if (minutes < 120) return plural(minutes, 'minute')
  const hours = Math.round(minutes / 60)
  return hours < 48 ? plural(hours, 'hour') : plural(Math.round(hours / 24), 'day')
}
