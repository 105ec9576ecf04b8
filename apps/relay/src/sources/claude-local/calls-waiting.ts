import type { Link } from './link.ts'

type Waiting = { link: Link; sinceMs: number; calls: (() => void)[] }

const callsMax = 200
/** How long a process that calls in may be missing from the registry. */
const strangerMs = 3_000

/** Calls of processes whose session is not known yet, kept until it is. */
export class CallsWaiting {
  readonly #waiting = new Map<number, Waiting>()

  add(link: Link, call: () => void): void {
    const { pid } = link
    const waiting = this.#waiting.get(pid) ?? { link, sinceMs: Date.now(), calls: [] }
    this.#waiting.set(pid, waiting)
    if (waiting.calls.length < callsMax) waiting.calls.push(call)
  }

  forget(pid: number): void {
    this.#waiting.delete(pid)
  }

  /** Makes the calls whose process is known, or has been a stranger long enough to be made known. */
  deliver(isKnown: (pid: number) => boolean, makeKnown: (link: Link) => void): void {
    for (const [pid, { link, sinceMs, calls }] of this.#waiting) {
      if (!isKnown(pid) && Date.now() - sinceMs < strangerMs) continue
      this.#waiting.delete(pid)
      if (!isKnown(pid)) makeKnown(link)
      for (const call of calls) call()
    }
  }
}
