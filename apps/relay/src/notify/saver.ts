/** Writes the newest of what changes often: one write at a time, and never an older state last. */
export interface Saver {
  /** Resolves when what is true now has been written. */
  save(): Promise<void>
  /** Whether the last write failed, so that what is written is not what is true. */
  isDirty(): boolean
}

export const createSaver = (write: () => Promise<void>): Saver => {
  let dirty = false
  let writing: Promise<void> | undefined

  const writeAll = async () => {
    try {
      while (dirty) {
        dirty = false
        await write()
      }
    } catch (error) {
      dirty = true
      throw error
    } finally {
      // Here and not after the promise, or a change in between would be told it had been written.
      writing = undefined
    }
  }

  return {
    save: () => {
      dirty = true
      writing ??= writeAll()
      return writing
    },
    isDirty: () => dirty,
  }
}
