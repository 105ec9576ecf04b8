import { randomUUID } from 'node:crypto'
import { apiTime } from './session-ids.ts'
import { fieldsIn } from './tool-answers.ts'
import type { Fields, SentEvent } from './types.ts'
import type { WorkerCore } from './worker-core.ts'

const humanPlatforms = ['web_claude_ai', 'desktop_app', 'ios', 'android']

/** Whether the worker takes it as the person's own words. */
export const isHuman = ({ payload }: SentEvent): boolean =>
  humanPlatforms.includes(String(payload.client_platform))

const contentOf = ({ payload }: SentEvent): unknown => fieldsIn(payload.message)?.content

const textOf = (content: unknown): string =>
  typeof content === 'string'
    ? content
    : (Array.isArray(content) ? content : [])
        .map((block) => fieldsIn(block)?.text ?? '')
        .filter((text) => text !== '')
        .join('\n')

const peerText = (text: string): string => `Another Claude session sent a message:\n${text}`

const blocksOf = (content: unknown): unknown[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : [content].flat()

/** Posts again what the turn begins with; several queued messages become one. Answers the words. */
export const echoMessages = (core: WorkerCore, messages: readonly SentEvent[]): string => {
  const timestamp = apiTime(core.time.nowMs())
  const isReplay = core.kind === 'terminal' ? {} : { isReplay: true }
  const [only] = messages
  const own = (message: SentEvent): unknown =>
    isHuman(message) ? contentOf(message) : peerText(textOf(contentOf(message)))
  if (only && messages.length === 1) {
    const origin = isHuman(only)
      ? { origin: { kind: 'human' } }
      : { origin: { kind: 'peer', from: 'unknown' }, isSynthetic: true }
    const echo: Fields = {
      type: 'user',
      uuid: only.eventId,
      message: { role: 'user', content: own(only) },
      parent_tool_use_id: null,
      timestamp,
      ...origin,
      ...isReplay,
    }
    core.say(echo, { again: core.options.storesEchoes })
    return textOf(own(only))
  }
  const content = messages.flatMap((message) => blocksOf(own(message)))
  core.user(content, { uuid: randomUUID(), timestamp, origin: { kind: 'human' } })
  return textOf(content)
}

/** The end of a turn, as the kind of worker tells it. */
export const sayTurnEnd = (
  core: WorkerCore,
  reason: string,
  messages: readonly SentEvent[],
  costUsd: number,
): void => {
  const isTerminal = core.kind === 'terminal'
  const isInterrupted = reason !== 'completed'
  const isError = isInterrupted && !isTerminal
  core.say({
    type: 'result',
    subtype: isError ? 'error_during_execution' : 'success',
    is_error: isError,
    duration_ms: isTerminal ? 0 : 1200,
    duration_api_ms: isTerminal ? 0 : 900,
    num_turns: isTerminal ? 0 : 1,
    total_cost_usd: isTerminal ? 0 : costUsd,
    usage: isTerminal
      ? { input_tokens: 0, output_tokens: 0 }
      : { input_tokens: 90, output_tokens: 30 },
    modelUsage: {},
    permission_denials: [],
    stop_reason: null,
    terminal_reason: reason,
    ...(isError ? { errors: [] } : { result: '' }),
    ...(messages.length === 1 && messages[0] && { user_message_uuid: messages[0].eventId }),
  })
}
