import type { EventDraft } from '@bellhop/core'
import type { SourceSink } from '../../../sessions/session-source.ts'
import type { CloudApi, CloudEvent, OlderApi, Suffix } from '../cloud-api.ts'
import { LIMITS } from '../cloud-timing.ts'
import type { OpenReader } from './cloud-session.ts'

/** Where a session’s first told event stands: its number, or its id in the older family. */
export type Past = string

/** Before whatever is told first of a session that is only about to be read. */
export const UNOPENED: Past = 'unopened'

const OLDER = 'id:'
const KEY = 'pasts'

export const pastBefore = (event: CloudEvent): Past =>
  event.sequence === undefined ? `${OLDER}${event.eventId}` : String(event.sequence)

/** Remembers what lies before the first event told of a session, also once that is over. */
export const openPasts = async (sink: Pick<SourceSink, 'checkpoint' | 'saveCheckpoint'>) => {
  const pasts = new Map<Suffix, Past>(readPasts(await sink.checkpoint(KEY)))
  return {
    of: (suffix: Suffix): Past | undefined => pasts.get(suffix),
    /** The first one told stays the first. */
    add: async (suffix: Suffix, past: Past): Promise<void> => {
      if (pasts.has(suffix)) return
      pasts.set(suffix, past)
      const [oldest] = pasts.keys()
      if (pasts.size > LIMITS.rememberedPasts && oldest !== undefined) pasts.delete(oldest)
      await sink.saveCheckpoint(KEY, JSON.stringify([...pasts]))
    },
  }
}

const readPasts = (text: string | undefined): [Suffix, Past][] => {
  try {
    const read: unknown = JSON.parse(text ?? '[]')
    if (!Array.isArray(read)) return []
    return read.filter(
      (one): one is [Suffix, Past] =>
        Array.isArray(one) && typeof one[0] === 'string' && typeof one[1] === 'string',
    )
  } catch {
    // Only the way back is lost; the sessions themselves are in the log.
    return []
  }
}

type Parts = {
  api: Pick<CloudApi, 'events'>
  older: Pick<OlderApi, 'events'>
  openReader: OpenReader
}

/** Reads what lies before an event, in its order, as a reader who begins there understands it. */
export const readPast = async (
  parts: Parts,
  range: { suffix: Suffix; past: Past; limit: number },
  signal: AbortSignal,
): Promise<{ drafts: readonly EventDraft[]; past?: Past }> => {
  const { suffix } = range
  let past: Past | undefined = range.past
  const drafts: EventDraft[] = []
  for (let calls = 0; calls < LIMITS.pastCalls && past !== undefined; calls++) {
    const page = await pageBefore(parts, { ...range, past }, signal)
    const reader = parts.openReader({ suffix })
    const told = page.events.flatMap((event) => reader.read(event).drafts)
    // What is said of the session as a whole has changed since.
    drafts.unshift(...told.filter(({ type }) => !type.startsWith('session.')))
    past = page.past
    if (drafts.length > 0) break
  }
  return { drafts, ...(past !== undefined && { past }) }
}

const pageBefore = async (
  { api, older }: Parts,
  { suffix, past, limit }: { suffix: Suffix; past: Past; limit: number },
  signal: AbortSignal,
): Promise<{ events: readonly CloudEvent[]; past?: Past }> => {
  if (past.startsWith(OLDER)) {
    const beforeId = past.slice(OLDER.length)
    const page = await older.events(suffix, { beforeId, limit: bounded(limit) + 1 }, signal)
    // The event a page goes back from comes along.
    const events = page.events.filter(({ eventId }) => eventId !== beforeId)
    const [first] = events
    return { events, ...(page.hasMore && first && { past: pastBefore(first) }) }
  }
  const from = Number(past)
  if (!Number.isSafeInteger(from) || from <= 1) return { events: [] }
  const page = await api.events(suffix, { order: 'desc', from, limit: bounded(limit) }, signal)
  const events = page.events.toSorted((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0))
  const isMore = page.next !== undefined && page.next > 1 && page.next < from
  return { events, ...(isMore && { past: String(page.next) }) }
}

/** As many as asked for, within what a page may be and what is worth a call. */
const bounded = (limit: number) => Math.min(LIMITS.gapPage, Math.max(50, limit))
