import { fieldsOf, numberOf } from '../../../claude-format/lines.ts'
import type { CloudRow } from '../cloud-api.ts'
import { addNote, type Telling } from './telling.ts'

/** Long enough for a prompt to come late, and for a worker that is asked to name it. */
const patienceMs = 25_000
const words =
  'It waits for somebody, and has not said here what for. That can only be answered at its machine.'

/** Whether a session waits for something that is never asked here; said once each time. */
export class MachineNeed {
  #sinceMs: number | undefined
  #isTold: boolean

  constructor(saved?: unknown) {
    const fields = fieldsOf(saved) ?? {}
    this.#sinceMs = numberOf(fields.sinceMs)
    this.#isTold = fields.isTold === true
  }

  save(): unknown {
    return { sinceMs: this.#sinceMs, isTold: this.#isTold }
  }

  /** The list’s word; with a prompt open here nobody has to go to the machine. */
  follow({ worker, connection }: CloudRow, hasPrompts: boolean, nowMs: number): void {
    const isNeeded = worker === 'requires_action' && connection !== 'disconnected'
    if (!isNeeded) this.#isTold = false
    this.#sinceMs = isNeeded && !hasPrompts ? (this.#sinceMs ?? nowMs) : undefined
  }

  /** The record has said what it is. */
  said(): void {
    this.#isTold = true
  }

  get settlesAtMs(): number | undefined {
    if (this.#sinceMs === undefined || this.#isTold) return undefined
    return this.#sinceMs + patienceMs
  }

  settle(telling: Telling, hasPrompts: boolean, nowMs: number): void {
    if (hasPrompts) this.#sinceMs = undefined
    const sinceMs = this.#sinceMs
    if (sinceMs === undefined || nowMs < (this.settlesAtMs ?? Number.POSITIVE_INFINITY)) return
    this.#isTold = true
    addNote(telling, { text: words, tone: 'warning', key: `machine:${sinceMs}` })
  }
}
