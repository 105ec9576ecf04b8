import {
  emptyTranscript,
  parseEvent,
  reduceTranscript,
  type Session,
  type SessionEvent,
  type SessionId,
  type Transcript,
} from '@bellhop/core'
import { isRefusal, type RelayClient } from '@bellhop/core/client'
import { createSignal } from 'solid-js'
import { database } from '../platform/database.ts'
import type { FoundPlace } from '../platform/parse-route.ts'
import { NO_STORIES, tellStories } from './command-stories.ts'
import {
  appendEvents,
  type EventWindow,
  goesOn,
  joinNewest,
  newestOf,
  prependPage,
  trimOldest,
} from './event-window.ts'
import { keepIdentity } from './keep-identity.ts'

const PAGE_EVENTS = 200
/** Pages are larger where nobody reads what is on them. */
const SEEK_EVENTS = 500
const KEPT_EVENTS = 300
const MAX_EVENTS = 6_000
/** Pages without a word in them that are read on before scrolling is asked for again. */
const SILENT_PAGES = 4
const PAST_TIMEOUT_MS = 30_000

/** Why older words could not be read; `text` is what the relay says of it. */
export type OlderProblem = { readonly text: string | undefined }

/** One session's transcript on this phone: what was kept at once, then the newest, older pages on request. */
export function createTranscript(
  sessionId: SessionId,
  deps: {
    client: () => RelayClient
    onSession: (session: Session) => void
    /** Hears of every event that was read. */
    onEvents: (events: readonly SessionEvent[]) => void
  },
) {
  let window: EventWindow | undefined
  let waiting: SessionEvent[] = []
  let fetching: Promise<void> | undefined
  let keepTimer: ReturnType<typeof setTimeout> | undefined
  const [transcript, setTranscript] = createSignal<Transcript>(emptyTranscript)
  const [stories, setStories] = createSignal(NO_STORIES)
  const [state, setState] = createSignal<'loading' | 'kept' | 'ready'>('loading')
  const [hasMore, setHasMore] = createSignal(false)
  const [loadingOlder, setLoadingOlder] = createSignal(false)
  const [olderProblem, setOlderProblem] = createSignal<OlderProblem>()

  const show = (next: EventWindow, added?: readonly SessionEvent[]) => {
    const folded = added
      ? reduceTranscript(transcript(), added)
      : reduceTranscript(emptyTranscript, next.events)
    window = next
    setStories(added ? tellStories(stories(), added) : tellStories(NO_STORIES, next.events))
    setTranscript(added ? folded : keepIdentity(transcript(), folded))
    setHasMore(goesOn(next))
    clearTimeout(keepTimer)
    keepTimer = setTimeout(() => void save(), 1_500)
  }

  const save = async () => {
    if (!window) return
    try {
      const { events, hasMore } = newestOf(window, KEPT_EVENTS)
      const value = { events: [...events], hasMore, atMs: Date.now() }
      await (await database()).put('transcripts', value, sessionId)
    } catch {
      // Reading offline is a comfort; without room for it the transcript is still on the screen.
    }
  }

  const loadKept = async () => {
    try {
      const kept = await (await database()).get('transcripts', sessionId)
      if (!kept || window) return
      const events = kept.events.flatMap((event) => parseEvent(event) ?? [])
      if (events.length === 0) return
      show({ events, hasMore: kept.hasMore })
      setState('kept')
    } catch {
      // The relay has it all.
    }
  }

  const page = async (from: {
    before?: SessionEvent | undefined
    past?: string | undefined
    limit?: number
  }) => {
    const { before, past, limit = PAGE_EVENTS } = from
    const answer = await deps.client().call(
      'history',
      {
        sessionId,
        limit,
        ...(before && { before: before.cursor }),
        ...(past !== undefined && { past }),
      },
      past === undefined ? {} : { timeoutMs: PAST_TIMEOUT_MS },
    )
    deps.onSession(answer.session)
    const events = answer.events.flatMap((event) => parseEvent(event) ?? [])
    deps.onEvents(events)
    return {
      events,
      hasMore: answer.hasMore,
      ...(answer.past !== undefined && { past: answer.past }),
    }
  }

  const loadNewest = async () => {
    waiting = []
    const newest = await page({})
    const joined = joinNewest(window, newest)
    show(appendEvents(joined, waiting))
    waiting = []
    setState('ready')
  }

  /** Reads one page in front; answers whether reading on could bring words to light that this one did not. */
  const readOlder = async (): Promise<boolean> => {
    const before = window
    if (!before || !goesOn(before)) return false
    const rows = transcript().rows.length
    const oldest = before.events[0]
    if (before.past === undefined && !oldest) return false
    const older = await page(before.past === undefined ? { before: oldest } : { past: before.past })
    // Trimmed or read anew meanwhile: this page no longer joins on.
    if (!window || window.events[0] !== oldest) return false
    show(prependPage(window, older))
    return goesOn(older) && transcript().rows.length === rows
  }

  const refresh = (): Promise<void> => {
    fetching ??= loadNewest().finally(() => {
      fetching = undefined
    })
    return fetching
  }

  /** Reads pages of the relay's log in front until an event is among them, or the moment it was said at. */
  const seekBack = async (place: FoundPlace): Promise<void> => {
    const base = window
    const isThere = ({ events }: EventWindow) =>
      events.some(
        ({ eventId, at }) =>
          eventId === place.eventId ||
          (place.sessionId !== sessionId && Date.parse(at) <= place.atMs),
      )
    let reached = base
    // A call's beginning may be a page before its end, and stands for it.
    let further = 1
    while (reached?.hasMore && (!isThere(reached) || further-- > 0)) {
      const before: SessionEvent | undefined = reached.events[0]
      reached = prependPage(reached, await page({ before, limit: SEEK_EVENTS }))
    }
    // Trimmed or read anew meanwhile: what was read no longer joins on.
    if (!window || !reached || reached === base || window.events[0] !== base?.events[0]) return
    show(prependPage(window, reached))
  }

  return {
    sessionId,
    transcript,
    /** What became of the commands the session was given. */
    stories,
    state,
    hasMore,
    loadingOlder,
    olderProblem,
    loadKept,
    /** Reads the newest page; calls that overlap share one reading. Rejects when the relay cannot be read. */
    refresh,
    /**
     * Reads back as far as a place that was found, and answers its event. There is none where it was said in a session
     * joined to this one. What cannot be read is looked for in what is here.
     */
    async readBackTo(place: FoundPlace): Promise<SessionEvent | undefined> {
      setLoadingOlder(true)
      setOlderProblem(undefined)
      try {
        if (state() !== 'ready') await refresh()
        await seekBack(place)
      } catch (error) {
        setOlderProblem({ text: isRefusal(error) ? error.message : undefined })
      } finally {
        setLoadingOlder(false)
      }
      return window?.events.find(({ eventId }) => eventId === place.eventId)
    },
    apply(events: readonly SessionEvent[], mayTrim: boolean) {
      if (fetching) waiting.push(...events)
      if (!window || state() !== 'ready') return
      const known = window.events.length
      const next = appendEvents(window, events)
      if (next === window) return
      const trimmed = mayTrim ? trimOldest(next, MAX_EVENTS) : next
      show(trimmed, trimmed === next ? next.events.slice(known) : undefined)
    },
    /** Reads on before the first words shown, in the relay's log and then at the session's source. */
    async loadOlder(): Promise<void> {
      if (loadingOlder() || !hasMore()) return
      setLoadingOlder(true)
      setOlderProblem(undefined)
      try {
        for (let pages = 0; pages < SILENT_PAGES && (await readOlder()); ) pages += 1
      } catch (error) {
        setOlderProblem({ text: isRefusal(error) ? error.message : undefined })
      } finally {
        setLoadingOlder(false)
      }
    },
  }
}

export type TranscriptStore = ReturnType<typeof createTranscript>
