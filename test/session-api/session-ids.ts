/** Sixty-two to the twenty-second ids are enough; these count, so that failures can be read. */
export const suffixOf = (count: number): string => `01Bellhop${String(count).padStart(15, '0')}`

/** What both spellings of a session's id have in common. */
export const idSuffix = (id: string): string => id.replace(/^(?:cse|session)_/, '')

/** A moment as the API writes it: RFC 3339 with microseconds. */
export const apiTime = (ms: number): string => new Date(ms).toISOString().replace('Z', '000Z')
