const MINUTE_MS = 60_000

/** Counts what happened in the last minute, by name. */
export const createMinuteCounts = (nowMs: () => number) => {
  const times = new Map<string, number[]>()
  return {
    /** Counts one more; false, and nothing is counted, when there were so many already. */
    take: (name: string, max: number): boolean => {
      const now = nowMs()
      for (const [one, atMs] of times) {
        const recent = atMs.filter((at) => now - at < MINUTE_MS)
        if (recent.length > 0) times.set(one, recent)
        else times.delete(one)
      }
      const counted = times.get(name) ?? []
      if (counted.length >= max) return false
      times.set(name, [...counted, now])
      return true
    },
  }
}
