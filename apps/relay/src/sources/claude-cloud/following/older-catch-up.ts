import type { CloudEvent, OlderApi } from '../cloud-api.ts'
import { LIMITS } from '../cloud-timing.ts'
import { failureOf } from './cloud-failure-of.ts'
import type { CloudSession } from './cloud-session.ts'
import { pastBefore } from './pasts.ts'

type Reads = Pick<OlderApi, 'events'>

/**
 * Brings a session up to now from the older family’s list, which has ids in place of numbers and
 * begins at the beginning. Of a session never read before only the newest is told.
 */
export const catchUpOlder = async (
  older: Reads,
  session: CloudSession,
  signal: AbortSignal,
): Promise<void> => {
  await session.load()
  await session.inOrder(async () => {
    try {
      if (session.lastOlderId !== undefined) return await goOn(older, session, signal)
    } catch (error) {
      const kind = failureOf(error)?.kind
      if (kind !== 'refused' && kind !== 'expired') throw error
      // A place this list does not know (any more): everything is looked through again.
    }
    await openAtEnd(older, session, signal)
  })
}

const takeAll = async (session: CloudSession, events: readonly CloudEvent[]): Promise<void> => {
  for (const event of events) await session.takeEvent(event)
  const last = events.at(-1)?.eventId
  if (last !== undefined) session.lastOlderId = last
  await session.settled()
}

const goOn = async (older: Reads, session: CloudSession, signal: AbortSignal): Promise<void> => {
  for (;;) {
    const afterId = session.lastOlderId
    const page = await older.events(
      session.suffix,
      { limit: LIMITS.olderPage, ...(afterId !== undefined && { afterId }) },
      signal,
    )
    await takeAll(session, page.events)
    if (!page.hasMore || session.lastOlderId === afterId) return
  }
}

const openAtEnd = async (
  older: Reads,
  session: CloudSession,
  signal: AbortSignal,
): Promise<void> => {
  const known = session.lastOlderId
  let isKnownPassed = false
  let isMore = false
  let newest: CloudEvent[] = []
  let afterId: string | undefined
  for (let pages = 0; pages < LIMITS.olderPages; pages++) {
    const page = await older.events(
      session.suffix,
      { limit: LIMITS.olderPage, ...(afterId !== undefined && { afterId }) },
      signal,
    )
    isKnownPassed ||= page.events.some(({ eventId }) => eventId === known)
    if (isKnownPassed) await takeAll(session, page.events)
    else {
      isMore ||= newest.length + page.events.length > LIMITS.openEvents
      newest = [...newest, ...page.events].slice(-LIMITS.openEvents)
    }
    const last = page.events.at(-1)?.eventId
    if (!page.hasMore || last === undefined || last === afterId) break
    afterId = last
  }
  if (isKnownPassed) return
  const [first] = newest
  if (first && isMore) session.past = pastBefore(first)
  await takeAll(session, newest)
}
