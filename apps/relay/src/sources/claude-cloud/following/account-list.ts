import { backoffMs } from '@bellhop/core/client'
import type { Timing } from '../../../clock.ts'
import type { CloudApi, CloudRow, OlderApi, Suffix } from '../cloud-api.ts'
import { LIMITS, WAITS } from '../cloud-timing.ts'
import { failureOf } from './cloud-failure-of.ts'

export type AccountListParts = {
  api: Pick<CloudApi, 'list' | 'watch'>
  older: Pick<OlderApi, 'list'>
  timing: Timing
  random: () => number
  /** Whether somebody looks, or something works, so that news matters. */
  isWatched(): boolean
  /** Some rows, in whatever order they came. */
  onRows(rows: readonly CloudRow[]): Promise<void>
  /** The list was read to its end: these and no others are on it. */
  onComplete(suffixes: ReadonlySet<Suffix>): Promise<void>
  onRemoved(suffix: Suffix): Promise<void>
  /** Which family the list is read by, and how. */
  onRoad(road: ListRoad): void
}

export type ListRoad = {
  family: 'newer' | 'older'
  by: 'watch' | 'poll'
  everyMs?: number
}

type Token = { text: string; atMs: number }

/** Keeps the list of the account’s sessions as it is upstream: by the watch, else by asking. */
export const createAccountList = (parts: AccountListParts) => {
  const { api, older, timing, random } = parts
  let wake = new AbortController()
  let watchRestUntilMs = 0
  let olderUntilMs = 0
  let muteWatches = 0
  let pollMs: number = WAITS.listPoll.firstMs
  let shown = ''

  /** Reads all pages; the place the watch goes on from is that of the first. */
  const readAll = async (signal: AbortSignal): Promise<Token | undefined> => {
    const seen = new Set<Suffix>()
    const texts: string[] = []
    let cursor: string | undefined
    let token: Token | undefined
    let pages = 0
    do {
      const atMs = timing.nowMs()
      const page = await api.list(
        { limit: LIMITS.listPage, archived: false, ...(cursor !== undefined && { cursor }) },
        signal,
      )
      if (page.resumeToken !== undefined) token ??= { text: page.resumeToken, atMs }
      await takePage(page.rows, seen, texts)
      cursor = page.nextCursor === cursor ? undefined : page.nextCursor
      pages += 1
    } while (cursor !== undefined && pages * LIMITS.listPage < LIMITS.sessions)
    if (cursor === undefined) await parts.onComplete(seen)
    rememberShown(texts)
    return token
  }

  const readOlder = async (signal: AbortSignal): Promise<void> => {
    const seen = new Set<Suffix>()
    const texts: string[] = []
    const page = await older.list(signal)
    await takePage(page.rows, seen, texts)
    if (page.nextCursor === undefined) await parts.onComplete(seen)
    rememberShown(texts)
  }

  const takePage = async (
    rows: readonly CloudRow[],
    seen: Set<Suffix>,
    texts: string[],
  ): Promise<void> => {
    for (const row of rows) {
      seen.add(row.suffix)
      texts.push(JSON.stringify(row))
    }
    await parts.onRows(rows)
  }

  /** A list that does not change is asked for ever less often while nobody waits for it. */
  const rememberShown = (texts: readonly string[]): void => {
    const text = texts.join('\n')
    const isQuiet = text === shown && !parts.isWatched()
    shown = text
    pollMs = isQuiet ? Math.min(pollMs * 2, WAITS.listPoll.maxMs) : WAITS.listPoll.firstMs
  }

  const rest = async (ms: number, signal: AbortSignal): Promise<void> => {
    wake = new AbortController()
    await timing.wait(ms, AbortSignal.any([signal, wake.signal]))
  }

  /** Follows the watch until it is over; the newest place it told, as long as that is good. */
  const watch = async (from: Token, signal: AbortSignal): Promise<Token> => {
    parts.onRoad({ family: 'newer', by: 'watch' })
    const line = new AbortController()
    const ours = AbortSignal.any([signal, line.signal])
    let token = from
    let heardMs = timing.nowMs()
    let words = 0
    // A watch that goes on without a place in it is dead, however many bytes come.
    const guard = async () => {
      for (;;) {
        const restMs = heardMs + WAITS.watchSilenceMs - timing.nowMs()
        if (restMs <= 0) return line.abort()
        await timing.wait(restMs, ours)
        if (ours.aborted) return
      }
    }
    void guard()
    // One row may have to wait for whose it is; the others do not wait for it.
    const taking = new Set<Promise<void>>()
    let failure: { error: unknown } | undefined
    const take = async (row: CloudRow): Promise<void> => {
      const taken = parts
        .onRows([row])
        .catch((error: unknown) => {
          failure = { error }
          line.abort()
        })
        .finally(() => taking.delete(taken))
      taking.add(taken)
      if (taking.size >= LIMITS.rowsAtOnce) await Promise.race(taking)
    }
    try {
      for await (const item of api.watch(from.text, ours)) {
        if (item.kind === 'open') continue
        heardMs = timing.nowMs()
        words += 1
        if (item.kind === 'row') await take(item.row)
        if (item.kind === 'removed') await parts.onRemoved(item.suffix)
        if (item.kind === 'token') token = { text: item.token, atMs: heardMs }
      }
    } catch (error) {
      if (signal.aborted || !line.signal.aborted) throw error
    } finally {
      muteWatches = words > 0 ? 0 : muteWatches + 1
      line.abort()
    }
    if (failure) throw failure.error
    if (muteWatches >= 2) restFromWatch()
    return token
  }

  const restFromWatch = () => {
    muteWatches = 0
    watchRestUntilMs = timing.nowMs() + WAITS.watchRestMs
  }

  /** Watches from a token on, again and again, until the list has to be read anew. */
  const watchOn = async (first: Token, signal: AbortSignal): Promise<void> => {
    const untilMs = timing.nowMs() + WAITS.relistMs
    const hour = new AbortController()
    const ours = AbortSignal.any([signal, hour.signal])
    const over = new AbortController()
    void timing
      .wait(WAITS.relistMs, AbortSignal.any([signal, over.signal]))
      .then(() => hour.abort())
    try {
      for (let token = first, attempt = 0; !ours.aborted; ) {
        const startedMs = timing.nowMs()
        try {
          token = await watch(token, ours)
        } catch (error) {
          if (ours.aborted) break
          const failure = failureOf(error)
          if (!failure) throw error
          const { kind } = failure
          if (kind === 'absent' || kind === 'refused') restFromWatch()
          if (kind === 'absent' || kind === 'refused' || kind === 'expired') return
          const limits = kind === 'login' ? WAITS.loginRetry : WAITS.retry
          await timing.wait(
            Math.max(failure.retryAfterMs ?? 0, backoffMs(attempt, limits, random)),
            ours,
          )
          attempt += 1
          if (timing.nowMs() - token.atMs > WAITS.tokenLifeMs) return
          continue
        }
        if (timing.nowMs() - startedMs >= WAITS.stableMs) attempt = 0
        if (timing.nowMs() < watchRestUntilMs || muteWatches > 0) return
        if (timing.nowMs() - token.atMs > WAITS.tokenLifeMs || timing.nowMs() > untilMs) return
        await timing.wait(backoffMs(attempt, WAITS.retry, random), ours)
        attempt += 1
      }
    } finally {
      over.abort()
    }
  }

  const round = async (signal: AbortSignal): Promise<void> => {
    if (timing.nowMs() < olderUntilMs) {
      parts.onRoad({ family: 'older', by: 'poll', everyMs: pollMs })
      await readOlder(signal)
      return rest(pollMs, signal)
    }
    const mayWatch = timing.nowMs() >= watchRestUntilMs
    let token: Token | undefined
    try {
      token = await readAll(signal)
    } catch (error) {
      if (failureOf(error)?.kind !== 'absent') throw error
      // The newer family is not there: the older one is read, and this one tried again later.
      olderUntilMs = timing.nowMs() + WAITS.roadRetryMs
      return
    }
    if (token && mayWatch) {
      await watchOn(token, signal)
      if (signal.aborted || timing.nowMs() >= watchRestUntilMs) return
    }
    parts.onRoad({ family: 'newer', by: 'poll', everyMs: pollMs })
    await rest(pollMs, signal)
  }

  return {
    /** Keeps at it until aborted. */
    run: async (signal: AbortSignal): Promise<void> => {
      for (let attempt = 0; !signal.aborted; ) {
        const startedMs = timing.nowMs()
        try {
          await round(signal)
          // One that is over at once, as with a watch that will not hold, is not begun at once.
          attempt = timing.nowMs() - startedMs >= WAITS.stableMs ? 0 : attempt + 1
          if (attempt > 0) await rest(backoffMs(attempt - 1, WAITS.retry, random), signal)
        } catch (error) {
          if (signal.aborted) return
          const failure = failureOf(error)
          if (!failure) throw error
          if (timing.nowMs() - startedMs >= WAITS.stableMs) attempt = 0
          const limits = failure.kind === 'login' ? WAITS.loginRetry : WAITS.retry
          const pauseMs = Math.max(failure.retryAfterMs ?? 0, backoffMs(attempt, limits, random))
          attempt += 1
          await rest(pauseMs, signal)
        }
      }
    },
    /** Somebody looks now: a list that is only asked for now and then is asked for soon. */
    quicken: (): void => {
      if (pollMs <= WAITS.listPoll.firstMs) return
      pollMs = WAITS.listPoll.firstMs
      wake.abort()
    },
  }
}
