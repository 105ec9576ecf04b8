/** What the stand-in model says next, worked out from the conversation alone: no state, no network. */

export interface TextBlock {
  type: 'text'
  text: string
}

export interface ThinkingBlock {
  type: 'thinking'
  thinking: string
  signature: string
}

export interface ToolUseBlock {
  type: 'tool_use'
  name: string
  input: Record<string, unknown>
  id?: string
}

export type ModelBlock = TextBlock | ThinkingBlock | ToolUseBlock

/** One reply of the model. With none of the content fields set it is an empty text. */
export interface ModelTurn {
  text?: string
  tool?: string
  input?: Record<string, unknown>
  blocks?: readonly ModelBlock[]
  error?: { status: number; type: string; message: string }
  thinking?: string
  /** Wait before the first byte. */
  delayMs?: number
  /** Wait between deltas, so that streaming can be watched. */
  chunkMs?: number
  usage?: Record<string, unknown>
  /** A queued turn with this waits for a request whose last user text matches the pattern. */
  match?: string
}

export interface ApiMessage {
  role: string
  content: string | readonly { type: string; text?: string; content?: unknown }[]
}

// The client wraps its own remarks to the model in tags and sends them as user text.
const wrappedByClient = /^\s*<(system-reminder|local-command|command-name)/

function spokenText(message: ApiMessage): string {
  if (message.role !== 'user') return ''
  const texts =
    typeof message.content === 'string'
      ? [message.content]
      : message.content.filter((block) => block.type === 'text').map((block) => block.text ?? '')
  return texts.findLast((text) => !wrappedByClient.test(text))?.trim() ?? ''
}

function lastSpokenIndex(messages: readonly ApiMessage[]): number {
  return messages.findLastIndex((message) => spokenText(message) !== '')
}

/** The newest thing a person said in the conversation, or an empty string. */
export function lastUserText(messages: readonly ApiMessage[]): string {
  const message = messages[lastSpokenIndex(messages)]
  return message ? spokenText(message) : ''
}

function toolCall(source: string): ToolUseBlock {
  const space = source.search(/\s/)
  const name = space < 0 ? source : source.slice(0, space)
  const json = space < 0 ? '' : source.slice(space).trim()
  return { type: 'tool_use', name, input: json ? JSON.parse(json) : {} }
}

function stepTurn(verb: string, rest: string): ModelTurn {
  switch (verb) {
    case 'say':
      return { text: rest.replaceAll('\\n', '\n') }
    case 'tool':
      return { blocks: [toolCall(rest)] }
    case 'tools':
      return { blocks: rest.split(';;').map((call) => toolCall(call.trim())) }
    case 'slow': {
      const [, ms = '0', words = ''] = /^(\d+)\s+(.*)$/s.exec(rest) ?? []
      return { chunkMs: Number(ms), text: words.replaceAll('\\n', '\n') }
    }
    case 'error': {
      const [status = '500', type = 'api_error', ...words] = rest.split(' ')
      return { error: { status: Number(status), type, message: words.join(' ') } }
    }
    default:
      return { text: `The script has no step called @@${verb}` }
  }
}

/**
 * The reply that a script in the newest prompt asks for, or undefined when that prompt holds none.
 *
 * A script is the prompt's lines that start with `@@`, one step per request: `say text`,
 * `tool Name {json}`, `tools Name {json} ;; Name {json}`, `slow 40 words 40 ms apart`,
 * `error 529 overloaded_error Words`. `sleep 2000` delays the step below it. After the last step
 * the reply is "done".
 */
export function scriptedTurn(messages: readonly ApiMessage[]): ModelTurn | undefined {
  const promptIndex = lastSpokenIndex(messages)
  const lines = lastUserText(messages)
    .split('\n')
    .filter((line) => /^@@\w/.test(line))
  if (lines.length === 0) return undefined

  const turns: ModelTurn[] = []
  let delayMs = 0
  for (const line of lines) {
    const [, verb = '', rest = ''] = /^@@(\w+)\s*(.*)$/s.exec(line.trimEnd()) ?? []
    if (verb === 'sleep') {
      delayMs += Number(rest)
    } else {
      turns.push({ ...stepTurn(verb, rest), delayMs })
      delayMs = 0
    }
  }
  const answered = messages.slice(promptIndex + 1).filter(({ role }) => role === 'assistant').length
  return turns[answered] ?? { text: 'done' }
}

/** The newest value a tool answered under this name, wherever in its answer. */
function toldByTools(messages: readonly ApiMessage[], name: string): string | undefined {
  for (const { content } of messages.toReversed()) {
    const results = typeof content === 'string' ? [] : content
    for (const block of results.toReversed()) {
      if (block.type !== 'tool_result') continue
      // What a tool of a server answers is text that holds JSON, so its quotes may be escaped.
      const told = JSON.stringify(block.content).replaceAll('\\"', '"')
      const found = new RegExp(`"${name}":"([^"]+)"`).exec(told)?.[1]
      if (found !== undefined) return found
    }
  }
  return undefined
}

/** The turn with every `{{name}}` in a call’s input replaced by what a tool answered under that name. */
export function filledTurn(turn: ModelTurn, messages: readonly ApiMessage[]): ModelTurn {
  if (!turn.input) return turn
  const input = JSON.stringify(turn.input).replaceAll(
    /\{\{(\w+)\}\}/g,
    (whole, name: string) => toldByTools(messages, name) ?? whole,
  )
  return { ...turn, input: JSON.parse(input) }
}
