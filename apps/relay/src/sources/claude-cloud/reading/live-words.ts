import { BOUNDS, cut, type SessionId, type Signal, type Subagent } from '@bellhop/core'
import { type Fields, fieldsOf, textOf } from '../../../claude-format/lines.ts'

type Partial = { messageId?: string; ordinal: number; text: string; isTold: boolean }

const keptMessages = 20

/** The reply so far, where a worker streams it. Trailing pieces of told words are dropped. [A-35] [SI-2] */
export class LiveWords {
  readonly #partials = new Map<string, Partial>()
  /** How many texts of a message are stored. */
  readonly #told = new Map<string, number>()

  /** A text of a message is stored. */
  told(messageId: string | undefined, agentId = ''): void {
    if (messageId) {
      this.#told.set(messageId, (this.#told.get(messageId) ?? 0) + 1)
      if (this.#told.size > keptMessages) this.#told.delete([...this.#told.keys()][0] ?? '')
    }
    const partial = this.#partials.get(agentId)
    if (partial) Object.assign(partial, { text: '', isTold: true })
  }

  /** Takes back what no stored text came of. */
  clear(sessionId: SessionId): Signal[] {
    const shown = [...this.#partials].filter(([, { text }]) => text !== '')
    this.#partials.clear()
    return shown.map(([agentId]) => ({
      type: 'text.partial',
      sessionId,
      ...(agentId && { subagent: { agentId } }),
      text: '',
    }))
  }

  /** One piece, as the API streams it. */
  piece(event: Fields, sessionId: SessionId, subagent?: Subagent): Signal[] {
    const agentId = subagent?.agentId ?? ''
    const partial = this.#partials.get(agentId) ?? { ordinal: 0, text: '', isTold: false }
    this.#partials.set(agentId, partial)
    if (event.type === 'message_start') {
      const messageId = textOf(fieldsOf(event.message)?.id)
      Object.assign(partial, { messageId, ordinal: 0, text: '', isTold: false })
    } else if (event.type === 'content_block_start') {
      if (fieldsOf(event.content_block)?.type !== 'text') return []
      Object.assign(partial, { ordinal: partial.ordinal + 1, text: '', isTold: false })
    } else if (event.type === 'content_block_delta') {
      const delta = textOf(fieldsOf(event.delta)?.text)
      const stored = this.#told.get(partial.messageId ?? '') ?? 0
      if (!delta || partial.isTold || (partial.ordinal > 0 && partial.ordinal <= stored)) return []
      partial.text = cut(partial.text + delta.replaceAll('\0', ''), BOUNDS.message).text
      return [
        { type: 'text.partial', sessionId, ...(subagent && { subagent }), text: partial.text },
      ]
    }
    return []
  }
}
