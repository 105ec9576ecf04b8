/** Functions to run when something happens, in the order they were added. */
export const createListeners = () => {
  const listeners = new Set<() => void>()
  return {
    add: (listener: () => void): Disposable => {
      // Wrapped, so that the same function added twice is two listeners.
      const own = () => listener()
      listeners.add(own)
      return { [Symbol.dispose]: () => void listeners.delete(own) }
    },
    run: (): void => {
      for (const listener of listeners) listener()
    },
  }
}
