import { hash } from 'node:crypto'
import type { SearchKind, SessionEvent, SessionId } from '@bellhop/core'
import { indexText, type SearchQuery } from '../../sessions/search-words.ts'
import { searchableOf } from '../../sessions/searchable-text.ts'
import type { Database } from './database.ts'

/** The words of the events, by their place; what they said stands in the events alone. */
export interface SearchTable {
  /** Takes an event in, inside the transaction that stores it. */
  add(position: number, event: SessionEvent): void
  /** Lets an event go, inside the transaction that removes it. */
  remove(position: number): void
  /** The newest places before one that fit, at most so many. */
  find(range: {
    query: SearchQuery
    sessionIds: readonly SessionId[] | undefined
    kinds: readonly SearchKind[] | undefined
    before: number
    limit: number
  }): readonly { position: number; session_id: SessionId }[]
}

export const createSearchTable = (db: Pick<Database, 'prepare'>): SearchTable => {
  const insert = db.prepare('INSERT INTO search (rowid, tags, words) VALUES (?, ?, ?)')
  const remove = db.prepare('DELETE FROM search WHERE rowid = ?')
  // The index is walked from its newest place back, and what is asked of the events is at their front.
  const find = db.prepare(
    `SELECT e.position, e.session_id FROM search CROSS JOIN events AS e ON e.position = search.rowid
     WHERE search MATCH ? AND search.rowid < ? ORDER BY search.rowid DESC LIMIT ?`,
  )
  return {
    add: (position, event) => {
      const words = searchableOf(event)
      if (!words) return
      const tags = `${kindTag(words.kind)} ${sessionTag(event.sessionId)}`
      insert.run(position, tags, indexText(words.text))
    },
    remove: (position) => void remove.run(position),
    find: ({ query, sessionIds, kinds, before, limit }) => {
      if (query.length === 0 || sessionIds?.length === 0) return []
      const match = [
        ...(sessionIds ? [tagged(sessionIds.map(sessionTag))] : []),
        ...(kinds ? [tagged(kinds.map(kindTag))] : []),
        `words : (${query.map(phraseOf).join(' AND ')})`,
      ].join(' AND ')
      return find.all(match, before, limit) as unknown as readonly {
        position: number
        session_id: SessionId
      }[]
    },
  }
}

/** Letters and digits only, so that nothing in it can be taken for a sign of the query language. */
const phraseOf = ({ words, isPrefix }: SearchQuery[number]): string =>
  `"${words.join(' ')}"${isPrefix ? ' *' : ''}`

const tagged = (tags: readonly string[]): string =>
  `tags : (${tags.map((tag) => `"${tag}"`).join(' OR ')})`

const kindTag = (kind: SearchKind): string => `k${kind}`

/** A session as one word of the index, which its id need not be. */
const sessionTag = (sessionId: SessionId): string => `s${hash('sha1', sessionId).slice(0, 16)}`
