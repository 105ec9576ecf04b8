import {
  type Cursor,
  cut,
  newCommandId,
  RelayError,
  type SessionEvent,
  type SessionId,
  toolLine,
} from '@bellhop/core'
import { receiptView } from './acting-tools.ts'
import { sessionNow } from './session-history.ts'
import { openSessionWatch } from './session-watch.ts'
import { count, flag, list, oneOf, type Tool, type ToolCall, text, tool } from './tool.ts'
import { ToolRefused } from './tool-refused.ts'
import { promptSchema, promptView } from './views.ts'

/** Clients give up on a silent call after a minute unless they follow its progress. */
const WAIT_S = 45
const WAIT_MAX_S = 3_600
const HEARTBEAT_MS = 10_000
const REPLY_CHARS = 200_000

const SESSION = { sessionId: text('From list_sessions.') }
const TIMEOUT = {
  timeoutS: count(`How long to wait, in seconds; ${WAIT_S} if not said.`, 1, WAIT_MAX_S),
}

/** Runs with a signal that ends with the caller’s or in time, and a sign of life meanwhile. */
const within = async <T>(
  timeoutS: number,
  call: ToolCall,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(timeoutS * 1000)])
  const beat = setInterval(() => call.progress('Still waiting.'), HEARTBEAT_MS)
  try {
    return await run(signal)
  } finally {
    clearInterval(beat)
  }
}

/** What of an event whoever waits is told meanwhile. */
const newsOf = (event: SessionEvent): string | undefined => {
  if (event.type === 'message.agent') return event.text.slice(0, 500)
  if (event.type === 'tool.started') {
    return `${event.tool.name}: ${toolLine(event.tool)}`.slice(0, 500)
  }
  return undefined
}

const isSubagents = (event: SessionEvent) => 'subagent' in event && event.subagent !== undefined

const sendAndWait = tool<{ sessionId: SessionId; text: string; timeoutS?: number }>(
  'send_and_wait',
  {
    title: 'Send a message and wait for the reply',
    description:
      'Sends a message and answers with the full reply, or the prompt that blocks it, or where to go on waiting. Needs scope drive.',
    kind: 'act',
    input: { ...SESSION, text: text('The message.'), ...TIMEOUT },
    required: ['sessionId', 'text'],
    output: {
      sessionId: SESSION.sessionId,
      outcome: oneOf(
        'How the turn of this message ended. blocked: `prompts` are open; after an answer, wait_for goes on from the cursor. timed_out: it still works, or has not begun.',
        ['finished', 'failed', 'interrupted', 'blocked', 'ended', 'timed_out'],
      ),
      isSent: flag('False when it was not sent, because a prompt was open before.'),
      reply: text('All the agent said to it, or so far.'),
      cutChars: { type: 'integer', description: 'How much of the reply is left out.' },
      error: text('Why it failed.'),
      prompts: list(promptSchema, 'What blocks it.'),
      cursor: text('Where to go on.'),
    },
    always: ['sessionId', 'outcome', 'isSent', 'reply', 'cursor'],
  },
  (parts, { sessionId, text: words, timeoutS = WAIT_S }, call) =>
    within(timeoutS, call, async (signal) => {
      const { link, guard } = parts
      using watch = await openSessionWatch(parts, { sessionId, signal })
      const { session } = watch
      guard.checkTarget(session)
      if (session.status === 'ended') throw new RelayError('session_ended')
      /** What the agent said since it was told, by message: one told again replaces itself. */
      const said = new Map<string, string>()
      let isSent = false
      const end = (outcome: string, more: object = {}) => {
        const reply = cut([...said.values()].join('\n\n'), REPLY_CHARS)
        return {
          sessionId,
          outcome,
          isSent,
          reply: reply.text,
          ...(reply.cutChars !== undefined && { cutChars: reply.cutChars }),
          cursor: watch.cursor,
          ...more,
        }
      }
      const promptsNow = async () => {
        const now = await sessionNow(link, sessionId)
        return Promise.all(now.waits.map((wait) => promptView(now, wait)))
      }
      if (session.waits.length > 0) return end('blocked', { prompts: await promptsNow() })
      guard.take()
      const commandId = newCommandId()
      // Sent whole or not at all: the end of the waiting does not take it back. [MC-6]
      receiptView(await link.call('command', { type: 'prompt', commandId, sessionId, text: words }))
      isSent = true
      let isHeard = false
      for await (const event of watch.events()) {
        if (event.type === 'command.settled' && event.commandId === commandId) {
          if (event.outcome === 'refused') {
            throw new ToolRefused(event.code ?? 'source_refused', event.text ?? '')
          }
        }
        if (event.type === 'session.ended')
          return end('ended', { error: event.text ?? event.reason })
        if (event.type === 'permission.requested') {
          const prompts = await promptsNow()
          if (prompts.length > 0) return end('blocked', { prompts })
        }
        if (event.type === 'message.person' && event.causedBy === commandId) isHeard = true
        if (!isHeard) continue
        const news = newsOf(event)
        if (news !== undefined) call.progress(news)
        if (isSubagents(event)) continue
        if (event.type === 'message.agent') said.set(event.messageId, event.text)
        if (event.type === 'turn.ended') {
          return end(event.outcome, event.error === undefined ? {} : { error: event.error })
        }
      }
      return end('timed_out')
    }),
)

type WaitArgs = {
  sessionId: SessionId
  after?: Cursor
  turnEnded?: boolean
  promptPending?: boolean
  textMatches?: string
  timeoutS?: number
}

const waitFor = tool<WaitArgs>(
  'wait_for',
  {
    title: 'Wait for something in a session',
    description:
      'Waits until any of what is named happens after a cursor, or from now on: its turn ends, a prompt opens (one that is open counts), its words hold a text.',
    kind: 'read',
    input: {
      ...SESSION,
      after: text('A cursor of this session; from now on if not said.'),
      turnEnded: flag('A turn ended, or the session did.'),
      promptPending: flag('A prompt is open.'),
      textMatches: {
        ...(text('A text its agent’s words hold, in any case of letters.') as object),
        minLength: 1,
        maxLength: 500,
      },
      ...TIMEOUT,
    },
    required: ['sessionId'],
    output: {
      sessionId: SESSION.sessionId,
      happened: oneOf('What came first.', [
        'turn_ended',
        'prompt_pending',
        'text_matched',
        'session_ended',
        'timed_out',
      ]),
      outcome: oneOf('How the turn ended.', ['finished', 'failed', 'interrupted']),
      error: text('Why it failed.'),
      reply: text('What the agent said while it was waited for.'),
      cutChars: { type: 'integer', description: 'How much of the reply is left out.' },
      prompts: list(promptSchema, 'What is open.'),
      cursor: text('Where to go on.'),
    },
    always: ['sessionId', 'happened', 'reply', 'cursor'],
  },
  (parts, args, call) => {
    const { sessionId, after, timeoutS = WAIT_S } = args
    const isAnything = !args.turnEnded && !args.promptPending && args.textMatches === undefined
    const wanted = {
      turnEnded: args.turnEnded || isAnything,
      promptPending: args.promptPending || isAnything,
      words: args.textMatches?.toLowerCase(),
    }
    return within(timeoutS, call, async (signal) => {
      using watch = await openSessionWatch(parts, { sessionId, after, signal })
      const said = new Map<string, string>()
      const end = (happened: string, more: object = {}) => {
        const reply = cut([...said.values()].join('\n\n'), REPLY_CHARS)
        return {
          sessionId,
          happened,
          reply: reply.text,
          ...(reply.cutChars !== undefined && { cutChars: reply.cutChars }),
          cursor: watch.cursor,
          ...more,
        }
      }
      const promptsNow = async () => {
        const now = await sessionNow(parts.link, sessionId)
        return Promise.all(now.waits.map((wait) => promptView(now, wait)))
      }
      if (after === undefined) {
        if (watch.session.status === 'ended') return end('session_ended')
        if (wanted.promptPending && watch.session.waits.length > 0) {
          return end('prompt_pending', { prompts: await promptsNow() })
        }
      }
      for await (const event of watch.events()) {
        const news = newsOf(event)
        if (news !== undefined) call.progress(news)
        if (event.type === 'session.ended') return end('session_ended')
        if (event.type === 'permission.requested' && wanted.promptPending) {
          const prompts = await promptsNow()
          if (prompts.length > 0) return end('prompt_pending', { prompts })
        }
        if (isSubagents(event)) continue
        if (event.type === 'message.agent') {
          said.set(event.messageId, event.text)
          if (wanted.words !== undefined && event.text.toLowerCase().includes(wanted.words)) {
            return end('text_matched')
          }
        }
        if (event.type === 'turn.ended' && wanted.turnEnded) {
          const error = event.error === undefined ? {} : { error: event.error }
          return end('turn_ended', { outcome: event.outcome, ...error })
        }
      }
      return end('timed_out')
    })
  },
)

export const waitingTools: readonly Tool[] = [sendAndWait, waitFor]
