import { BOUNDS, cut, type EventDraft } from '@bellhop/core'
import { fieldsOf, textOf } from '../../../claude-format/lines.ts'
import type { Telling } from './telling.ts'

export type TurnOutcome = Extract<EventDraft, { type: 'turn.ended' }>['outcome']
export type TurnEnd = { outcome: TurnOutcome; error?: string; durationMs?: number }

const keptWaiting = 50
/** A turn whose work is said to be over is given this long to tell how it ended. */
const endPatienceMs = 2_000
/** Work that nothing was heard of for this long, of a worker that says it is idle, is over. */
const restMs = 10_000

/**
 * Whether the agent works. A turn begins with the first sign of work and ends once; both are told
 * under one key, so that what closed it early and its real end are one. [A-75] [I5]
 */
export class Turns {
  /** What the open turn goes by; undefined between turns. */
  #open: string | undefined
  /** The turn is known to have been stopped by somebody. */
  isStopped = false
  /** Agent’s words after the end: the rest of the turn before, or the beginning of another. */
  #tail: string | undefined
  /** Messages that came and have not been begun with. */
  readonly #waiting: Set<string>
  #mayBegin = false
  #isFirst = true
  #overMs: number | undefined
  /** By the list the worker rests: as of then, and since when nothing has been heard. */
  #rest: { asOfMs: number; quietSinceMs: number } | undefined
  /** The messages the open turn is about. */
  #about = new Set<string>()
  /** The last turn ended by another word than its result, which may still come. */
  #isResultDue: boolean

  constructor(saved?: unknown) {
    const fields = fieldsOf(saved) ?? {}
    this.#open = textOf(fields.open)
    this.#tail = textOf(fields.tail)
    this.isStopped = fields.isStopped === true
    this.#isResultDue = fields.isResultDue === true
    this.#mayBegin = fields.mayBegin === true
    this.#isFirst = fields.isFirst !== false
    const waiting = Array.isArray(fields.waiting) ? fields.waiting : []
    this.#waiting = new Set(waiting.filter((uuid) => textOf(uuid)))
  }

  save(): unknown {
    const waiting = [...this.#waiting]
    const { isStopped } = this
    const [open, tail, mayBegin, isFirst] = [this.#open, this.#tail, this.#mayBegin, this.#isFirst]
    const isResultDue = this.#isResultDue
    return { open, tail, waiting, isStopped, mayBegin, isFirst, isResultDue }
  }

  get isOpen(): boolean {
    return this.#open !== undefined
  }

  /** When a turn that seems over is taken for over. */
  get settlesAtMs(): number | undefined {
    if (!this.isOpen) return undefined
    const overMs = this.#overMs === undefined ? Infinity : this.#overMs + endPatienceMs
    const restedMs = this.#rest ? this.#rest.quietSinceMs + restMs : Infinity
    const dueMs = Math.min(overMs, restedMs)
    return dueMs === Infinity ? undefined : dueMs
  }

  /** The list says whether the worker rests; `asOfMs` is the last event it knows of. */
  rests(isAtRest: boolean, asOfMs: number): void {
    const quietSinceMs = Math.max(asOfMs, this.#rest?.quietSinceMs ?? 0)
    this.#rest = isAtRest ? { asOfMs, quietSinceMs } : undefined
  }

  /** Something was heard that was made then. */
  heard(createdAtMs: number): void {
    if (this.#rest && createdAtMs > this.#rest.quietSinceMs) this.#rest.quietSinceMs = createdAtMs
  }

  /** A message is stored; what is said to a worker that is away starts no work. */
  wait(uuid: string): void {
    this.#waiting.add(uuid)
    if (this.#waiting.size > keptWaiting) this.#waiting.delete([...this.#waiting][0] ?? '')
  }

  /** The worker has begun with a message it was given. */
  processing(telling: Telling, uuid: string): void {
    if (this.#waiting.has(uuid)) this.begin(telling, uuid)
  }

  /** Something is about to be done that nobody here asked for. */
  allow(): void {
    if (!this.isOpen) this.#mayBegin = true
  }

  /** A sure sign of work. */
  begin(telling: Telling, key: string): void {
    if (this.#open !== undefined) return
    this.#open = key
    this.isStopped = false
    this.#isFirst = false
    this.#mayBegin = false
    this.#tail = undefined
    this.#overMs = undefined
    // What the list said before its beginning says nothing of this turn.
    if (this.#rest && Date.parse(telling.at) > this.#rest.asOfMs) this.#rest = undefined
    this.#isResultDue = false
    this.#about = new Set([...this.#waiting, key])
    this.#waiting.clear()
    telling.drafts.push({
      sessionId: telling.sessionId,
      at: telling.at,
      type: 'turn.started',
      dedupeKey: `turn:${key}:start`,
    })
    telling.observed.push({ kind: 'turn', isOpen: true })
  }

  /** Work of which no beginning is known, as it was read from the middle of a turn. */
  first(telling: Telling, key: string): void {
    if (this.#isFirst) this.begin(telling, key)
  }

  /** Agent’s words: of the open turn; or left over from one that has ended, unless more is to come. */
  said(telling: Telling, key: string): void {
    if (this.isOpen) this.#overMs = undefined
    else if (this.#isFirst || this.#mayBegin || this.#waiting.size > 0) this.begin(telling, key)
    else this.#tail ??= key
  }

  end(telling: Telling, { outcome, error, durationMs }: TurnEnd): void {
    const key = this.#open
    if (key === undefined) return
    this.#open = undefined
    this.#overMs = undefined
    this.isStopped = false
    telling.drafts.push({
      sessionId: telling.sessionId,
      at: telling.at,
      type: 'turn.ended',
      outcome,
      ...(error && { error: cut(error, BOUNDS.reason).text }),
      ...(durationMs !== undefined && durationMs > 0 && { durationMs }),
      dedupeKey: `turn:${key}:end`,
    })
    telling.observed.push({ kind: 'turn', isOpen: false })
    telling.signals.push({ type: 'activity', sessionId: telling.sessionId, text: '' })
  }

  /** Ends it by a sign that is there before the result, or in its stead. */
  endEarly(telling: Telling, end: TurnEnd): void {
    if (!this.isOpen) return
    this.end(telling, end)
    this.#isResultDue = true
  }

  /** The worker is done with a message. */
  processed(uuid: string, nowMs: number): void {
    if (this.#about.has(uuid)) this.seemsOver(nowMs)
  }

  /** The worker’s own word that a turn is over; one whose beginning was not known had one. */
  result(telling: Telling, end: TurnEnd, key: string): void {
    if (!this.isOpen && this.#isResultDue && this.#tail === undefined) {
      this.#isResultDue = false
      return
    }
    const unseen = this.#tail ?? [...this.#waiting][0] ?? (this.#isFirst ? key : undefined)
    if (unseen !== undefined) this.begin(telling, unseen)
    this.end(telling, end)
    this.#tail = undefined
  }

  /** Its work seems over; how it ended may still be told. */
  seemsOver(nowMs: number): void {
    if (this.isOpen) this.#overMs ??= nowMs
  }

  settle(telling: Telling, nowMs: number): void {
    if (this.settlesAtMs === undefined || nowMs < this.settlesAtMs) return
    this.endEarly(telling, { outcome: this.isStopped ? 'interrupted' : 'finished' })
  }
}
