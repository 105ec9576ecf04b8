/**
 * Questions and plans are tool calls in the transcript. Where a permission was shown for one, the
 * call beside it says nothing more; where none was (the relay was away), the call is what is shown.
 */
import type { EventDraft } from '@bellhop/core'
import { fieldsOf, textOf } from './lines.ts'

const dialogTools = ['AskUserQuestion', 'ExitPlanMode']
const keptMax = 100

export class DialogCalls {
  /** Calls that were shown as a permission. */
  readonly #shown: Set<string>
  /** Starts kept back until it is known whether a permission is shown for them. */
  readonly #kept: Map<string, EventDraft>

  constructor(saved?: unknown) {
    const fields = fieldsOf(saved) ?? {}
    const shown = Array.isArray(fields.shown) ? fields.shown.filter((id) => textOf(id)) : []
    this.#shown = new Set(shown)
    this.#kept = new Map(Object.entries(fieldsOf(fields.kept) ?? {}) as [string, EventDraft][])
  }

  save(): unknown {
    return {
      shown: [...this.#shown].slice(-keptMax),
      kept: Object.fromEntries([...this.#kept].slice(-keptMax)),
    }
  }

  /** A permission for the call is shown. */
  show(toolCallId: string, name: string): void {
    if (!dialogTools.includes(name)) return
    this.#shown.add(toolCallId)
    this.#kept.delete(toolCallId)
  }

  /** The drafts without what a permission already shows. */
  sift(drafts: readonly EventDraft[]): EventDraft[] {
    return drafts.flatMap((draft) => {
      if (draft.type === 'tool.started' && dialogTools.includes(draft.tool.name)) {
        if (!this.#shown.has(draft.toolCallId)) this.#kept.set(draft.toolCallId, draft)
        return []
      }
      if (draft.type !== 'tool.ended') return [draft]
      if (this.#shown.delete(draft.toolCallId)) {
        this.#kept.delete(draft.toolCallId)
        return []
      }
      const start = this.#kept.get(draft.toolCallId)
      this.#kept.delete(draft.toolCallId)
      return start ? [start, draft] : [draft]
    })
  }
}
