import { randomUUID } from 'node:crypto'
import type { Fields } from '../session-api/types.ts'

/** What a worker posts, for sessions where a test plays the worker by hand. */

export const agentSays = (text: string, more: Fields = {}): Fields =>
  agentMessage([{ type: 'text', text }], more)

export const agentMessage = (content: readonly Fields[], more: Fields = {}): Fields => {
  const { id = `msg_${randomUUID()}`, ...rest } = more
  return {
    type: 'assistant',
    uuid: randomUUID(),
    message: { id, role: 'assistant', model: 'claude-opus-5-5', content, stop_reason: null },
    parent_tool_use_id: null,
    ...rest,
  }
}

export const callOf = (id: string, name: string, input: Fields): Fields => ({
  type: 'tool_use',
  id,
  name,
  input,
})

export const personSays = (text: string, more: Fields = {}): Fields => ({
  type: 'user',
  uuid: randomUUID(),
  message: { role: 'user', content: text },
  parent_tool_use_id: null,
  origin: { kind: 'human' },
  ...more,
})

export const resultOf = (id: string, text: string, isError = false): Fields => ({
  type: 'user',
  uuid: randomUUID(),
  message: {
    role: 'user',
    content: [
      { type: 'tool_result', tool_use_id: id, content: text, ...(isError && { is_error: true }) },
    ],
  },
  parent_tool_use_id: null,
})

export const turnEnds = (more: Fields = {}): Fields => ({
  type: 'result',
  uuid: randomUUID(),
  subtype: 'success',
  is_error: false,
  duration_ms: 0,
  num_turns: 0,
  total_cost_usd: 0,
  usage: {},
  result: '',
  terminal_reason: 'completed',
  ...more,
})

export const asksLeave = (
  requestId: string,
  toolUseId: string,
  toolName: string,
  input: Fields,
  more: Fields = {},
): Fields => ({
  type: 'control_request',
  uuid: randomUUID(),
  request_id: requestId,
  request: {
    subtype: 'can_use_tool',
    tool_name: toolName,
    input,
    tool_use_id: toolUseId,
    ...more,
  },
})

export const partOfText = (text: string): Fields => ({
  type: 'stream_event',
  uuid: randomUUID(),
  parent_tool_use_id: null,
  event: { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
})

export const messageBegins = (id: string): Fields => ({
  type: 'stream_event',
  uuid: randomUUID(),
  parent_tool_use_id: null,
  event: { type: 'message_start', message: { id, role: 'assistant', content: [] } },
})

export const textBegins = (): Fields => ({
  type: 'stream_event',
  uuid: randomUUID(),
  parent_tool_use_id: null,
  event: { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
})
