import type { KnownEvent, SessionEvent } from '@bellhop/core'

type Recent = { position: number; event: SessionEvent; chars: number }

/** The newest events of a log, so that those who follow closely do not go to the disk for them. */
export interface RecentEvents {
  push(position: number, event: KnownEvent, chars: number): void
  /** The events after a position, or `undefined` when some of them are no longer here. */
  after(
    position: number,
    limit: number,
    sessionIds?: ReadonlySet<string>,
  ): { found: readonly Recent[]; hasMore: boolean } | undefined
}

/** Keeps at most so many events and characters; the oldest go first. [I6] */
export const createRecentEvents = (limits: { events: number; chars: number }): RecentEvents => {
  let kept: Recent[] = []
  /** Where the kept ones start; moved rather than shifted, so that dropping costs nothing. */
  let start = 0
  let chars = 0
  return {
    push: (position, event, length) => {
      kept.push({ position, event, chars: length })
      chars += length
      while (kept.length - start > limits.events || chars > limits.chars) {
        chars -= kept[start]?.chars ?? 0
        start++
        if (start === kept.length) break
      }
      if (start > limits.events) {
        kept = kept.slice(start)
        start = 0
      }
    },
    after: (position, limit, sessionIds) => {
      const first = kept[start]
      // Positions follow one another without gaps, so the distance is the index.
      if (!first || position < first.position - 1) return undefined
      const found: Recent[] = []
      for (let at = start + position - first.position + 1; at < kept.length; at++) {
        const one = kept[at]
        if (!one || (sessionIds && !sessionIds.has(one.event.sessionId))) continue
        if (found.length === limit) return { found, hasMore: true }
        found.push(one)
      }
      return { found, hasMore: false }
    },
  }
}
