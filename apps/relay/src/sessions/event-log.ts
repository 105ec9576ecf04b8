import type {
  Cursor,
  EventDraft,
  KnownEvent,
  Session,
  SessionEvent,
  SessionId,
} from '@bellhop/core'

/** A checked draft with the id the relay gave it; the log adds the cursor. */
export type StampedDraft = EventDraft & Pick<KnownEvent, 'eventId'>

export type LogPage = {
  events: readonly SessionEvent[]
  /** The place after the last event of this page; equals the log’s head when there is no more. */
  cursor: Cursor
  hasMore: boolean
  /** True when `after` is of another log or older than the oldest event kept: take a snapshot. [ST-3] */
  reset: boolean
}

/** What happened, in order, once. Nothing else is true. */
export interface EventLog {
  /**
   * Stores the drafts whose `(session, dedupeKey)` is new, in their order, and the sessions they
   * change, in one transaction; answers what was stored. Only ingest calls it. [I1] [I5]
   */
  append(drafts: readonly StampedDraft[]): Promise<readonly SessionEvent[]>
  /** At most `limit` events after a cursor, oldest first. */
  read(range: { after: Cursor; sessionIds?: readonly SessionId[]; limit: number }): Promise<LogPage>
  /** At most `limit` events of one session before a cursor (absent: the newest), oldest first. */
  readBack(range: {
    sessionId: SessionId
    before?: Cursor
    limit: number
  }): Promise<{ events: readonly SessionEvent[]; hasMore: boolean }>
  /** The place after the newest event. */
  head(): Promise<Cursor>
  /** Runs `listener` after appends; may coalesce, may repeat, never carries data. [I3] */
  onAppend(listener: () => void): Disposable
  /**
   * Forgets the oldest events beyond what is to be kept, and sessions that have ended and have none
   * left; cursors older than what went are then answered with `reset`. Other sessions stay as they
   * are, and so does what makes a draft a repeat. Works on a bounded number of events a call. [I6]
   */
  trim(limits: {
    /** Newest events kept of each session. */
    keepPerSession: number
    /** Events stored before this moment go. */
    beforeMs: number
  }): Promise<{ removed: number; more: boolean }>
}

/** The sessions as their events make them. */
export interface SessionIndex {
  /** All sessions and the cursor the list is true at, taken together. [ST-8] */
  list(): Promise<{ sessions: readonly Session[]; cursor: Cursor }>
  get(sessionId: SessionId): Promise<Session | undefined>
  /** Throws every projection away and folds the log again. [I4] */
  rebuild(): Promise<void>
}

/** Where each source had got to. */
export interface SourceCheckpoints {
  get(sourceId: string, key: string): Promise<string | undefined>
  set(sourceId: string, key: string, value: string): Promise<void>
}
