import type { SkipCounter } from '../cloud-api.ts'

/** Counts what was not understood since the relay started. */
export const createSkipCounter = (): SkipCounter => {
  const counts = new Map<string, number>()
  return {
    skip: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1),
    counts: () => new Map(counts),
  }
}
