/** The Messages API's own shapes: a turn of the stand-in model as a message and as stream deltas. */
import { randomUUID } from 'node:crypto'
import type { ApiMessage, ModelBlock, ModelTurn } from './model-script.ts'

export interface MessagesRequest {
  model: string
  stream?: boolean
  messages: readonly ApiMessage[]
  tools?: readonly unknown[]
  system?: unknown
  output_config?: { format?: { schema?: JsonSchema } }
}

export interface JsonSchema {
  type?: string
  enum?: readonly unknown[]
  properties?: Record<string, JsonSchema>
}

export const newId = (prefix: string) =>
  `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 24)}`

/** The smallest value that satisfies the schema, with the text wherever a string may stand. */
export function sampleOf(schema: JsonSchema, text: string): unknown {
  if (schema.enum) return schema.enum[0]
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([key, part]) => [key, sampleOf(part, text)]),
      )
    case 'string':
      return text
    case 'boolean':
      return true
    case 'array':
      return []
    case 'null':
      return null
    default:
      return 0
  }
}

function blocksOf(turn: ModelTurn): ModelBlock[] {
  const content: readonly ModelBlock[] =
    turn.blocks ??
    (turn.tool
      ? [{ type: 'tool_use', name: turn.tool, input: turn.input ?? {} }]
      : [{ type: 'text', text: turn.text ?? '' }])
  const named = content.map((block) =>
    block.type === 'tool_use' ? { ...block, id: block.id ?? newId('toolu') } : block,
  )
  if (!turn.thinking) return named
  return [{ type: 'thinking', thinking: turn.thinking, signature: 'c2lnbmF0dXJl' }, ...named]
}

export function messageOf(turn: ModelTurn, request: MessagesRequest) {
  const content = blocksOf(turn)
  const asksForTool = content.some((block) => block.type === 'tool_use')
  return {
    id: newId('msg'),
    type: 'message',
    role: 'assistant',
    model: request.model,
    content,
    stop_reason: asksForTool ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: Math.ceil(JSON.stringify(request.messages).length / 4),
      output_tokens: Math.ceil(JSON.stringify(content).length / 4),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      service_tier: 'standard',
      ...turn.usage,
    },
  }
}

const inWords = (text: string, chunkMs: number) =>
  chunkMs > 0 ? (text.match(/\s*\S+\s*/g) ?? [text]) : [text]

export function deltasOf(block: ModelBlock, chunkMs: number): { start: object; deltas: object[] } {
  switch (block.type) {
    case 'text':
      return {
        start: { type: 'text', text: '' },
        deltas: inWords(block.text, chunkMs).map((text) => ({ type: 'text_delta', text })),
      }
    case 'thinking':
      return {
        start: { type: 'thinking', thinking: '', signature: '' },
        deltas: [
          ...inWords(block.thinking, chunkMs).map((thinking) => ({
            type: 'thinking_delta',
            thinking,
          })),
          { type: 'signature_delta', signature: block.signature },
        ],
      }
    case 'tool_use':
      return {
        start: { ...block, input: {} },
        deltas: [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }],
      }
  }
}
