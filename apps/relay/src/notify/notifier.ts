import {
  attentionOf,
  type Cursor,
  type DeviceId,
  openAttentions,
  type SessionId,
  stillNeeded,
} from '@bellhop/core'
import { isoTime } from '../clock.ts'
import type { EventLog, LogPage, SourceCheckpoints } from '../sessions/event-log.ts'
import { createDeliveryQueue } from './delivery-queue.ts'
import { createRingAttempt, mayHear, type RingParts } from './ring-attempt.ts'
import { createRings, isAsk, type NotifierState, type Ring, readNotifierState } from './rings.ts'
import { createSaver } from './saver.ts'
import { systemTimers, type Timers } from './timers.ts'

/** Rings phones when a session needs a person. */
export interface Notifier {
  start(): void
  /** Resolves when nothing is on its way any more and the place is saved. */
  stop(): Promise<void>
}

export type NotifierParts = Omit<RingParts, 'signal'> & {
  log: Pick<EventLog, 'read' | 'onAppend'>
  checkpoints: SourceCheckpoints
  /** How long a person at the terminal has to answer before a phone rings. */
  graceMs?: number
  /** How long after the first ring an ask nobody has answered sounds again. */
  reminderMs?: number
  timers?: Timers
  /** Spreads out what is tried again; between 0 and 1. */
  random?: () => number
}

const GRACE_MS = 10_000
const REMINDER_MS = 5 * 60_000
/** A turn that ended longer ago than this, by the time it is read, is history and rings nobody. */
const NEWS_MS = 5 * 60_000
const ASK_LIFE_MS = 24 * 60 * 60_000
const END_LIFE_MS = 4 * 60 * 60_000
const PAGE = 500
/** How long to wait after a fault of the log or the database. */
const FAULT_PAUSE_MS = 5_000
/** How long a relay that stops waits for push services to answer: what was cut off is sent again. */
const LAST_ANSWERS_MS = 1_000
/** Never a source’s id, which begins with a letter. */
const CHECKPOINT = ['@notify', 'state'] as const

/**
 * A reader of the log with its own place in it. What it has noticed is saved with the place before
 * anything is sent, so that a crash loses nothing; what a crash makes it send twice collapses by
 * its tag. What was open when it first looked rings as if it had just been asked. [PU-8]
 */
export const createNotifier = (parts: NotifierParts): Notifier => {
  const { log, sessions, checkpoints, devices, push, clock } = parts
  const { graceMs = GRACE_MS, reminderMs = REMINDER_MS, timers = systemTimers } = parts
  const logger = parts.logger.part('notify')
  const stopping = new AbortController()
  const cutOff = new AbortController()
  const rings = createRings()
  let cursor: Cursor | undefined
  let alarm: Disposable | undefined
  let wake = () => {}
  let woken = false
  let running: Promise<void> = Promise.resolve()
  let listening: Disposable | undefined

  const nudge = () => {
    woken = true
    wake()
  }

  const saver = createSaver(async () => {
    if (cursor === undefined) return
    const state: NotifierState = { version: 1, cursor, rings: rings.all() }
    await checkpoints.set(...CHECKPOINT, JSON.stringify(state))
  })
  const saveSoon = () =>
    void saver.save().catch((error: unknown) => logger.error('could not save the place', { error }))

  const notice = (attention: Ring['attention'], at: Cursor) => {
    const nowMs = clock.nowMs()
    const gone = rings.put({
      attention,
      cursor: at,
      sinceMs: Math.min(nowMs, Date.parse(attention.at)),
      round: 'first',
      dueAtMs: nowMs + graceMs,
      deadlineMs: nowMs + (isAsk(attention) ? ASK_LIFE_MS : END_LIFE_MS),
      left: null,
    })
    if (gone) forget(gone, 'too many at once')
  }

  const forget = (ring: Ring, why: string) => {
    rings.delete(ring.attention.tag)
    queue.drop(ring.attention.tag)
    logger.info('not rung', { kind: ring.attention.kind, why })
    saveSoon()
  }

  /** A device needs this ring no more; when none does, the round is over. */
  const settle = (ring: Ring, deviceId: DeviceId) => {
    if (rings.get(ring.attention.tag) !== ring || ring.left === null) return
    ring.left = ring.left.filter((one) => one !== deviceId)
    if (ring.left.length === 0) endRound(ring)
    saveSoon()
  }

  const endRound = (ring: Ring) => {
    if (!isAsk(ring.attention) || ring.round === 'reminder') {
      rings.delete(ring.attention.tag)
      return
    }
    ring.round = 'reminder'
    ring.dueAtMs = clock.nowMs() + reminderMs
    ring.left = null
    nudge()
  }

  const attempt = createRingAttempt({ ...parts, logger, signal: cutOff.signal })
  const queue = createDeliveryQueue({
    timers,
    random: parts.random ?? Math.random,
    attempt: async (deviceId, tag) => {
      for (;;) {
        const ring = rings.get(tag)
        if (!ring?.left?.includes(deviceId)) return { again: false }
        const result = await attempt(ring, deviceId)
        // On the way out an attempt that failed stays saved, and is made again at the next start.
        if (stopping.signal.aborted && result !== 'done') return { again: true }
        // A newer attention took its place meanwhile, and may be in line for this device by now.
        if (rings.get(tag) !== ring) continue
        if (typeof result === 'object') return result
        if (result === 'over') forget(ring, 'answered or over')
        else settle(ring, deviceId)
        return { again: false }
      }
    },
    givenUp: (deviceId, tag) => {
      const ring = rings.get(tag)
      if (ring) settle(ring, deviceId)
    },
  })

  /** Takes everything that waits now, and the place this is true at. */
  const lookAround = async () => {
    const snapshot = await sessions.list()
    for (const session of snapshot.sessions) {
      for (const attention of openAttentions(session)) {
        if (!rings.get(attention.tag)) notice(attention, session.cursor)
      }
    }
    cursor = snapshot.cursor
    await saver.save()
  }

  const restore = async () => {
    const state = readNotifierState(await checkpoints.get(...CHECKPOINT))
    if (state === undefined) return await lookAround()
    cursor = state.cursor
    // A source needs a moment to say which of its permissions are gone.
    const soonestMs = clock.nowMs() + graceMs
    for (const ring of state.rings) {
      const dueAtMs = ring.round === 'first' ? soonestMs : Math.max(ring.dueAtMs, soonestMs)
      rings.put({ ...ring, dueAtMs })
    }
    for (const ring of rings.all()) {
      for (const deviceId of ring.left ?? []) queue.add(deviceId, ring.attention.tag)
    }
  }

  const takeIn = async ({ events }: LogPage) => {
    const since = isoTime(clock.nowMs() - NEWS_MS)
    let noticed = false
    for (const event of events) {
      const attention = attentionOf(event, since)
      if (attention === undefined) continue
      notice(attention, event.cursor)
      noticed = true
    }
    await dropWhatIsOver(new Set(events.map(({ sessionId }) => sessionId)))
    return noticed
  }

  /** Answered elsewhere: what is queued for it goes at once. [PU-4] */
  const dropWhatIsOver = async (touched: ReadonlySet<SessionId>) => {
    for (const ring of rings.all()) {
      const { sessionId } = ring.attention
      if (!touched.has(sessionId)) continue
      if (!stillNeeded(ring.attention, await sessions.get(sessionId)))
        forget(ring, 'answered or over')
    }
  }

  const readOn = async () => {
    let unsaved = 0
    for (let more = true; more && !stopping.signal.aborted; ) {
      if (cursor === undefined) return
      const page = await log.read({ after: cursor, limit: PAGE })
      if (page.reset) return await lookAround()
      const noticed = await takeIn(page)
      cursor = page.cursor
      unsaved += page.events.length
      more = page.hasMore
      // Reading on from an older place is harmless as long as nothing was noticed since.
      if (noticed || unsaved >= PAGE || saver.isDirty()) {
        await saver.save()
        unsaved = 0
      }
    }
  }

  const beginDue = async () => {
    const due = rings.pending().filter((ring) => ring.dueAtMs <= clock.nowMs())
    if (due.length === 0) return
    const subscribed = await push.subscribed()
    for (const ring of due) {
      if (rings.get(ring.attention.tag) !== ring) continue
      ring.left = subscribed.filter((deviceId) => mayHear(devices.get(deviceId), ring.attention))
      if (ring.left.length === 0) endRound(ring)
    }
    await saver.save()
    for (const ring of due) {
      for (const deviceId of ring.left ?? []) queue.add(deviceId, ring.attention.tag)
    }
  }

  const setAlarm = (atMs: number) => {
    alarm?.[Symbol.dispose]()
    alarm = Number.isFinite(atMs) ? timers.after(atMs - clock.nowMs(), nudge) : undefined
  }

  const waitForMore = () =>
    new Promise<void>((resolve) => {
      wake = resolve
      if (woken || stopping.signal.aborted) resolve()
    })

  const run = async () => {
    while (!stopping.signal.aborted) {
      woken = false
      try {
        if (cursor === undefined) await restore()
        await readOn()
        await beginDue()
        setAlarm(Math.min(...rings.pending().map((ring) => ring.dueAtMs)))
      } catch (error) {
        logger.error('could not look for what needs a person', { error })
        setAlarm(clock.nowMs() + FAULT_PAUSE_MS)
      }
      await waitForMore()
    }
  }

  return {
    start: () => {
      listening ??= log.onAppend(nudge)
      running = run()
    },
    stop: async () => {
      listening?.[Symbol.dispose]()
      stopping.abort()
      nudge()
      await running
      alarm?.[Symbol.dispose]()
      const patience = timers.after(LAST_ANSWERS_MS, () => cutOff.abort())
      await queue.stop()
      patience[Symbol.dispose]()
      await saver.save()
    },
  }
}
