import {
  type CommandId,
  type Cursor,
  newCommandId,
  RelayError,
  type SessionEvent,
  type SessionId,
} from '@bellhop/core'
import {
  foldReply,
  type ReplyState,
  replyWords,
  startReply,
  takenReply,
} from '@bellhop/core/client'
import { receiptView } from './acting-tools.ts'
import { isAbout, openSessionWatch, type SessionWatch } from './session-watch.ts'
import { sendSteadily } from './steady.ts'
import { count, flag, fromWhere, list, oneOf, type Tool, text, tool } from './tool.ts'
import { ToolRefused } from './tool-refused.ts'
import { promptSchema } from './views.ts'
import { isSubagents, newsOf, openPrompts, replyView, within } from './waiting.ts'

/** Clients give up on a silent call after a minute unless they follow its progress. */
const WAIT_S = 45
const WAIT_MAX_S = 3_600

const TURN_ENDS: readonly string[] = ['finished', 'failed', 'interrupted']
const NOT_SAID = 'The session has not said yet whether it took the message.'
const UNHEARD =
  'This session has heard of no such message. Take the commandId as it was answered, and the session it was sent to.'

const SESSION = { sessionId: text('From list_sessions.') }
const SAME_SESSION = text('The session; of one that was joined to another, that other.')
const TIMEOUT = {
  timeoutS: count(
    `How long to wait, in seconds; ${WAIT_S} if not said. Your own program may give up a long call sooner.`,
    1,
    WAIT_MAX_S,
  ),
}
const cutChars = { type: 'integer' as const, description: 'How much of the reply is left out.' }

const sendAndWait = tool<{ sessionId: SessionId; text: string; timeoutS?: number }>(
  'send_and_wait',
  {
    title: 'Send a message and wait for the reply',
    description:
      'Sends a message to a session’s agent and waits: answers with its full reply, or the prompt that blocks it, or, when time is up, with what wait_for goes on with. Never send the same message again because of that. Needs scope drive.',
    kind: 'act',
    input: { ...SESSION, text: text('The message.'), ...TIMEOUT },
    required: ['sessionId', 'text'],
    output: {
      sessionId: SAME_SESSION,
      outcome: oneOf(
        'How the turn of this message ended. blocked: `prompts` are open. ended: the session is over. timed_out: it still works, or has not begun. After blocked and timed_out, wait_for goes on with the commandId and the cursor.',
        [...TURN_ENDS, 'blocked', 'ended', 'timed_out'],
      ),
      isSent: flag(
        'False when it was not sent, because a prompt was open before: send it once that is answered.',
      ),
      commandId: text('Names the message, for wait_for; absent when it was not sent.'),
      reply: text('All the session’s agent said to it, or so far.'),
      cutChars,
      error: text('Why it failed.'),
      doubt: text('Why it is not sure that the session has it.'),
      prompts: list(promptSchema, 'What blocks it.'),
      cursor: text('Goes into `after` of wait_for.'),
    },
    always: ['sessionId', 'outcome', 'isSent', 'reply', 'cursor'],
  },
  (parts, { sessionId: asked, text: words, timeoutS = WAIT_S }, call) =>
    within(timeoutS, call, async (signal, { progress }) => {
      const { link } = parts
      using watch = await openSessionWatch(parts, { sessionId: asked, signal })
      const { session } = watch
      const { sessionId, status } = session
      if (status === 'ended') throw new RelayError('session_ended')
      const commandId = newCommandId()
      let reply = startReply({ commandId, text: words, wasIdle: status === 'idle', waits: [] })
      let doubt: string | undefined
      let isSent = false
      const end = (outcome: string, more: object = {}) => ({
        sessionId,
        outcome,
        isSent,
        ...(isSent && { commandId }),
        ...replyView(replyWords(reply)),
        ...(doubt !== undefined && !TURN_ENDS.includes(outcome) && { doubt }),
        cursor: watch.cursor,
        ...more,
      })
      if (session.waits.length > 0) {
        return end('blocked', { prompts: await openPrompts(link, sessionId, signal) })
      }
      // Sent whole or not at all: the end of the waiting does not take it back. [MC-6]
      const said = { commandId, sessionId, text: words, ...fromWhere(parts) }
      // Whoever is cut off over it is not to send it again, but to wait for it by its id.
      call.keep({ commandId, mayRetry: false })
      const receipt = await sendSteadily(link, { type: 'prompt', ...said }, signal)
        .then(receiptView)
        .catch((error: unknown) => {
          call.keep({})
          throw error
        })
      isSent = true
      reply = takenReply(reply)
      if (receipt.state !== 'done') {
        doubt = receipt.text ?? NOT_SAID
        progress(receipt.text)
      }
      for await (const event of watch.events()) {
        if (event.type === 'command.settled' && event.commandId === commandId) {
          doubt = event.outcome === 'unconfirmed' ? (event.text ?? NOT_SAID) : undefined
        }
        reply = foldReply(reply, event)
        if (reply.end?.outcome === 'blocked') {
          // What is read late may be settled by now.
          const prompts = await openPrompts(link, sessionId, signal)
          if (prompts.length > 0) return end('blocked', { prompts })
          reply = unblocked(reply)
        }
        if (reply.isHeard || reply.isBegun) progress(newsOf(event))
        if (reply.end) return endWith(reply.end, end)
      }
      return end('timed_out')
    }),
)

/** What it was blocked by is settled. */
const unblocked = ({ end: _, ...reply }: ReplyState): ReplyState => ({ ...reply, waits: new Map() })

/** The end of a message’s turn as a tool answers it; a refusal is thrown. */
const endWith = <Answer>(
  ending: NonNullable<ReplyState['end']>,
  end: (outcome: string, more?: object) => Answer,
): Answer => {
  if (ending.outcome === 'refused') throw new ToolRefused(ending.code, ending.text)
  return end(ending.outcome, 'error' in ending ? { error: ending.error } : {})
}

type WaitArgs = {
  sessionId: SessionId
  after?: Cursor
  commandId?: CommandId
  turnEnded?: boolean
  promptPending?: boolean
  textMatches?: string
  timeoutS?: number
}

const HAPPENINGS = [
  'turn_ended',
  'prompt_pending',
  'text_matched',
  'session_ended',
  'timed_out',
] as const

const waitFor = tool<WaitArgs>(
  'wait_for',
  {
    title: 'Wait for something in a session',
    description:
      'Waits until one of these happens in a session: a turn ends, a prompt opens, its agent’s words hold a text. With none of them named it waits for the first two. Counts what happened after the cursor `after`; without one only what happens from now on, and a prompt that is open already.',
    kind: 'read',
    input: {
      ...SESSION,
      after: text('A cursor of this session; from now on if not said.'),
      commandId: {
        ...(text(
          'From send_message or send_and_wait: of turns only that message’s own counts, before and after the cursor.',
        ) as object),
        minLength: 12,
        maxLength: 120,
      },
      turnEnded: flag('Wait for the end of a turn, or of the session.'),
      promptPending: flag('Wait for a prompt.'),
      textMatches: {
        ...(text('Wait for this text in its agent’s words, in any case of letters.') as object),
        minLength: 1,
        maxLength: 500,
      },
      ...TIMEOUT,
    },
    required: ['sessionId'],
    output: {
      sessionId: SAME_SESSION,
      happened: oneOf('What came first. timed_out: nothing did; wait again.', HAPPENINGS),
      outcome: oneOf('How the turn ended.', TURN_ENDS),
      error: text('Why it failed.'),
      reply: text(
        'What the agent said while it was waited for; with a commandId, all it said to that message.',
      ),
      cutChars,
      doubt: text('Why what is waited for may never come.'),
      prompts: list(promptSchema, 'What is open.'),
      cursor: text('Goes into `after` of the next wait_for.'),
    },
    always: ['sessionId', 'happened', 'reply', 'cursor'],
  },
  ({ link, follower }, args, call) =>
    within(args.timeoutS ?? WAIT_S, call, async (signal, { progress }) => {
      const { sessionId: asked, after, commandId: about } = args
      using watch = await openSessionWatch(
        { link, follower },
        { sessionId: asked, after, about, signal },
      )
      return await watchFor(watch, args, {
        progress,
        prompts: () => openPrompts(link, watch.session.sessionId, signal),
      })
    }),
)

const watchFor = async (
  watch: SessionWatch,
  args: WaitArgs,
  parts: {
    progress(message: string | undefined): void
    prompts: () => ReturnType<typeof openPrompts>
  },
): Promise<object> => {
  const { after, commandId } = args
  const { sessionId } = watch.session
  const named = [args.turnEnded, args.promptPending, args.textMatches]
  const isAnything = named.every((one) => one === undefined || one === false)
  const wanted = {
    turnEnded: args.turnEnded || isAnything,
    promptPending: args.promptPending || isAnything,
    words: args.textMatches?.toLowerCase(),
  }
  const said = new Map<string, string>()
  // Its words are not known here: it is found by what names it.
  let reply = commandId && startReply({ commandId, text: '', wasIdle: false, waits: [] })
  let isKnown = false
  const take = (event: SessionEvent) => {
    if (!reply || !commandId) return
    isKnown ||= isAbout(event, commandId)
    reply = foldReply(reply, event)
    // Whether a prompt ends the waiting is for the caller to say.
    if (reply.end?.outcome === 'blocked') reply = unblocked(reply)
  }
  for (const event of watch.before) take(event)
  const end = (happened: (typeof HAPPENINGS)[number], more: object = {}) => ({
    sessionId,
    happened,
    ...replyView(reply ? replyWords(reply) : [...said.values()]),
    cursor: watch.cursor,
    ...more,
  })
  const endOfTurn = (ending: NonNullable<ReplyState['end']>) =>
    endWith(ending, (outcome, more = {}) =>
      outcome === 'ended' ? end('session_ended') : end('turn_ended', { outcome, ...more }),
    )
  if (reply?.end) return endOfTurn(reply.end)
  const isOver = watch.session.status === 'ended'
  if (isOver && !watch.missed.some(({ type }) => type === 'session.ended')) {
    return end('session_ended')
  }
  if (after === undefined && wanted.promptPending && watch.session.waits.length > 0) {
    return end('prompt_pending', { prompts: await parts.prompts() })
  }
  for await (const event of watch.events()) {
    parts.progress(newsOf(event))
    if (event.type === 'permission.requested') {
      const prompts = wanted.promptPending ? await parts.prompts() : []
      if (prompts.length > 0) return end('prompt_pending', { prompts })
    }
    take(event)
    if (reply?.end && (wanted.turnEnded || reply.end.outcome === 'ended')) {
      return endOfTurn(reply.end)
    }
    if (event.type === 'session.ended') return end('session_ended')
    if (isSubagents(event)) continue
    if (event.type === 'message.agent') {
      said.set(event.messageId, event.text)
      if (wanted.words !== undefined && event.text.toLowerCase().includes(wanted.words)) {
        return end('text_matched')
      }
    }
    if (event.type === 'turn.ended' && wanted.turnEnded && !reply) {
      const error = event.error === undefined ? {} : { error: event.error }
      return end('turn_ended', { outcome: event.outcome, ...error })
    }
  }
  return end('timed_out', commandId && !isKnown ? { doubt: UNHEARD } : {})
}

export const waitingTools: readonly Tool[] = [sendAndWait, waitFor]
