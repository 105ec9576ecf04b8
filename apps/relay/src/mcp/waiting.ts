import { cut, type SessionEvent, type SessionId, toolLine } from '@bellhop/core'
import type { RelayLink } from './relay-link.ts'
import { sessionNow } from './session-history.ts'
import { steadily } from './steady.ts'
import type { ToolCall } from './tool.ts'
import { promptViews } from './views.ts'

const HEARTBEAT_MS = 10_000
const REPLY_CHARS = 200_000
const NEWS_CHARS = 500

/** A call whose news are left out when there are none. */
type WaitingCall = { progress(message: string | undefined): void }

/** Runs with a signal that ends with the caller’s or in time, and a sign of life meanwhile. */
export const within = async <T>(
  timeoutS: number,
  call: ToolCall,
  run: (signal: AbortSignal, call: WaitingCall) => Promise<T>,
): Promise<T> => {
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(timeoutS * 1000)])
  const beat = setInterval(() => call.progress('Still waiting.'), HEARTBEAT_MS)
  const progress = (message: string | undefined) => {
    if (message !== undefined) call.progress(message)
  }
  try {
    return await run(signal, { progress })
  } finally {
    clearInterval(beat)
  }
}

/** What of an event whoever waits is told meanwhile. */
export const newsOf = (event: SessionEvent): string | undefined => {
  if (event.type === 'message.agent') return event.text.slice(0, NEWS_CHARS)
  if (event.type === 'tool.started') {
    return `${event.tool.name}: ${toolLine(event.tool)}`.slice(0, NEWS_CHARS)
  }
  return undefined
}

export const isSubagents = (event: SessionEvent): boolean =>
  'subagent' in event && event.subagent !== undefined

/** What the agent said, bounded. [MC-5] */
export const replyView = (words: readonly string[]) => {
  const { text: reply, cutChars } = cut(words.join('\n\n'), REPLY_CHARS)
  return { reply, ...(cutChars !== undefined && { cutChars }) }
}

/** The prompts a session waits with now; none when it was time before the relay said. */
export const openPrompts = async (link: RelayLink, sessionId: SessionId, signal: AbortSignal) => {
  try {
    const session = await steadily(() => sessionNow(link, sessionId, signal), signal)
    return await promptViews(session.waits.map((wait) => ({ session, wait })))
  } catch (error) {
    if (signal.aborted) return []
    throw error
  }
}
