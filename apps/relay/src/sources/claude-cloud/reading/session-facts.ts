import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { bareWords, firstLine } from '@bellhop/core'
import { fieldsOf, isoTimeOf, numberOf } from '../../../claude-format/lines.ts'
import { isoTime } from '../../../clock.ts'
import type { CloudRow } from '../cloud-api.ts'
import { rowFacts, type WireFacts } from './row-facts.ts'
import { line } from './telling.ts'

/** What is known of a session, from the list and from its events, so that only what changed is told. */
export class SessionFacts {
  isStarted: boolean
  isEnded: boolean
  offlineSince: string | undefined
  #known: WireFacts
  /** What the list said last: it lags behind the events, so only what it changes is taken from it. */
  #row: WireFacts
  #news: WireFacts = {}
  /** How often something new was told: facts may go back and forth within a moment. */
  #changes: number

  constructor(saved?: unknown) {
    const fields = fieldsOf(saved) ?? {}
    this.isStarted = fields.isStarted === true
    this.isEnded = fields.isEnded === true
    this.offlineSince = isoTimeOf(fields.offlineSince)
    this.#known = (fieldsOf(fields.known) ?? {}) as WireFacts
    this.#row = (fieldsOf(fields.row) ?? {}) as WireFacts
    this.#changes = numberOf(fields.changes) ?? 0
  }

  save(): unknown {
    const { isStarted, isEnded, offlineSince } = this
    const [known, row, changes] = [this.#known, this.#row, this.#changes]
    return { isStarted, isEnded, offlineSince, known, row, changes }
  }

  get changes(): number {
    return this.#changes
  }

  get known(): WireFacts {
    return this.#known
  }

  learn(learned: WireFacts): void {
    for (const [name, value] of Object.entries(learned)) {
      const field = name as keyof WireFacts
      if (value === undefined || isDeepStrictEqual(this.#known[field], value)) continue
      Object.assign(this.#known, { [field]: value })
      Object.assign(this.#news, { [field]: value })
    }
  }

  /** The first words stand in for a title until there is one. */
  firstWords(text: string): void {
    const title = line(firstLine(bareWords(text)))
    if (this.#known.title === undefined && title !== '') this.learn({ title })
  }

  learnRow(row: CloudRow, nowMs: number): void {
    const facts = rowFacts(row)
    const changed = Object.entries(facts).filter(
      ([name, value]) => !isDeepStrictEqual(this.#row[name as keyof WireFacts], value),
    )
    this.#row = { ...this.#row, ...facts }
    this.learn(Object.fromEntries(changed))
    this.#learnConnection(row, nowMs)
  }

  /** What is new since it was last asked; undefined when nothing is. */
  takeNews(): WireFacts | undefined {
    const news = this.#news
    this.#news = {}
    if (Object.keys(news).length === 0) return undefined
    this.#changes += 1
    return news
  }

  #learnConnection(row: CloudRow, nowMs: number): void {
    if (row.connection === 'connected' && this.offlineSince !== undefined) {
      this.offlineSince = undefined
      this.learn({ offlineSince: null })
    } else if (row.connection === 'disconnected' && this.offlineSince === undefined) {
      // Of a session first seen so, its last event is the best that is known.
      const sinceMs = this.isStarted ? nowMs : (row.lastEventAtMs ?? nowMs)
      this.offlineSince = isoTime(sinceMs)
      this.learn({ offlineSince: this.offlineSince })
    }
  }
}

/** Tells the same news at the same moment apart from other news. */
export const digestOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 12)
