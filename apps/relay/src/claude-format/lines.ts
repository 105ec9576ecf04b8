/** Small readers for what comes from outside and is not known to be well formed. */
export type Fields = Readonly<Record<string, unknown>>

export const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined

/** A text that says something; undefined for anything else, the empty text included. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** What a table has under a name from outside; never what every object has, such as `constructor`. */
export const entryOf = <Value>(
  table: Readonly<Record<string, Value>>,
  name: string | undefined,
): Value | undefined => (name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined)

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/

/** A time as it was stated; undefined for anything that is not one in full. */
export const isoTimeOf = (value: unknown): string | undefined => {
  const text = textOf(value)
  return text && isoTime.test(text) ? text : undefined
}

/** Cuts a stream of text into lines; calls `tooLong` once and then nothing when a line passes the bound. */
export function lineReader(
  maxChars: number,
  onLine: (line: string) => void,
  tooLong: () => void,
): (chunk: string) => void {
  let rest = ''
  let isOver = false
  return (chunk) => {
    if (isOver) return
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') onLine(line)
    if (rest.length > maxChars) {
      isOver = true
      rest = ''
      tooLong()
    }
  }
}
