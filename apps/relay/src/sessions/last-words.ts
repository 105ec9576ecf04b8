import {
  type Cursor,
  type EventOf,
  readAgentWords,
  type Session,
  type SessionEvent,
  type SessionId,
} from '@bellhop/core'
import type { EventLog } from './event-log.ts'

export type PersonWord = EventOf<'message.person'>

/** The newest few first: mostly it was looked before, and little has come since. */
const FIRST_PAGE = 20
const PAGE = 250
/** As much as is kept of a session. */
const PAGES = 80
const REMEMBERED = 200

/** Words of a person or of an agent through Bellhop, not what sessions say to each other. */
const isWord = (event: SessionEvent): event is PersonWord =>
  event.type === 'message.person' &&
  event.subagent === undefined &&
  (event.from === 'person' ||
    event.causedBy !== undefined ||
    readAgentWords(event.text) !== undefined)

/**
 * Finds the newest of what a session was told by a person or by an agent through Bellhop. Reads on
 * from where it looked last, so that a long turn is read once. [MC-7]
 */
export const createLastWords = (log: Pick<EventLog, 'readBack'>) => {
  const seen = new Map<SessionId, { upTo: Cursor; word: PersonWord | undefined }>()
  return async ({ sessionId }: Session): Promise<PersonWord | undefined> => {
    const known = seen.get(sessionId)
    let upTo: Cursor | undefined
    let before: Cursor | undefined
    const find = async (): Promise<PersonWord | undefined> => {
      for (let pages = 0; pages < PAGES; pages++) {
        const limit = pages === 0 ? FIRST_PAGE : PAGE
        const page = await log.readBack({ sessionId, limit, ...(before && { before }) })
        for (const event of page.events.toReversed()) {
          upTo ??= event.cursor
          if (event.cursor === known?.upTo) return known.word
          if (isWord(event)) return event
        }
        before = page.events[0]?.cursor
        if (!page.hasMore || !before) return undefined
      }
      return undefined
    }
    const word = await find()
    seen.delete(sessionId)
    if (upTo) seen.set(sessionId, { upTo, word })
    if (seen.size > REMEMBERED) seen.delete([...seen.keys()][0] as SessionId)
    return word
  }
}
