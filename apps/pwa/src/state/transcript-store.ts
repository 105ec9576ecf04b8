import {
  emptyTranscript,
  parseEvent,
  reduceTranscript,
  type Session,
  type SessionEvent,
  type SessionId,
  type Transcript,
} from '@bellhop/core'
import type { RelayClient } from '@bellhop/core/client'
import { createSignal } from 'solid-js'
import { database } from '../platform/database.ts'
import {
  appendEvents,
  type EventWindow,
  joinNewest,
  prependPage,
  trimOldest,
} from './event-window.ts'
import { keepIdentity } from './keep-identity.ts'

const PAGE_EVENTS = 200
const KEPT_EVENTS = 300
const MAX_EVENTS = 6_000

/** One session's transcript on this phone: what was kept at once, then the newest, older pages on request. */
export function createTranscript(
  sessionId: SessionId,
  deps: { client: () => RelayClient; onSession: (session: Session) => void },
) {
  let window: EventWindow | undefined
  let waiting: SessionEvent[] = []
  let fetching: Promise<void> | undefined
  let keepTimer: ReturnType<typeof setTimeout> | undefined
  const [transcript, setTranscript] = createSignal<Transcript>(emptyTranscript)
  const [state, setState] = createSignal<'loading' | 'kept' | 'ready'>('loading')
  const [hasMore, setHasMore] = createSignal(false)
  const [loadingOlder, setLoadingOlder] = createSignal(false)

  const show = (next: EventWindow, added?: readonly SessionEvent[]) => {
    const folded = added
      ? reduceTranscript(transcript(), added)
      : reduceTranscript(emptyTranscript, next.events)
    window = next
    setTranscript(added ? folded : keepIdentity(transcript(), folded))
    setHasMore(next.hasMore)
    clearTimeout(keepTimer)
    keepTimer = setTimeout(() => void save(), 1_500)
  }

  const save = async () => {
    if (!window) return
    const cut = window.events.length > KEPT_EVENTS
    try {
      const value = {
        events: window.events.slice(-KEPT_EVENTS),
        hasMore: window.hasMore || cut,
        atMs: Date.now(),
      }
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

  const page = async (before?: SessionEvent) => {
    const answer = await deps.client().call('history', {
      sessionId,
      limit: PAGE_EVENTS,
      ...(before && { before: before.cursor }),
    })
    deps.onSession(answer.session)
    return {
      events: answer.events.flatMap((event) => parseEvent(event) ?? []),
      hasMore: answer.hasMore,
    }
  }

  const loadNewest = async () => {
    waiting = []
    const newest = await page()
    const joined = joinNewest(window, newest)
    show(appendEvents(joined, waiting))
    waiting = []
    setState('ready')
  }

  return {
    sessionId,
    transcript,
    state,
    hasMore,
    loadingOlder,
    loadKept,
    /** Reads the newest page; calls that overlap share one reading. Rejects when the relay cannot be read. */
    refresh(): Promise<void> {
      fetching ??= loadNewest().finally(() => {
        fetching = undefined
      })
      return fetching
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
    async loadOlder(): Promise<void> {
      const oldest = window?.events[0]
      if (!window?.hasMore || !oldest || loadingOlder()) return
      setLoadingOlder(true)
      try {
        const older = await page(oldest)
        if (window) show(prependPage(window, older))
      } catch {
        // Scrolling up again tries again.
      } finally {
        setLoadingOlder(false)
      }
    },
  }
}

export type TranscriptStore = ReturnType<typeof createTranscript>
