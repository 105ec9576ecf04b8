import type { Cursor, KnownEvent, Session, SessionEvent } from '@bellhop/core'
import { reduceSession } from '@bellhop/core'
import type { StampedDraft } from '../sessions/event-log.ts'

/** A draft as it stands in the log: with its cursor, without what only told repeats apart. [EV-1] */
export const storedEvent = (draft: StampedDraft, cursor: Cursor): KnownEvent => {
  const { dedupeKey: _, ...event } = draft
  return { ...event, cursor } as KnownEvent
}

/** Folds events into a session, from what went before them. */
export const foldSession = (
  base: Session | undefined,
  events: Iterable<SessionEvent>,
): Session | undefined => {
  let session = base
  for (const event of events) session = reduceSession(session, event)
  return session
}
