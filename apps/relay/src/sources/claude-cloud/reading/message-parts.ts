import { type Fields, fieldsOf, listOf, textOf } from '../../../claude-format/lines.ts'

type Part = { type: string; text: string; messageId: string }
type Message = { parts: Part[] }

const keptMessages = 30
const keptSaid = 100

/** A block of an event, with the id its words go by; `isNew` is false for one told before. */
export type PlacedBlock = { block: Fields; messageId: string; isNew: boolean }

/**
 * Puts the blocks of one message together: mostly each comes alone, some servers send the message
 * anew as it grows, and a later event can take earlier ones back. [A-71]
 */
export class MessageParts {
  readonly #messages = new Map<string, Message>()
  /** The ids that the words of an event went by. */
  readonly #said: Map<string, string[]>

  constructor(saved?: unknown) {
    const entries = listOf(saved).map((entry) => listOf(entry))
    this.#said = new Map(
      entries.flatMap(([uuid, ids]) =>
        textOf(uuid) && Array.isArray(ids) ? [[uuid as string, ids as string[]]] : [],
      ),
    )
  }

  save(): unknown {
    return [...this.#said]
  }

  place(id: string, content: unknown, uuid: string): PlacedBlock[] {
    const message = this.#messages.get(id) ?? { parts: [] }
    this.#messages.set(id, message)
    if (this.#messages.size > keptMessages)
      this.#messages.delete([...this.#messages.keys()][0] ?? '')
    const blocks = listOf(content).map((block) => fieldsOf(block) ?? {})
    const { parts } = message
    const grows =
      parts.length > 0 &&
      blocks.length >= parts.length &&
      parts.every((part, at) => isGrown(part, blocks[at]))
    const placed = blocks.map((block, index) => {
      const known = grows ? parts[index] : parts.find((part) => isSame(part, block))
      const text = wordsOf(block)
      const isNew = !known || known.text !== text
      const messageId =
        known?.messageId ?? `${id}:${uuid}${index === 0 ? '' : `:${index}`}`.slice(0, 200)
      if (known) known.text = text
      else parts.push({ type: String(block.type), text, messageId })
      return { block, messageId, isNew }
    })
    this.#remember(uuid, placed)
    return placed
  }

  /** The ids of the words that an event said. */
  saidBy(uuid: string): readonly string[] {
    return this.#said.get(uuid) ?? []
  }

  #remember(uuid: string, placed: readonly PlacedBlock[]): void {
    const ids = placed
      .filter(({ block }) => block.type === 'text')
      .map(({ messageId }) => messageId)
    if (ids.length === 0) return
    this.#said.set(uuid, ids)
    if (this.#said.size > keptSaid) this.#said.delete([...this.#said.keys()][0] ?? '')
  }
}

const wordsOf = (block: Fields): string =>
  textOf(block.text) ?? textOf(block.thinking) ?? textOf(block.id) ?? ''

const isSame = (part: Part, block: Fields): boolean =>
  part.type === block.type && part.text !== '' && part.text === wordsOf(block)

const isGrown = (part: Part, block: Fields | undefined): boolean =>
  block !== undefined && part.type === block.type && wordsOf(block).startsWith(part.text)
