import type { EventDraft, SessionId } from '@bellhop/core'
import type { Timing } from '../../../clock.ts'
import type { SourceSink } from '../../../sessions/session-source.ts'
import type { CloudEvent, CloudRow, Fields, Suffix } from '../cloud-api.ts'
import { LIMITS } from '../cloud-timing.ts'
import type { FollowedSession, Observed, Reading, SessionReader } from '../parts.ts'
import { sessionIdOf } from '../session-names.ts'

export type Road = FollowedSession['road']

/** Makes a reader; `saved` is what one before it said last. */
export type OpenReader = (about: {
  suffix: Suffix
  saved?: string
  /** Whether what a worker takes is heard just now. */
  hearsDeliveries?: () => boolean
  /** The name of the machine a session runs on, where it is known. */
  machineOf?: (row: CloudRow) => string | undefined
}) => SessionReader

export type CloudSessionPorts = {
  sink: Pick<SourceSink, 'append' | 'signal' | 'checkpoint' | 'saveCheckpoint'>
  timing: Timing
  signal: AbortSignal
  openReader: OpenReader
  /** The session it is shown as, where that is another one. */
  joinedTo(suffix: Suffix): { sessionId: SessionId; tellsPrompts: boolean } | undefined
  send(session: CloudSession, payloads: readonly Fields[], signal: AbortSignal): Promise<void>
  /** How long it is to stay live has changed. */
  onHold(session: CloudSession): void
  /** Something could not be stored: nothing more can be told. */
  onFailure(error: unknown): void
}

/** One session of the account: what is known of it, told in one order, with its place kept. */
export class CloudSession implements FollowedSession {
  readonly suffix: Suffix
  readonly sessionId: SessionId
  road: Road = 'stream'
  /** When a better road is tried again. */
  roadUntilMs = 0
  /** Connections in a row that said nothing. */
  mutes = 0
  /** When the last event that was read was made, and when it was read. */
  lastEventAtMs = 0
  lastReadMs = 0
  /** When somebody last looked at it or a command last waited on it. */
  lastWantedMs = 0
  /** How far history is known, be it that some of it could not be read. */
  position = 0
  /** The last event the older family’s list told of. */
  lastOlderId: string | undefined
  /** Where what was told begins, when something is before it. */
  past: string | undefined
  /** It was read up to now, in this run or an earlier one. */
  isOpened = false
  /** It is archived or gone. */
  isOver = false
  /** The log has a row of its own for it. */
  hasRow = false
  /** Permissions the log held open before the relay started; decided once it is caught up. */
  stalePermissions: ReadonlySet<string> = new Set()
  readonly #ports: CloudSessionPorts
  readonly #watchers = new Set<(observed: Observed) => void>()
  #row: CloudRow | undefined
  #rowText = ''
  #reader: SessionReader | undefined
  #loading: Promise<SessionReader> | undefined
  #last: Promise<unknown> = Promise.resolve()
  #holds = 0
  #drafts: EventDraft[] = []
  #next: PromiseWithResolvers<void> | undefined
  #readings = 0
  #isStoring = false
  #settling: { dueMs: number; over: AbortController } | undefined
  #hearsDeliveries = true
  #failure: { error: unknown } | undefined
  #saved = ''

  constructor(ports: CloudSessionPorts, suffix: Suffix) {
    this.#ports = ports
    this.suffix = suffix
    this.sessionId = sessionIdOf(suffix)
  }

  get row(): CloudRow | undefined {
    return this.#row
  }

  /** Whether what a worker takes is heard on the road it is read by. */
  hearsDeliveries(hears: boolean): void {
    this.#hearsDeliveries = hears
    this.#settleInTime()
  }

  get reader(): SessionReader {
    if (!this.#reader) throw new TypeError('a session was used before it was loaded')
    return this.#reader
  }

  get isLoaded(): boolean {
    return this.#reader !== undefined
  }

  get isHeld(): boolean {
    return this.#holds > 0
  }

  /** Whether nothing would be lost by forgetting it down to its checkpoint. */
  get isResting(): boolean {
    const isIdle = !this.#settling && !this.#isStoring
    return isIdle && this.#holds === 0 && !this.#next && this.#watchers.size === 0
  }

  /** Has the reader at hand, from its checkpoint where there is one. */
  load(): Promise<SessionReader> {
    if (this.#reader) return Promise.resolve(this.#reader)
    this.#loading ??= this.#ports.sink.checkpoint(this.#key).then((text) => {
      const { reader: saved, olderId, hasRow } = parseCheckpoint(text)
      this.#saved = text ?? ''
      this.lastOlderId = olderId
      this.hasRow ||= hasRow === true
      const reader = this.#ports.openReader({
        suffix: this.suffix,
        hearsDeliveries: () => this.#hearsDeliveries,
        ...(saved !== undefined && { saved }),
      })
      this.#reader = reader
      this.position = Math.max(this.position, reader.lastSequence)
      this.isOpened ||= this.position > 0 || olderId !== undefined
      const join = this.#ports.joinedTo(this.suffix)
      if (join) this.take(reader.joinTo(join)).catch(() => {})
      return reader
    })
    return this.#loading
  }

  /** Forgets all but its place; it is read from the checkpoint when it is needed again. */
  rest(): void {
    if (!this.isResting) return
    this.#reader = undefined
    this.#loading = undefined
  }

  /** Runs work that reads events, one after the other. */
  inOrder<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }

  /** Takes in the list’s word; true when it says something new. */
  async takeRow(row: CloudRow): Promise<boolean> {
    const text = JSON.stringify(row)
    if (text === this.#rowText) return false
    const before = { row: this.#row, text: this.#rowText }
    this.#row = row
    this.#rowText = text
    try {
      const reader = await this.load()
      await this.take(reader.readRow(row))
    } catch (error) {
      this.#row = before.row
      this.#rowText = before.text
      throw error
    }
    this.isOver = row.isArchived
    return true
  }

  /** Takes in an event; waits only when too much waits to be stored. Returns when it may go on. */
  async takeEvent(event: CloudEvent): Promise<void> {
    const stored = this.take(this.reader.read(event))
    stored.catch(() => {})
    const { sequence, createdAtMs } = event
    if (sequence !== undefined && sequence > this.position) this.position = sequence
    if (createdAtMs !== undefined && createdAtMs > this.lastEventAtMs) {
      this.lastEventAtMs = createdAtMs
    }
    this.lastReadMs = this.#ports.timing.nowMs()
    if (this.#readings >= LIMITS.queuedReadings) await stored
  }

  /** Resolves when all that was read is stored. */
  settled(): Promise<void> {
    return this.append([])
  }

  append(drafts: readonly EventDraft[]): Promise<void> {
    // What comes after something that could not be stored must not be stored before it.
    if (this.#failure) return Promise.reject(this.#failure.error)
    this.hasRow ||= drafts.some(({ sessionId }) => sessionId === this.sessionId)
    for (const draft of drafts) this.#drafts.push(draft)
    this.#readings += 1
    this.#next ??= Promise.withResolvers()
    const { promise } = this.#next
    promise.catch(() => {})
    if (!this.#isStoring) {
      this.#isStoring = true
      void this.#store()
    }
    return promise
  }

  take({ drafts, observed, signals }: Reading): Promise<void> {
    this.#settleInTime()
    for (const signal of signals) this.#ports.sink.signal(signal)
    for (const one of observed) for (const watch of [...this.#watchers]) watch(one)
    // Partial text comes several times a second and changes nothing that is kept.
    if (drafts.length === 0 && signals.length > 0) return Promise.resolve()
    return this.append(drafts)
  }

  observe<Found>(
    fits: (observed: Observed) => Found | undefined,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<Found | undefined> {
    const found = Promise.withResolvers<Found | undefined>()
    const over = new AbortController()
    const watch = (observed: Observed) => {
      const fit = fits(observed)
      if (fit !== undefined) found.resolve(fit)
    }
    this.#watchers.add(watch)
    void this.#ports.timing
      .wait(waitMs, AbortSignal.any([signal, over.signal]))
      .then(() => found.resolve(undefined))
    return found.promise.finally(() => {
      over.abort()
      this.#watchers.delete(watch)
    })
  }

  stayLive(): Disposable {
    this.#holds += 1
    this.#ports.onHold(this)
    let isHeld = true
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return
        isHeld = false
        this.#holds -= 1
        this.lastWantedMs = this.#ports.timing.nowMs()
        this.#ports.onHold(this)
      },
    }
  }

  send(payloads: readonly Fields[], signal: AbortSignal): Promise<void> {
    return this.#ports.send(this, payloads, signal)
  }

  /** What only time decides is told when it has. */
  #settleInTime(): void {
    const dueMs = this.#reader?.settlesAtMs
    if (dueMs === undefined || (this.#settling && this.#settling.dueMs <= dueMs)) return
    this.#settling?.over.abort()
    const settling = { dueMs, over: new AbortController() }
    this.#settling = settling
    const { timing, signal } = this.#ports
    const waiting = AbortSignal.any([signal, settling.over.signal])
    void timing.wait(Math.max(settleRestMs, dueMs - timing.nowMs()), waiting).then(() => {
      if (this.#settling !== settling) return
      this.#settling = undefined
      if (signal.aborted || !this.#reader) return
      const isEarly = timing.nowMs() < (this.#reader.settlesAtMs ?? 0)
      if (isEarly) this.#settleInTime()
      else this.take(this.#reader.settle()).catch(() => {})
    })
  }

  get #key(): string {
    return `session:${this.suffix}`
  }

  /** Stores what waits, a batch at a time; the place is moved only after what led to it is durable. */
  async #store(): Promise<void> {
    await Promise.resolve()
    for (let batch = this.#next; batch; batch = this.#next) {
      const drafts = this.#drafts
      const text = this.#reader ? this.#checkpoint(this.#reader) : this.#saved
      this.#next = undefined
      this.#drafts = []
      this.#readings = 0
      try {
        // A share at a time: one event may come to more than is taken at once, and others wait.
        for (let at = 0; at < drafts.length; at += LIMITS.draftsAtOnce)
          await this.#ports.sink.append(drafts.slice(at, at + LIMITS.draftsAtOnce))
        if (text !== this.#saved) await this.#ports.sink.saveCheckpoint(this.#key, text)
        this.#saved = text
        batch.resolve()
      } catch (error) {
        this.#failure = { error }
        batch.reject(error)
        this.#dropWaiting(error)
        this.#ports.onFailure(error)
      }
    }
    this.#isStoring = false
  }

  #dropWaiting(error: unknown): void {
    this.#next?.reject(error)
    this.#next = undefined
  }

  #checkpoint(reader: SessionReader): string {
    const { lastOlderId: olderId, hasRow } = this
    return JSON.stringify({
      reader: reader.save(),
      hasRow,
      ...(olderId !== undefined && { olderId }),
    })
  }
}

/** How long a reader is left alone at least that has said when it will have something to tell. */
const settleRestMs = 100

type Saved = { reader?: string; olderId?: string; hasRow?: boolean }

const parseCheckpoint = (text: string | undefined): Saved => {
  if (text === undefined) return {}
  try {
    const { reader, olderId, hasRow } = JSON.parse(text) as Record<string, unknown>
    return {
      hasRow: hasRow === true,
      ...(typeof reader === 'string' && { reader }),
      ...(typeof olderId === 'string' && { olderId }),
    }
  } catch {
    // Reads it anew, which stores nothing twice.
    return {}
  }
}
