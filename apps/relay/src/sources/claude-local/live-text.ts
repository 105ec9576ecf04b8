/** What a session says and does this second, from its hooks. May be lost. */
import { BOUNDS, cut, firstLine, type SessionId, type Signal, toolLine } from '@bellhop/core'
import { type Fields, fieldsOf, textOf } from '../../claude-format/lines.ts'
import { toolDetail } from '../../claude-format/tool-detail.ts'

export class LiveText {
  readonly #sessionId: SessionId
  readonly #texts = new Map<string, { messageId: string; text: string }>()

  constructor(sessionId: SessionId) {
    this.#sessionId = sessionId
  }

  /** Whether words were shown live that the transcript has not told yet. */
  isAhead(agentId = ''): boolean {
    return this.#texts.has(agentId)
  }

  /** The transcript has caught up. */
  caughtUp(agentId = ''): void {
    this.#texts.delete(agentId)
  }

  /** The turn is over: takes back what no message came of. */
  clear(): Signal[] {
    const agentIds = [...this.#texts.keys()]
    this.#texts.clear()
    return agentIds.map((agentId) => ({
      type: 'text.partial',
      ...this.#where(agentId),
      text: '',
    }))
  }

  /** What the hook says to people watching; nothing for most. */
  signals(hook: Fields): Signal[] {
    const agentId = textOf(hook.agent_id) ?? ''
    switch (hook.hook_event_name) {
      case 'MessageDisplay':
        return this.#words(hook, agentId)
      case 'PreToolUse':
        return [this.#activity(agentId, activityText(hook))]
      case 'PostToolUse':
      case 'PostToolUseFailure':
      case 'Stop':
      case 'StopFailure':
      case 'SubagentStop':
        return [this.#activity(agentId, '')]
      default:
        return []
    }
  }

  #words(hook: Fields, agentId: string): Signal[] {
    const messageId = textOf(hook.message_id)
    const delta = textOf(hook.delta)
    if (!messageId || !delta) return []
    const known = this.#texts.get(agentId)
    const before = known?.messageId === messageId ? known.text : ''
    const { text } = cut(before + delta, BOUNDS.message)
    this.#texts.set(agentId, { messageId, text })
    return [{ type: 'text.partial', ...this.#where(agentId), text }]
  }

  #activity(agentId: string, text: string): Signal {
    const since = text === '' ? {} : { since: new Date().toISOString() }
    return { type: 'activity', ...this.#where(agentId), text, ...since }
  }

  #where(agentId: string) {
    return { sessionId: this.#sessionId, ...(agentId && { subagent: { agentId } }) }
  }
}

function activityText(hook: Fields): string {
  const input = fieldsOf(hook.tool_input) ?? {}
  const name = textOf(hook.tool_name) ?? ''
  const described = textOf(input.description)
  const line = described ?? toolLine(toolDetail(name, input))
  return cut(firstLine(line === name ? name : `${name}: ${line}`), BOUNDS.line).text
}
