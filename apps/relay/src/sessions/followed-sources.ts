import { type EventDraft, roadsOf, type SourceId } from '@bellhop/core'
import { type Clock, isoTime } from '../clock.ts'
import type { SessionIndex } from './event-log.ts'
import type { Ingest } from './ingest.ts'

/**
 * Notes in the log which sources are followed from now on, where that has changed since the last
 * start: what nobody follows cannot be asked, and nobody is to be shown a button for it. [EV-8]
 */
export const noteFollowedSources = async (parts: {
  sourceIds: readonly SourceId[]
  sessions: Pick<SessionIndex, 'list'>
  ingest: Ingest
  clock: Clock
}): Promise<void> => {
  const { sourceIds, sessions, ingest, clock } = parts
  const at = isoTime(clock.nowMs())
  for (const session of (await sessions.list()).sessions) {
    if (session.status === 'ended') continue
    const drafts = roadsOf(session).flatMap(({ sourceId, unfollowedSince }): EventDraft[] => {
      const isFollowed = sourceIds.includes(sourceId)
      if (isFollowed === (unfollowedSince === undefined)) return []
      const { sessionId } = session
      const dedupeKey = `followed ${sourceId} ${isFollowed} ${at}`
      const about = { sessionId, at, dedupeKey, type: 'session.followed' as const }
      return [{ ...about, followedSourceId: sourceId, isFollowed }]
    })
    await ingest.append(session.sourceId, drafts)
  }
}
