import {
  type Cursor,
  ownStatus,
  parseEvent,
  type Receipt,
  type Session,
  type SessionEvent,
} from '@bellhop/core'
import {
  foldReply,
  openEventStream,
  type RelayClient,
  type ReplyEnd,
  type ReplyState,
  replyWords,
  startReply,
  takenReply,
} from '@bellhop/core/client'
import { CommandFailed } from './explain.ts'

/** How the waiting ended: with the turn, with a prompt, or because it was long enough. */
export type Reply = {
  end: ReplyEnd | { outcome: 'timed_out' }
  /** The agent’s words, oldest first; as far as they had come. */
  messages: readonly string[]
}

/** How far back is read when the stream could not be taken up where it was left. [I6] */
const REREAD = 500

/** Listens from `after` on, so from before the message is sent, until it is answered. */
export const waitForReply = (parts: {
  client: RelayClient
  session: Session
  after: Cursor
  sent: { commandId: ReplyState['commandId']; text: string }
  signal: AbortSignal
}): { reply: Promise<Reply>; settled(receipt: Receipt): void } => {
  const { client, session, sent, signal } = parts
  const { sessionId, waits } = session
  const fresh = () => startReply({ ...sent, wasIdle: ownStatus(session) === 'idle', waits })
  let state = fresh()
  const ended = new AbortController()
  let refused: string | undefined
  const become = (next: ReplyState) => {
    state = next
    if (state.end) ended.abort()
  }
  const take = (event: SessionEvent) => {
    if (event.sessionId === sessionId) become(foldReply(state, event))
  }

  const reply = (async (): Promise<Reply> => {
    const stream = openEventStream({
      client,
      after: parts.after,
      sessions: [sessionId],
      signal: AbortSignal.any([signal, ended.signal]),
      onState: (now) => {
        if (now.state === 'refused') refused = now.code
      },
      onFrame: (frame) => {
        if (frame.frame === 'event') take(frame.event)
      },
      onReset: async () => {
        const page = await client.call('history', { sessionId, limit: REREAD })
        const { isTaken } = state
        state = { ...fresh(), isTaken }
        for (const event of page.events.map(parseEvent)) if (event) take(event)
        return page.cursor
      },
    })
    await stream.ended
    if (refused !== undefined && !state.end) {
      throw new CommandFailed(`The relay let go of this terminal: ${refused}.`)
    }
    return { end: state.end ?? { outcome: 'timed_out' }, messages: replyWords(state) }
  })()

  return {
    reply,
    settled: ({ state: got, code = 'internal', text = '' }) => {
      if (got === 'refused') become({ ...state, end: { outcome: 'refused', code, text } })
      else become(takenReply(state))
    },
  }
}
