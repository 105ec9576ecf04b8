/** Things that may be taken once. Remembers the newest so many. */
export const createOnce = <Key>(limit = 1_000) => {
  const taken = new Set<Key>()
  return {
    /** True for the first to ask, until it is released. */
    take: (key: Key): boolean => {
      if (taken.has(key)) return false
      taken.add(key)
      const [oldest] = taken
      if (taken.size > limit && oldest !== undefined) taken.delete(oldest)
      return true
    },
    release: (key: Key): void => void taken.delete(key),
  }
}
