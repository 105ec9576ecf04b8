import { type EventDraft, RelayError, type SessionId, type SourceId } from '@bellhop/core'
import type { Timing } from '../../../clock.ts'
import type { Logger } from '../../../logger.ts'
import type { SourceSink } from '../../../sessions/session-source.ts'
import type { CloudApi, CloudRow, Fields, OlderApi, SkipCounter, Suffix } from '../cloud-api.ts'
import { WAITS } from '../cloud-timing.ts'
import { createJoining } from '../joining.ts'
import { createAccountHealth } from './account-health.ts'
import { createAccountList, type ListRoad } from './account-list.ts'
import { failureOf } from './cloud-failure-of.ts'
import type { CloudSession, OpenReader } from './cloud-session.ts'
import { detailLines } from './detail-lines.ts'
import { createLiveLines, isBusy } from './live-lines.ts'
import type { Looks } from './looks.ts'
import { createMachineNames } from './machine-names.ts'
import { meterApi, meterOlder } from './metered-api.ts'
import { openPasts, type Past, readPast, UNOPENED } from './pasts.ts'
import { patchRow } from './patch-row.ts'
import { createSessionBook } from './session-book.ts'
import { createSessionCare } from './session-care.ts'
import { followLine } from './session-line.ts'

export type CloudRunParts = {
  api: CloudApi
  older: OlderApi
  timing: Timing
  random: () => number
  logger: Logger
  skips: SkipCounter
  openReader: OpenReader
  looks: Looks
  /** What kind of login is used and until when, for `doctor`; never a token. */
  describeLogin?: (signal: AbortSignal) => Promise<string | undefined>
  clockOffMs?: () => number | undefined
  /** What the machine this runs on calls itself. */
  hostname: string
  /** Asks a worker what waits for an answer. */
  initialize(
    session: CloudSession,
    shownAs: SessionId | undefined,
    signal: AbortSignal,
  ): Promise<unknown>
  sourceId: SourceId
  capabilitiesOf(row: CloudRow): readonly string[]
}

/** One run of the source: from the first list until it is aborted or cannot go on. */
export const openCloudRun = async (parts: CloudRunParts, sink: SourceSink, outer: AbortSignal) => {
  const { timing, looks, random, skips, hostname } = parts
  const failed = new AbortController()
  const signal = AbortSignal.any([outer, failed.signal])
  const fail = (error: unknown) => failed.abort(error)
  const health = createAccountHealth(timing, () => tellHealth())
  const api = meterApi(parts.api, health)
  const older = meterOlder(parts.older, health)
  const pasts = await openPasts(sink)
  const machines = createMachineNames({ api, timing, hostname, signal })
  const openReader: OpenReader = (about) =>
    parts.openReader({ ...about, machineOf: machines.nameOf })
  const shownAs = ({ suffix, sessionId }: CloudSession): SessionId =>
    joining.stateOf(suffix)?.sessionId ?? sessionId
  const isLookedAt = (session: CloudSession) => looks.has(shownAs(session))
  const isLookedAtNow = (session: CloudSession) => looks.isNow(shownAs(session))
  let listRoad: ListRoad | undefined
  let login: string | undefined

  /** Does something beside everything else; what goes wrong with a call is in the health already. */
  const beside = (work: () => Promise<unknown>): void => {
    work().catch((error: unknown) => {
      if (!signal.aborted && !failureOf(error)) fail(error)
    })
  }

  const book = createSessionBook(
    {
      api,
      sink,
      timing,
      hasLine: (session) => lines.has(session),
      claim: async (row, claiming) => {
        // A session says once which machine it runs on, so that is worth a moment.
        const named = firstOf(machines.find(row), timing, WAITS.nameMs, claiming)
        await Promise.all([joining.claim(row, claiming), named])
      },
      onRow: (session, row) => {
        lines.reconsider()
        beside(() => joining.look())
        care.markRead(session)
        care.lookBehind(session, row)
        care.expectPrompt(session)
      },
      ports: {
        sink,
        timing,
        signal,
        openReader,
        onFailure: fail,
        onHold: () => lines.reconsider(),
        joinedTo: (suffix) => joining.stateOf(suffix),
        send: (session, payloads, sending) => send(session, payloads, sending),
      },
    },
    signal,
  )

  const joining = createJoining(
    {
      sourceId: parts.sourceId,
      sink,
      timing,
      rowOf: (suffix) => book.get(suffix)?.row,
      freshRow: (suffix, asking) => book.fresh(suffix, asking),
      open: async (suffix) => {
        const session = book.get(suffix)
        await session?.load()
        return session
      },
      hasRow: (suffix) => book.get(suffix)?.hasRow ?? false,
      capabilitiesOf: parts.capabilitiesOf,
      isElsewhere: async (row) => {
        const name = await machines.find(row)
        return name !== undefined && machines.isElsewhere(name)
      },
      onChange: () => lines.reconsider(),
      onFailure: fail,
    },
    signal,
  )

  const lines = createLiveLines(
    {
      timing,
      sessions: book.all,
      isLookedAt,
      isReadElsewhere: ({ suffix }) => joining.stateOf(suffix)?.tellsPrompts === false,
      onFailure: (error) => {
        if (!signal.aborted) fail(error)
      },
      follow: (session, mayStream, following) => {
        if (listRoad?.family === 'older' && session.road === 'stream') {
          session.road = 'older-socket'
          session.roadUntilMs = timing.nowMs() + WAITS.roadRetryMs
        }
        return followLine(
          { api, older, timing, random, isLookedAt, onCaughtUp, onFields, onGone },
          session,
          mayStream,
          following,
        )
      },
    },
    signal,
  )

  const care = createSessionCare({
    api,
    timing,
    signal,
    beside,
    isLookedAt,
    isLookedAtNow,
    lineOf: (session) => lines.of(session),
    initialize: (session) =>
      parts.initialize(session, joining.stateOf(session.suffix)?.sessionId, signal),
  })

  const list = createAccountList({
    api,
    older,
    timing,
    random,
    isWatched: () =>
      looks.isAnybody() || [...book.all()].some((one) => isBusy(one, timing.nowMs())),
    onRows: (rows) => book.takeRows(rows),
    onComplete: async (listed) => {
      await book.takeComplete(listed)
      await joining.look()
      tellHealth()
    },
    onRemoved: (suffix) => book.check(suffix),
    onRoad: (road) => {
      listRoad = road
    },
  })

  const send = async (
    { suffix, road }: CloudSession,
    payloads: readonly Fields[],
    sending: AbortSignal,
  ): Promise<void> => {
    if (road === 'older-socket' || road === 'older-poll') {
      return older.send(suffix, payloads, sending)
    }
    await orOlder(
      () => api.send(suffix, payloads, sending),
      () => older.send(suffix, payloads, sending),
    )
  }

  /** What is done by the newer family where it is there, else by the older one. */
  const acting: CloudApi = {
    ...api,
    rename: (suffix, title, doing) =>
      orOlder(
        () => api.rename(suffix, title, doing),
        () => older.rename(suffix, title, doing),
      ),
    archive: (suffix, doing) =>
      orOlder(
        () => api.archive(suffix, doing),
        () => older.archive(suffix, doing),
      ),
  }

  const onCaughtUp = async (session: CloudSession): Promise<void> => {
    const { firstSequence } = session.reader
    const past = session.past ?? (firstSequence && firstSequence > 1 ? String(firstSequence) : '')
    if (past) await pasts.add(session.suffix, past)
    session.isOpened = true
    await book.withdrawStale(session)
    care.askPending(session)
  }

  const onFields = async (session: CloudSession, fields: Fields): Promise<void> => {
    const { row } = session
    if (row) await book.takeRow(patchRow(row, fields))
  }

  const onGone = (session: CloudSession): Promise<void> => book.check(session.suffix)

  const tellHealth = (): void => {
    if (signal.aborted) return
    const trouble = health.worst()
    const isHeard = health.lastWordMs() !== undefined
    const text = isHeard
      ? 'Follows the sessions of the account.'
      : 'Asks for the account’s sessions.'
    sink.health(trouble ?? { state: 'ok', text })
  }

  const tick = async (): Promise<void> => {
    let calls = -1
    while (!signal.aborted) {
      const now = health.callsInLastHour()
      if (now !== calls) login = await parts.describeLogin?.(signal).catch(() => undefined)
      calls = now
      tellHealth()
      await timing.wait(WAITS.tickMs, signal)
      lines.reconsider()
      // While nobody upstream can be heard, that nothing is heard says nothing.
      if (!health.worst()) beside(() => care.lookAtStale(book.all()))
      book.tidy()
    }
  }

  /** By its own id, or by that of the session it is shown as. */
  const find = (sessionId: SessionId): CloudSession | undefined => {
    const suffix = joining.suffixFor(sessionId)
    return book.find(sessionId) ?? (suffix === undefined ? undefined : book.get(suffix))
  }

  const sessionOf = async (sessionId: SessionId): Promise<CloudSession> => {
    const session = find(sessionId)
    if (!session) throw new RelayError('source_unreachable')
    session.lastWantedMs = timing.nowMs()
    await session.load()
    return session
  }

  /** Where what is told of a session begins, once it has been read; it is read because it is asked for. */
  const pastOnceOpened = async (
    suffix: Suffix,
    reading: AbortSignal,
  ): Promise<Past | undefined> => {
    const session = book.get(suffix)
    const either = AbortSignal.any([signal, reading])
    const untilMs = timing.nowMs() + WAITS.openMs
    using _ = session?.stayLive()
    while (session && !session.isOpened && timing.nowMs() < untilMs && !either.aborted) {
      await timing.wait(WAITS.openLookMs, either)
    }
    if (!session?.isOpened && pasts.of(suffix) === undefined) {
      throw new RelayError('source_unreachable')
    }
    return pasts.of(suffix)
  }

  return {
    api: acting,
    timing,
    book,
    signal,
    sessionOf,
    details: (): string[] =>
      detailLines({
        health,
        skips,
        login,
        clockOffMs: parts.clockOffMs?.(),
        listRoad,
        all: [...book.all()],
        live: lines.all(),
        leftOut: book.leftOut(),
      }),
    /** Keeps at it until aborted; rejects when it cannot go on. */
    run: async (): Promise<void> => {
      await joining.start()
      await book.restore()
      try {
        await Promise.all([list.run(signal), tick()])
      } catch (error) {
        fail(error)
      }
      if (failed.signal.aborted && !outer.aborted) throw failed.signal.reason
    },
    /** Others are looked at now. */
    looked: (): void => {
      lines.reconsider()
      if (looks.isAnybody()) list.quicken()
      for (const sessionId of looks.now()) {
        const session = find(sessionId)
        if (session) care.markRead(session)
        if (session?.isLoaded && lines.has(session)) care.askPending(session)
      }
    },
    /** Takes up a session that was just made. */
    takeUp: async (suffix: Suffix, taking: AbortSignal): Promise<SessionId> => {
      const session = await book.takeRow(await api.row(suffix, taking))
      if (!session) throw new RelayError('source_unreachable')
      await session.settled()
      return session.sessionId
    },
    pastOf: (suffix: Suffix): Past | undefined => {
      const isUnopened = book.get(suffix)?.isOpened === false
      return pasts.of(suffix) ?? (isUnopened ? UNOPENED : undefined)
    },
    readPast: async (
      range: { suffix: Suffix; past: Past; limit: number },
      reading: AbortSignal,
    ): Promise<{ drafts: readonly EventDraft[]; past?: Past }> => {
      const { suffix } = range
      const past = range.past === UNOPENED ? await pastOnceOpened(suffix, reading) : range.past
      if (past === undefined) return { drafts: [] }
      return readPast({ api, older, openReader }, { ...range, past }, reading)
    },
  }
}
const orOlder = async (
  newer: () => Promise<unknown>,
  older: () => Promise<void>,
): Promise<void> => {
  try {
    await newer()
  } catch (error) {
    if (failureOf(error)?.kind !== 'absent') throw error
    await older()
  }
}

/** Waits for something, but not longer than that. */
const firstOf = async (
  something: Promise<unknown>,
  timing: Timing,
  waitMs: number,
  signal: AbortSignal,
): Promise<void> => {
  const over = new AbortController()
  await Promise.race([something, timing.wait(waitMs, AbortSignal.any([signal, over.signal]))])
  over.abort()
}
export type CloudRun = Awaited<ReturnType<typeof openCloudRun>>
