/** Waiting, as a port, so that tests can let it pass. */
export interface Timers {
  /** Runs once after the delay, unless disposed before. */
  after(delayMs: number, run: () => void): Disposable
}

/** The longest delay the platform’s own timer takes; whoever asks for more is woken early and asks again. */
const LONGEST_MS = 2 ** 31 - 1

export const systemTimers: Timers = {
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), LONGEST_MS))
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
