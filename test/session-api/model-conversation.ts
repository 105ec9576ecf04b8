import { messageOf } from '../support/model-message.ts'
import { type ApiMessage, type ModelTurn, scriptedTurn } from '../support/model-script.ts'

/** The scripted model behind a worker: what it was told, and what it says next. */
export interface ModelConversation {
  push(...turns: ModelTurn[]): void
  hear(text: string): void
  hearResults(ids: readonly string[]): void
  /** The next reply, with the blocks of its message; tool calls have ids. */
  next(model: string): { turn: ModelTurn; message: ReturnType<typeof messageOf> }
  forget(): void
}

/** Says what was pushed, else what a `@@` script in the newest prompt asks for, else "done". */
export const createModelConversation = (): ModelConversation => {
  const turns: ModelTurn[] = []
  let messages: ApiMessage[] = []
  return {
    push: (...more) => void turns.push(...more),
    hear: (text) => void messages.push({ role: 'user', content: text }),
    hearResults: (ids) =>
      void messages.push({ role: 'user', content: ids.map(() => ({ type: 'tool_result' })) }),
    next: (model) => {
      const said = messages.findLast(({ role }) => role === 'user')?.content
      const fits = ({ match }: ModelTurn) => {
        if (match === undefined) return true
        const newest = messages.findLast((one) => typeof one.content === 'string')?.content
        return new RegExp(match).test(typeof newest === 'string' ? newest : '')
      }
      const at = turns.findIndex(fits)
      const turn = turns.splice(at, at < 0 ? 0 : 1)[0] ??
        scriptedTurn(messages) ?? { text: said ? 'done' : '' }
      const message = messageOf(turn, { model, messages })
      messages.push({ role: 'assistant', content: message.content.map(({ type }) => ({ type })) })
      return { turn, message }
    },
    forget: () => {
      messages = []
    },
  }
}
