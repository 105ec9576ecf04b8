import { fieldsOf, listOf, numberOf, textOf } from '../../../claude-format/lines.ts'

const keptIds = 600
const keptGaps = 50

/** What has been read, so that it is read once: by number, and by uuid for what has none. [A-29] [I5] */
export class SeenEvents {
  last = 0
  first: number | undefined
  readonly #ids: Set<string>
  /** Numbers that were passed over, as closed ranges; what comes late is still read. */
  readonly #gaps: [number, number][] = []

  constructor(saved?: unknown) {
    const fields = fieldsOf(saved) ?? {}
    this.last = numberOf(fields.last) ?? 0
    this.first = numberOf(fields.first)
    this.#ids = new Set(listOf(fields.ids).filter((id) => textOf(id)) as string[])
    for (const gap of listOf(fields.gaps)) {
      const [from, to] = listOf(gap)
      if (numberOf(from) && numberOf(to)) this.#gaps.push([from as number, to as number])
    }
  }

  save(): unknown {
    const { last, first } = this
    return { last, first, ids: [...this.#ids].slice(-keptIds / 2), gaps: this.#gaps }
  }

  hasId(id: string): boolean {
    return this.#ids.has(id)
  }

  addId(id: string): void {
    this.#ids.add(id)
    if (this.#ids.size <= keptIds) return
    for (const oldest of [...this.#ids].slice(0, keptIds / 2)) this.#ids.delete(oldest)
  }

  /** Whether the number is a new one; it is taken for read from then on. */
  takeNumber(sequence: number): boolean {
    if (this.first === undefined) this.first = sequence
    if (sequence < this.first) return false
    if (sequence > this.last) {
      if (this.last > 0 && sequence > this.last + 1) {
        this.#gaps.push([this.last + 1, sequence - 1])
        if (this.#gaps.length > keptGaps) this.#gaps.shift()
      }
      this.last = sequence
      return true
    }
    const at = this.#gaps.findIndex(([from, to]) => from <= sequence && sequence <= to)
    const gap = this.#gaps[at]
    if (!gap) return false
    const halves: [number, number][] = [
      [gap[0], sequence - 1],
      [sequence + 1, gap[1]],
    ]
    this.#gaps.splice(at, 1, ...halves.filter(([from, to]) => from <= to))
    return true
  }
}
