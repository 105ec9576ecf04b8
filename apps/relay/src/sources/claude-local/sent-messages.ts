/** Messages sent from here that have not yet come back as the session's own record of them. */
import { createHash } from 'node:crypto'
import type { Actor, CommandId, EventDraft } from '@bellhop/core'
import { fieldsOf, listOf, numberOf, textOf } from '../../claude-format/lines.ts'

export interface SentMessage {
  text: string
  commandId: CommandId
  by: Actor
  sentAtMs: number
}

/** What is kept of one: it is known again by its words without holding them. */
type Kept = Omit<SentMessage, 'text'> & { digest: string }

const keptMs = 60 * 60_000
const keptMax = 50

// The terminal trims, and turns tabs to spaces.
const normal = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

const digestOf = (text: string) =>
  createHash('sha256').update(normal(text)).digest('base64url').slice(0, 22)

const readKept = (value: unknown): Kept[] => {
  const { digest, commandId, by, sentAtMs } = fieldsOf(value) ?? {}
  const isWhole = textOf(digest) && textOf(commandId) && textOf(fieldsOf(by)?.kind)
  if (!isWhole || numberOf(sentAtMs) === undefined) return []
  return [value as Kept]
}

export class SentMessages {
  #sent: Kept[] = []
  readonly #waiting = new Set<{ text: string; resolve: () => void }>()

  add({ text, ...message }: SentMessage): void {
    const now = message.sentAtMs
    const recent = this.#sent.filter(({ sentAtMs }) => now - sentAtMs < keptMs)
    this.#sent = [...recent.slice(1 - keptMax), { ...message, digest: digestOf(text) }]
  }

  save(): unknown {
    return this.#sent
  }

  /** Takes up what was sent before a restart. */
  restore(saved: unknown): void {
    this.#sent = [...listOf(saved).flatMap(readKept), ...this.#sent].slice(-keptMax)
  }

  /** Takes one back that was not delivered after all. */
  remove(commandId: CommandId): void {
    this.#sent = this.#sent.filter((sent) => sent.commandId !== commandId)
  }

  /** Resolves once the session says it was told these words. */
  whenTaken(text: string): { taken: Promise<void>; cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    const waiting = { text: normal(text), resolve }
    this.#waiting.add(waiting)
    return { taken: promise, cancel: () => this.#waiting.delete(waiting) }
  }

  /** The session was told these words, by whomever. */
  taken(text: string): void {
    const said = normal(text)
    for (const waiting of this.#waiting) {
      // A message to the inbox arrives wrapped.
      if (said !== waiting.text && !said.includes(waiting.text)) continue
      this.#waiting.delete(waiting)
      waiting.resolve()
    }
  }

  /** Names the command and the device behind a message in the transcript that came from here. */
  attribute(draft: EventDraft): EventDraft {
    if (draft.type !== 'message.person') return draft
    const said = normal(draft.text)
    this.taken(said)
    const digest = digestOf(said)
    const index = this.#sent.findIndex((sent) => sent.digest === digest)
    const sent = this.#sent[index]
    if (!sent) return draft
    this.#sent.splice(index, 1)
    const deviceName = sent.by.kind === 'device' ? sent.by.name : undefined
    return { ...draft, causedBy: sent.commandId, ...(deviceName && { deviceName }) }
  }
}
