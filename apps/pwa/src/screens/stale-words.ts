import { clock } from '../platform/times.ts'
import type { Connection } from '../relay/connection.ts'

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
