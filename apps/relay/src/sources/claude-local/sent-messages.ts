/** Messages sent from here that have not yet come back as the session's own record of them. */
import type { Actor, CommandId, EventDraft } from '@bellhop/core'

export interface SentMessage {
  text: string
  commandId: CommandId
  by: Actor
  sentAtMs: number
}

const keptMs = 60 * 60_000
const keptMax = 50

// The terminal trims, and turns tabs to spaces.
const normal = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

export class SentMessages {
  #sent: SentMessage[] = []
  readonly #waiting = new Set<{ text: string; resolve: () => void }>()

  add(message: SentMessage): void {
    const now = message.sentAtMs
    const recent = this.#sent.filter(({ sentAtMs }) => now - sentAtMs < keptMs)
    this.#sent = [...recent.slice(1 - keptMax), message]
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
    const index = this.#sent.findIndex(({ text }) => normal(text) === said)
    const sent = this.#sent[index]
    if (!sent) return draft
    this.#sent.splice(index, 1)
    const deviceName = sent.by.kind === 'device' ? sent.by.name : undefined
    return { ...draft, causedBy: sent.commandId, ...(deviceName && { deviceName }) }
  }
}
