import type { SessionId, SourceId } from '@bellhop/core'
import { type Fields, textOf } from '../../claude-format/lines.ts'
import type { Logger } from '../../logger.ts'
import type { OpenSession, SourceSink } from '../../sessions/session-source.ts'
import { release } from './adoption.ts'
import { CallsWaiting } from './calls-waiting.ts'
import type { ClaudeProgram } from './claude-program.ts'
import { type IngressHandler, openIngress } from './ingress.ts'
import type { GoneReason, HeldAsk, Link } from './link.ts'
import { LiveSession } from './live-session.ts'
import { RollCall } from './roll-call.ts'
import { type RegistryEntry, watchRegistry } from './session-registry.ts'
import { keepAdopted, type SetupPlace, setupHealth } from './setup-watch.ts'
import { findPane } from './tmux-keys.ts'

export interface TerminalsOptions {
  sink: SourceSink
  sourceId: SourceId
  machine: string
  dataDir: string
  nodePath: string
  claude: ClaudeProgram
  logger: Logger
  hiddenHoldMs(): number
}

const pollMs = 1_000
const scanDelayMs = 20
const checkSetupEvery = 10

/** All sessions of one Claude Code configuration, kept in step with its registry and its hooks. */
export class Terminals implements IngressHandler {
  readonly claude: ClaudeProgram
  readonly #options: TerminalsOptions
  readonly #place: SetupPlace
  readonly #rollCall: RollCall
  /** By the session's own id. */
  readonly #sessions = new Map<string, LiveSession>()
  /** Connectors by the process they serve. */
  readonly #links = new Map<number, Link>()
  readonly #waiting = new CallsWaiting()
  readonly #finished = Promise.withResolvers<void>()
  readonly #ready = Promise.withResolvers<void>()
  #openBefore = new Map<string, OpenSession>()
  #scan: Promise<void> = Promise.resolve()
  #isScanWanted = false
  #isOver = false
  #signal: AbortSignal = AbortSignal.abort()
  #refusedCount = 0
  #polls = 0

  constructor(options: TerminalsOptions) {
    const { claude, dataDir, nodePath } = options
    this.#options = options
    this.claude = claude
    this.#place = { configDir: claude.configDir, dataDir, nodePath }
    this.#rollCall = new RollCall(claude)
  }

  /** Resolves when everyone who runs has been looked for once. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  find(sessionId: SessionId): LiveSession | undefined {
    return [...this.#sessions.values()].find((session) => session.sessionId === sessionId)
  }

  /** Tells everything until aborted. Rejects when something could not be stored. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal
    const open = await this.#options.sink.openSessions()
    this.#openBefore = new Map(open.map((session) => [session.sessionId, session]))
    const registry = await watchRegistry(this.claude.configDir, () => this.#scanSoon())
    const timer = setInterval(() => this.#poll(), pollMs)
    const onAbort = () => this.#finished.resolve()
    signal.addEventListener('abort', onAbort)
    try {
      await this.#scanNow()
      await this.#endThoseGone()
      await using _ = await openIngress(this.#options.dataDir, this)
      this.#options.sink.health(await setupHealth(this.#place))
      this.#ready.resolve()
      // Before the socket closes: what is still held then is not given up, but told again later.
      await this.#finished.promise.finally(() => this.#stop())
    } finally {
      this.#stop()
      this.#ready.resolve()
      signal.removeEventListener('abort', onAbort)
      clearInterval(timer)
      registry.close()
    }
  }

  #stop(): void {
    this.#isOver = true
    for (const session of this.#sessions.values()) session.close()
  }

  // ---- what connectors say --------------------------------------------------------------------

  hello(link: Link, asks: readonly HeldAsk[]): void {
    const isConnector = link.role === 'session'
    if (isConnector) {
      this.#links.set(link.pid, link)
      release(this.#options.dataDir, link.pid).catch(() => {})
    }
    this.#withSession(link, link.sessionId, (session) => {
      if (isConnector) this.#attach(session, link)
      for (const ask of asks) this.ask(link, ask)
      if (isConnector) session.withdrawStale()
    })
  }

  hook(link: Link, input: Fields): void {
    this.#withSession(link, textOf(input.session_id), (session) => session.hook(input))
  }

  ask(link: Link, ask: HeldAsk): void {
    // A session with a connector of its own has no need of the hook it was adopted with.
    if (link.role === 'adopted' && this.#links.has(link.pid)) {
      link.answer(ask.holdId, {}).catch(() => {})
      return
    }
    this.#withSession(link, textOf(ask.input.session_id), (session) => session.take(link, ask))
  }

  gone(link: Link, holdId: string, why: GoneReason): void {
    for (const session of this.#of(link.pid)) session.asks.gone(holdId, why)
  }

  closed(link: Link): void {
    if (this.#isOver) return
    if (this.#links.get(link.pid) === link) this.#links.delete(link.pid)
    if (link.role === 'session') this.#waiting.forget(link.pid)
    for (const session of this.#of(link.pid)) {
      session.asks.linkClosed(link)
      if (session.link === link) session.link = undefined
      session.refresh()
    }
  }

  refused(why: string, raw: string): void {
    this.#refusedCount += 1
    const about = { why, length: raw.length, count: this.#refusedCount }
    this.#options.logger.warn('a message of a session could not be read', about)
  }

  // ---- who runs -------------------------------------------------------------------------------

  #of(pid: number): LiveSession[] {
    return [...this.#sessions.values()].filter(({ entry }) => entry.pid === pid)
  }

  /** Makes the call for the session, now or as soon as the registry has told of it. */
  #withSession(link: Link, rawId: string | undefined, call: (session: LiveSession) => void): void {
    const session = rawId === undefined ? undefined : this.#sessions.get(rawId)
    if (session?.entry.pid === link.pid) {
      call(session)
      return
    }
    this.#waiting.add(link, () => {
      const own = this.#of(link.pid)
      // A connector goes by the session it began with, which its process may have left.
      const found = own.find(({ entry }) => entry.sessionId === rawId) ?? own[0]
      if (found) call(found)
    })
    this.#scanSoon()
  }

  #attach(session: LiveSession, link: Link): void {
    session.link = link
    session.isAdopted = false
    if (link.tmux) session.pane = link.tmux
    session.refresh()
  }

  #poll(): void {
    this.#polls += 1
    this.#scanSoon()
    for (const session of this.#sessions.values()) session.poke()
    if (this.#polls % checkSetupEvery !== 0) return
    setupHealth(this.#place).then((health) => this.#options.sink.health(health))
  }

  #scanSoon(): void {
    if (this.#isScanWanted || this.#isOver) return
    this.#isScanWanted = true
    setTimeout(() => {
      this.#isScanWanted = false
      this.#scanNow().catch((error: unknown) => this.#finished.reject(error))
    }, scanDelayMs)
  }

  /** One look after the other; whoever asks sees what changed before. */
  #scanNow(): Promise<void> {
    this.#scan = this.#scan.then(() => this.#readAll())
    return this.#scan
  }

  async #readAll(): Promise<void> {
    if (this.#isOver) return
    const entries = await this.#rollCall.living((pid) => this.#links.has(pid), this.#signal)
    const running = new Set(entries.map(({ pid }) => pid))
    const needsIt = (pid: number) => running.has(pid) && !this.#links.has(pid)
    const adopted = await keepAdopted(this.#place, needsIt)
    if (this.#isOver) return
    for (const entry of entries) this.#follow(entry, adopted.has(entry.pid))
    for (const session of [...this.#sessions.values()]) {
      const { pid, sessionId } = session.entry
      const isListed = entries.some((entry) => entry.sessionId === sessionId)
      const isStranger = this.#links.has(pid) && !running.has(pid)
      if (isListed || isStranger || session.replacedByMs > Date.now()) continue
      this.#sessions.delete(sessionId)
      session.end(running.has(pid) ? 'cleared' : 'exited').catch(() => {})
    }
    this.#waiting.deliver(
      (pid) => this.#of(pid).length > 0,
      // Some versions keep no record of some sessions; what calls in exists all the same.
      (link) => this.#follow(strangerEntry(link), false),
    )
  }

  #follow(entry: RegistryEntry, isAdopted: boolean): void {
    const known = this.#sessions.get(entry.sessionId)
    const link = this.#links.get(entry.pid)
    const session = known ?? this.#begin(entry)
    const isMoved = known?.entry.pid !== entry.pid
    const hasChanged = JSON.stringify(session.entry) !== JSON.stringify(entry)
    if (session.isAdopted !== (isAdopted && !link) || hasChanged || isMoved) {
      session.isAdopted = isAdopted && !link
      session.follow(entry)
    }
    if (!isMoved) return
    session.link = link
    if (link) this.#attach(session, link)
    else this.#findPane(session)
  }

  #open(entry: RegistryEntry): LiveSession {
    const { sink, sourceId, machine, hiddenHoldMs } = this.#options
    const { configDir } = this.claude
    const onFailure = (error: unknown) => this.#finished.reject(error)
    return new LiveSession({ sink, sourceId, machine, configDir, hiddenHoldMs, onFailure }, entry)
  }

  #begin(entry: RegistryEntry): LiveSession {
    const session = this.#open(entry)
    this.#sessions.set(entry.sessionId, session)
    const before = this.#openBefore.get(session.sessionId)
    this.#openBefore.delete(session.sessionId)
    session.start(before)
    return session
  }

  #findPane(session: LiveSession): void {
    const { pid, entrypoint } = session.entry
    if (entrypoint !== 'cli') return
    findPane(pid, this.claude.env)
      .then((pane) => {
        if (!pane || session.pane) return
        session.pane = pane
        session.refresh()
      })
      .catch(() => {})
  }

  /** Sessions the log holds for running that ended while nobody looked. */
  async #endThoseGone(): Promise<void> {
    for (const { sessionId } of this.#openBefore.values()) {
      const rawId = sessionId.slice('ses_'.length)
      await this.#open(noEntry(rawId, 0)).endUnseen()
    }
    this.#openBefore.clear()
  }
}

const noEntry = (sessionId: string, pid: number): RegistryEntry => ({
  ...{ pid, sessionId, cwd: '', kind: 'other', entrypoint: 'cli' },
  ...{ startedAtMs: 0, status: 'unknown', statusAtMs: 0 },
})

const strangerEntry = (link: Link): RegistryEntry => ({
  ...noEntry(link.sessionId, link.pid),
  entrypoint: link.hasDialog ? 'cli' : 'sdk-cli',
  startedAtMs: Date.now(),
  ...(link.inboxSocket && { inboxSocket: link.inboxSocket }),
})
