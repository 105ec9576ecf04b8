/** What hooks have told of a session that its transcript has not told yet. */
import type { EventDraft } from '@bellhop/core'
import { type Fields, textOf } from '../../claude-format/lines.ts'

// A call whose line has not come by now is not coming.
const callAheadMs = 2_000

export class Ahead {
  #hasPrompt = false
  readonly #calls = new Map<string, number>()

  hook(hook: Fields): void {
    if (hook.agent_id) return
    const toolUseId = textOf(hook.tool_use_id)
    if (hook.hook_event_name === 'UserPromptSubmit') this.#hasPrompt = true
    else if (hook.hook_event_name === 'PreToolUse' && toolUseId) {
      this.#calls.set(toolUseId, Date.now() + callAheadMs)
    }
  }

  /** The transcript told this. */
  told(draft: EventDraft): void {
    if (draft.type === 'message.person' || draft.type === 'turn.ended') this.#hasPrompt = false
    if (draft.type === 'tool.started' || draft.type === 'tool.ended') {
      this.#calls.delete(draft.toolCallId)
    }
  }

  /** Whether more than the call itself is still to come. */
  isBefore(toolUseId: string | undefined): boolean {
    const now = Date.now()
    for (const [id, untilMs] of this.#calls) if (untilMs < now) this.#calls.delete(id)
    return this.#hasPrompt || [...this.#calls.keys()].some((id) => id !== toolUseId)
  }
}
