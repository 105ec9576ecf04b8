import type { Session } from '@bellhop/core'
import { clock, moment } from '../platform/times.ts'
import type { Connection } from '../relay/connection.ts'

/** Since when nothing is heard of a session and why, or undefined while it can be reached. */
export const awayWords = (
  session: Pick<Session, 'offlineSince' | 'roads'>,
  nowMs: number,
): string | undefined => {
  const unfollowedSince = session.roads?.[0]?.unfollowedSince
  if (unfollowedSince !== undefined) {
    return `Not followed any more since ${moment(Date.parse(unfollowedSince), nowMs)}`
  }
  return (
    session.offlineSince &&
    `No word from its machine since ${moment(Date.parse(session.offlineSince), nowMs)}`
  )
}

/** What to say about a line that is down, or undefined while there is nothing to say. */
export function staleWords(
  connection: Connection,
  machine: string,
): { title: string; text: string } | undefined {
  if (connection.state !== 'stale' && connection.state !== 'offline') return undefined
  const since = connection.sinceMs === undefined ? '' : ` since ${clock(connection.sinceMs)}`
  return {
    title:
      connection.state === 'offline'
        ? `This phone is offline${since}`
        : `No word from ${machine}${since}`,
    text: 'What you see may be out of date.',
  }
}
