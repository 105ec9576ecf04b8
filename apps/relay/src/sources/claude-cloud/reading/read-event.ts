/** One event’s payload, handed to whoever reads its type. */
import { fieldsOf, numberOf, textOf } from '../../../claude-format/lines.ts'
import { readAssistant } from './read-assistant.ts'
import {
  readCancel,
  readControlRequest,
  readControlResponse,
  withdrawPrompts,
} from './read-control.ts'
import { readResult } from './read-result.ts'
import { readRateLimit, readSystem } from './read-system.ts'
import { readUser } from './read-user.ts'
import type { ReadingState } from './reading-state.ts'
import { addActivity, addNote, addSourceNote, type EventTelling } from './telling.ts'

/** Whether it could be read at all. */
type Read = (state: ReadingState, telling: EventTelling) => boolean | undefined

const nothing: Read = () => true
const hasMessage = ({ payload }: EventTelling) => {
  const content = fieldsOf(payload.message)?.content
  return typeof content === 'string' || Array.isArray(content)
}

/** An empty conversation in the same session. [A-74] */
const reset: Read = (state, telling) => {
  withdrawPrompts(state, telling)
  const text = 'A new conversation begins here. What was said before is not known to the agent.'
  addNote(telling, { text, key: `event:${telling.uuid}:note` })
  // Whoever asked for it is answered by this; no result follows.
  state.turns.endEarly(telling, { outcome: 'finished' })
  return true
}

/** How a cloud machine is being made ready. [A-92] */
const machineLog: Read = (_state, telling) => {
  const data = fieldsOf(telling.payload.data) ?? {}
  const words = textOf(data.content) ?? ''
  if (data.level !== 'error') addActivity(telling, words)
  else addNote(telling, { text: words, tone: 'warning', key: `event:${telling.uuid}:note` })
  return true
}

const toolProgress: Read = (_state, telling) => {
  const name = textOf(telling.payload.tool_name)
  const seconds = Math.round(numberOf(telling.payload.elapsed_time_seconds) ?? 0)
  if (name) addActivity(telling, seconds > 0 ? `${name} for ${seconds} s` : name)
  return true
}

const authStatus: Read = (_state, telling) => {
  const error = textOf(telling.payload.error)
  const text = `The session’s own login has trouble: ${error}`
  if (error) addNote(telling, { text, tone: 'warning', key: `event:${telling.uuid}:note` })
  return true
}

const readers: Readonly<Record<string, Read>> = {
  user: (state, telling) => {
    if (!hasMessage(telling)) return false
    readUser(state, telling)
    return true
  },
  assistant: (state, telling) => {
    if (!hasMessage(telling)) return false
    readAssistant(state, telling)
    return true
  },
  result: (state, telling) => {
    readResult(state, telling)
    return true
  },
  system: (state, telling) => (readSystem(state, telling) ? true : undefined),
  control_request: (state, telling) => {
    readControlRequest(state, telling)
    return true
  },
  control_response: (state, telling) => {
    readControlResponse(state, telling)
    return true
  },
  control_cancel_request: (state, telling) => {
    readCancel(state, telling)
    return true
  },
  conversation_reset: reset,
  env_manager_log: machineLog,
  tool_progress: toolProgress,
  auth_status: authStatus,
  rate_limit_event: (_state, telling) => {
    readRateLimit(telling)
    return true
  },
  mcp_auth_required: (_state, telling) => {
    const name = textOf(telling.payload.server_name) ?? textOf(telling.payload.serverName)
    const text = `An MCP server${name ? ` (${name})` : ''} needs a login, which is done at the machine.`
    addNote(telling, { text, tone: 'warning', key: `event:${telling.uuid}:note` })
    return true
  },
  stream_event: (state, telling) => {
    const event = fieldsOf(telling.payload.event)
    if (event)
      telling.signals.push(...state.words.piece(event, telling.sessionId, telling.subagent))
    return true
  },
  // Said elsewhere, of no use to people, or of this moment only.
  active_goal: nothing,
  auth: nothing,
  autocompact_state: nothing,
  command_lifecycle: nothing,
  keep_alive: nothing,
  prompt_suggestion: nothing,
  queued_notification: nothing,
  tool_use_summary: nothing,
}

/** Types that say nothing about whether the worker is still there. */
const afterwords = ['result', 'keep_alive', 'control_cancel_request']

/** Reads one event; false when it could not be read and is carried as it came. [I8] */
export function readEvent(state: ReadingState, telling: EventTelling): boolean {
  const type = textOf(telling.payload.type)
  const reader = type !== undefined && Object.hasOwn(readers, type) ? readers[type] : undefined
  if (telling.source !== 'client' && !afterwords.includes(type ?? '')) state.isLeaving = false
  const isRead = reader?.(state, telling)
  if (isRead) return true
  const name = [type, textOf(telling.payload.subtype)].filter((part) => part).join(' ')
  const text =
    isRead === false || name === ''
      ? 'Something that could not be read. Shown as it came.'
      : `Something new that this version does not know: ${name}. Shown as it came.`
  addSourceNote(telling, { text, raw: telling.payload, key: `event:${telling.uuid}` })
  return isRead !== false && name !== ''
}
