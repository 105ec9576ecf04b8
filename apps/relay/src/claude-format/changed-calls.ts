import type { EventDraft, ToolDetail } from '@bellhop/core'
import type { CalledTool } from './message-blocks.ts'
import { toolDetail } from './tool-detail.ts'

const keptMax = 100

/** Calls that run with another input than the agent called them with, until they have ended. */
export class ChangedCalls {
  readonly #tools = new Map<string, ToolDetail>()

  add({ toolUseId, name, input }: CalledTool): void {
    this.#tools.set(toolUseId, toolDetail(name, input))
    const oldest = this.#tools.keys().next().value
    if (this.#tools.size > keptMax && oldest) this.#tools.delete(oldest)
  }

  /** The end of a changed call says what ran; any other draft stays as it is. */
  complete(draft: EventDraft): EventDraft {
    const tool = draft.type === 'tool.ended' && this.#tools.get(draft.toolCallId)
    if (!tool) return draft
    this.#tools.delete(draft.toolCallId)
    return { ...draft, tool }
  }
}
