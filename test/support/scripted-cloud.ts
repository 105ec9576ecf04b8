import type {
  CloudApi,
  CloudEvent,
  CloudRow,
  FailureKind,
  Fields,
  OlderApi,
  StreamItem,
  WatchItem,
} from '../../apps/relay/src/sources/claude-cloud/cloud-api.ts'
import { CloudFailure } from '../../apps/relay/src/sources/claude-cloud/cloud-failure.ts'
import type { VirtualTime } from './virtual-time.ts'

/** What is pushed in at one end comes out at the other, until it ends or the signal aborts. */
const createLine = <Item>(signal: AbortSignal) => {
  const waiting: Item[] = []
  let isOver = false
  let failure: unknown
  let wake = Promise.withResolvers<void>()
  const stir = () => {
    wake.resolve()
    wake = Promise.withResolvers()
  }
  signal.addEventListener('abort', stir)
  return {
    push: (item: Item) => {
      waiting.push(item)
      stir()
    },
    end: (error?: unknown) => {
      isOver = true
      failure = error
      stir()
    },
    items: async function* (): AsyncGenerator<Item> {
      for (;;) {
        const item = waiting.shift()
        if (item !== undefined) yield item
        else if (isOver || signal.aborted) break
        else await wake.promise
      }
      if (failure !== undefined) throw failure
    },
  }
}
type Line<Item> = ReturnType<typeof createLine<Item>>

export type ScriptedCall = { name: string; suffix?: string; range?: unknown; atMs: number }

const rowOf = (suffix: string, fields: Partial<CloudRow> = {}): CloudRow => ({
  suffix,
  title: suffix,
  isArchived: false,
  worker: 'idle',
  connection: 'connected',
  kind: 'cloud',
  isUnread: false,
  pending: [],
  ...fields,
})

export const failure = (kind: FailureKind, retryAfterMs?: number): CloudFailure =>
  new CloudFailure(kind, `words for ${kind}`, retryAfterMs === undefined ? {} : { retryAfterMs })

/** An account a test plays by hand, behind the same calls as the real one. */
export const createScriptedCloud = (time: VirtualTime) => {
  const rows = new Map<string, CloudRow>()
  const logs = new Map<string, CloudEvent[]>()
  const streams = new Map<string, Set<Line<StreamItem>>>()
  const sockets = new Map<string, Set<Line<StreamItem>>>()
  const watches = new Set<Line<WatchItem>>()
  const calls: ScriptedCall[] = []
  const failing = new Map<string, { left: number; error: () => unknown }>()
  let token = 0

  const call = (name: string, suffix?: string, range?: unknown): void => {
    calls.push({ name, atMs: time.nowMs(), ...(suffix && { suffix }), ...(range ? { range } : {}) })
    time.stirred()
    for (const key of [`${name} ${suffix}`, name]) {
      const plan = failing.get(key)
      if (!plan || plan.left <= 0) continue
      plan.left -= 1
      throw plan.error()
    }
  }
  const logOf = (suffix: string): CloudEvent[] => {
    const log = logs.get(suffix)
    if (!log) throw failure('gone')
    return log
  }
  const hang = async function* <Item>(
    lines: Set<Line<Item>>,
    signal: AbortSignal,
    first: readonly Item[],
  ) {
    const line = createLine<Item>(signal)
    lines.add(line)
    for (const item of first) line.push(item)
    try {
      for await (const item of line.items()) {
        time.stirred()
        yield item
      }
    } finally {
      lines.delete(line)
    }
  }
  const linesOf = (all: Map<string, Set<Line<StreamItem>>>, suffix: string) => {
    const known = all.get(suffix) ?? new Set()
    all.set(suffix, known)
    return known
  }
  const sorted = () =>
    [...rows.values()].sort((a, b) => (b.lastEventAtMs ?? 0) - (a.lastEventAtMs ?? 0))

  const api: CloudApi = {
    list: async ({ cursor, limit, archived = false }) => {
      call('list', undefined, { cursor, limit })
      const all = sorted().filter((row) => archived || !row.isArchived)
      const from = Number(cursor ?? 0)
      token += 1
      return {
        rows: all.slice(from, from + limit),
        resumeToken: `token ${token}`,
        skipped: 0,
        ...(from + limit < all.length && { nextCursor: String(from + limit) }),
      }
    },
    row: async (suffix) => {
      call('row', suffix)
      const row = rows.get(suffix)
      if (!row) throw failure('gone')
      return row
    },
    events: async (suffix, { order, from, limit }) => {
      call('events', suffix, { order, from, limit })
      const log = logOf(suffix)
      const wanted = log.filter(
        ({ sequence = 0 }) =>
          from === undefined || (order === 'asc' ? sequence > from : sequence < from),
      )
      const ordered = order === 'asc' ? wanted : wanted.toReversed()
      const events = ordered.slice(0, limit)
      const last = events.at(-1)?.sequence
      return { events, skipped: 0, ...(ordered.length > limit && last && { next: last }) }
    },
    stream: async function* (suffix, after, signal) {
      call('stream', suffix, { after })
      const log = logOf(suffix)
      const missed = log.filter(({ sequence = 0 }) => sequence > (after ?? 0))
      const first: StreamItem[] = [
        { kind: 'open' },
        ...missed.map((event): StreamItem => ({ kind: 'event', event })),
      ]
      yield* hang(linesOf(streams, suffix), signal, first)
    },
    watch: async function* (from, signal) {
      call('watch', undefined, { from })
      const live = cloud.isWatchMute ? [] : sorted().filter((row) => !row.isArchived)
      yield* hang<WatchItem>(watches, signal, [
        { kind: 'open' },
        ...live.map((row): WatchItem => ({ kind: 'row', row })),
      ])
    },
    send: async (suffix, payloads) => {
      call('send', suffix)
      return payloads.map((payload) => {
        const { sequence = 0, eventId } = cloud.emit(suffix, payload, 'client')
        return { eventId, sequence, isDuplicate: false }
      })
    },
    rename: async (suffix) => call('rename', suffix),
    archive: async (suffix) => call('archive', suffix),
    markRead: async (suffix) => call('markRead', suffix),
    environments: async () => [],
    create: async () => 'new',
  }

  const older: OlderApi = {
    list: async () => {
      call('older list')
      return { rows: sorted(), skipped: 0 }
    },
    events: async (suffix, { afterId, beforeId, limit }) => {
      call('older events', suffix, { afterId, beforeId, limit })
      const log = logOf(suffix).map(({ sequence: _, ...event }) => event)
      const at = (id: string) => log.findIndex(({ eventId }) => eventId === id)
      if (beforeId !== undefined) {
        const end = at(beforeId) + 1
        const from = Math.max(0, end - limit)
        return { events: log.slice(from, end), hasMore: from > 0, skipped: 0 }
      }
      const from = afterId === undefined ? 0 : at(afterId) + 1
      const events = log.slice(from, from + limit)
      return { events, hasMore: from + limit < log.length, skipped: 0 }
    },
    subscribe: async function* (suffix, signal) {
      call('older socket', suffix)
      yield* hang<StreamItem>(linesOf(sockets, suffix), signal, [{ kind: 'open' }])
    },
    send: async (suffix) => call('older send', suffix),
    rename: async (suffix) => call('older rename', suffix),
    archive: async (suffix) => call('older archive', suffix),
  }

  const cloud = {
    api,
    older,
    calls,
    rows,
    /** A watch says nothing of itself, as with a place that is too old. */
    isWatchMute: false,
    count: (name: string, suffix?: string) =>
      calls.filter((one) => one.name === name && (!suffix || one.suffix === suffix)).length,
    add: (suffix: string, fields: Partial<CloudRow> = {}, events = 0): void => {
      rows.set(suffix, rowOf(suffix, { lastEventAtMs: time.nowMs() - 86_400_000, ...fields }))
      logs.set(suffix, [])
      for (let at = 1; at <= events; at++) cloud.emit(suffix, { text: `${suffix} ${at}` })
    },
    remove: (suffix: string): void => {
      rows.delete(suffix)
      logs.delete(suffix)
    },
    /** Changes a row, and tells the watches. */
    set: (suffix: string, fields: Partial<CloudRow>): void => {
      const row = { ...rowOf(suffix), ...rows.get(suffix), ...fields }
      rows.set(suffix, row)
      for (const line of watches) line.push({ kind: 'row', row })
    },
    tellWatches: (item: WatchItem): void => {
      for (const line of watches) line.push(item)
    },
    endWatches: (error?: unknown): void => {
      for (const line of watches) line.end(error)
    },
    /** Stores an event, and tells the streams unless it is to be missed. */
    emit: (
      suffix: string,
      payload: Fields,
      source: CloudEvent['source'] = 'worker',
      { isTold = true }: { isTold?: boolean } = {},
    ): CloudEvent => {
      const log = logOf(suffix)
      const sequence = log.length + 1
      const event: CloudEvent = {
        sequence,
        eventId: `${suffix}-${sequence}`,
        source,
        createdAtMs: time.nowMs(),
        payload,
      }
      log.push(event)
      if (isTold) cloud.tell(suffix, { kind: 'event', event })
      return event
    },
    tell: (suffix: string, item: StreamItem): void => {
      for (const line of linesOf(streams, suffix)) line.push(item)
      if (item.kind !== 'event') return
      const { sequence: _, ...event } = item.event
      for (const line of linesOf(sockets, suffix)) line.push({ kind: 'event', event })
    },
    endStreams: (suffix: string, error?: unknown): void => {
      for (const line of linesOf(streams, suffix)) line.end(error)
    },
    openStreams: () => [...streams].filter(([, lines]) => lines.size > 0).map(([suffix]) => suffix),
    openWatches: () => watches.size,
    /** Lets calls of a name, or of a name for one session, fail. */
    fail: (key: string, error: () => unknown, times = Number.POSITIVE_INFINITY): void => {
      failing.set(key, { left: times, error })
    },
    heal: (): void => failing.clear(),
  }
  return cloud
}
