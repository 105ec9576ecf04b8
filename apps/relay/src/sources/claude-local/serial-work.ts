/** Does one thing after the other; once one has failed or it is closed, no more is begun. */
export class SerialWork {
  readonly #onFailure: (error: unknown) => void
  #last: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  add(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(() => (this.#isClosed ? undefined : work()))
    this.#last = done.catch((error: unknown) => {
      this.#isClosed = true
      this.#onFailure(error)
    })
    return done
  }

  close(): void {
    this.#isClosed = true
  }
}
