import type { SkipCounter } from '../cloud-api.ts'
import { listOf } from './read-fields.ts'

/** Reads what can be read; the rest costs only itself, and is counted. */
export const readRows = <Read>(
  values: unknown,
  what: 'row' | 'event',
  skips: SkipCounter,
  read: (value: unknown) => Read | undefined,
): { read: Read[]; skipped: number } => {
  const found: Read[] = []
  let skipped = 0
  for (const value of listOf(values)) {
    const one = read(value)
    if (one !== undefined) {
      found.push(one)
      continue
    }
    skipped += 1
    skips.skip(what)
  }
  return { read: found, skipped }
}
