/** One hand at the keyboard: what is done for one command is whole before the next is begun. */
export class OneHand {
  #last: Promise<unknown> = Promise.resolve()

  /** Does it when everything asked for before is over; not at all once it is aborted. */
  hold<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(() => {
      signal.throwIfAborted()
      return work()
    })
    this.#last = done.catch(() => {})
    return done
  }
}
