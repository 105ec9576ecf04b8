import type { Session } from '@bellhop/core'
import { ToolRefused } from './tool-refused.ts'

const MINUTE_MS = 60_000

/** What keeps agents from talking themselves into a loop. [MC-7] */
export type MessageGuard = {
  /** Refuses a message to the session the agent runs in, where it can tell. */
  checkTarget(session: Session): void
  /** Counts one message; refuses with `rate_limited` beyond so many a minute. */
  take(): void
}

/** Whether the session is the one of this id, or the same run seen by another road. */
const isOwn = ({ sessionId, runKey, joinedTo }: Session, own: string): boolean =>
  [sessionId, joinedTo].includes(`ses_${own}` as Session['sessionId']) || runKey === own

export const createMessageGuard = (parts: {
  /** The session the agent runs in, as its own program calls it. */
  ownSession: string | undefined
  messagesPerMinute: number
  nowMs?: () => number
}): MessageGuard => {
  const { ownSession, messagesPerMinute, nowMs = Date.now } = parts
  let sentAtMs: number[] = []
  return {
    checkTarget: (session) => {
      if (ownSession === undefined || ownSession === '' || !isOwn(session, ownSession)) return
      throw new ToolRefused(
        'own_session',
        'This is the session you run in. What you say here reaches it already.',
      )
    },
    take: () => {
      const now = nowMs()
      sentAtMs = sentAtMs.filter((at) => now - at < MINUTE_MS)
      if (sentAtMs.length >= messagesPerMinute) {
        throw new ToolRefused(
          'rate_limited',
          `More than ${messagesPerMinute} messages a minute. Wait a moment, then try again.`,
        )
      }
      sentAtMs.push(now)
    },
  }
}
