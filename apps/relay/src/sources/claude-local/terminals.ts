import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionId, SourceId } from '@bellhop/core'
import type { Logger } from '../../logger.ts'
import type { OpenSession, SourceSink } from '../../sessions/session-source.ts'
import { adoptedPids, endAdoption, hasAdoption, release } from './adoption.ts'
import type { ClaudeProgram } from './claude-program.ts'
import { type IngressHandler, openIngress } from './ingress.ts'
import { type Fields, fieldsOf, textOf } from './lines.ts'
import type { GoneReason, HeldAsk, Link } from './link.ts'
import { LiveSession } from './live-session.ts'
import { pluginId } from './plugin-files.ts'
import {
  askAgents,
  isAlive,
  type RegistryEntry,
  readRegistry,
  watchRegistry,
} from './session-registry.ts'
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
/** How long a process that calls in may be missing from the registry. */
const strangerMs = 3_000
const heldBackMax = 200

type HeldBack = { link: Link; sinceMs: number; calls: (() => void)[] }

/** All sessions of one Claude Code configuration, kept in step with its registry and its hooks. */
export class Terminals implements IngressHandler {
  readonly claude: ClaudeProgram
  readonly #options: TerminalsOptions
  /** By the session's own id. */
  readonly #sessions = new Map<string, LiveSession>()
  readonly #links = new Map<number, Link>()
  readonly #heldBack = new Map<number, HeldBack>()
  readonly #finished = Promise.withResolvers<void>()
  readonly #ready = Promise.withResolvers<void>()
  #openBefore = new Map<string, OpenSession>()
  #known = new Set<number>()
  #scan: Promise<void> = Promise.resolve()
  #isScanWanted = false
  #signal: AbortSignal = AbortSignal.abort()
  #refusedCount = 0
  #polls = 0

  constructor(options: TerminalsOptions) {
    this.#options = options
    this.claude = options.claude
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
      await this.#checkSetup()
      this.#ready.resolve()
      await this.#finished.promise
      for (const session of this.#sessions.values()) session.close()
    } finally {
      this.#ready.resolve()
      signal.removeEventListener('abort', onAbort)
      clearInterval(timer)
      registry.close()
      for (const session of this.#sessions.values()) session.close()
    }
  }

  // ---- what connectors say --------------------------------------------------------------------

  hello(link: Link, asks: readonly HeldAsk[]): void {
    if (link.role === 'session') {
      this.#links.set(link.pid, link)
      release(this.#options.dataDir, link.pid).catch(() => {})
    }
    this.#withSession(link, link.sessionId, (session) => {
      if (link.role === 'session') this.#attach(session, link)
      for (const ask of asks) this.ask(link, ask)
      if (link.role === 'session') session.withdrawStale()
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
    for (const session of this.#sessions.values()) {
      if (session.entry.pid === link.pid) session.asks.gone(holdId, why)
    }
  }

  closed(link: Link): void {
    if (this.#signal.aborted) return
    if (this.#links.get(link.pid) === link) this.#links.delete(link.pid)
    this.#heldBack.delete(link.pid)
    for (const session of this.#sessions.values()) {
      if (session.entry.pid !== link.pid) continue
      session.asks.linkClosed(link)
      if (session.link === link) session.link = undefined
      session.refresh()
    }
  }

  refused(why: string, raw: string): void {
    this.#refusedCount += 1
    this.#options.logger.warn('a message of a session could not be read', {
      why,
      length: raw.length,
      count: this.#refusedCount,
    })
  }

  // ---- who runs -------------------------------------------------------------------------------

  /** Runs the call for the session, now or as soon as the registry knows it. */
  #withSession(link: Link, rawId: string | undefined, call: (session: LiveSession) => void): void {
    const byId = rawId === undefined ? undefined : this.#sessions.get(rawId)
    if (byId) {
      call(byId)
      return
    }
    const held = this.#heldBack.get(link.pid) ?? { link, sinceMs: Date.now(), calls: [] }
    this.#heldBack.set(link.pid, held)
    if (held.calls.length < heldBackMax) held.calls.push(() => this.#retry(link, rawId, call))
    this.#scanSoon()
  }

  #retry(link: Link, rawId: string | undefined, call: (session: LiveSession) => void): void {
    const byPid = [...this.#sessions.values()].find(({ entry }) => entry.pid === link.pid)
    const session = (rawId && this.#sessions.get(rawId)) || byPid
    if (session) call(session)
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
    if (this.#polls % checkSetupEvery === 0) this.#checkSetup().catch(() => {})
  }

  #scanSoon(): void {
    if (this.#isScanWanted || this.#signal.aborted) return
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
    if (this.#signal.aborted) return
    const entries = await this.#living()
    const adopted = new Set(await this.#keepAdopted(entries))
    for (const entry of entries) this.#follow(entry, adopted.has(entry.pid))
    for (const session of [...this.#sessions.values()]) {
      const { pid, sessionId } = session.entry
      const isListed = entries.some((entry) => entry.sessionId === sessionId)
      const isStranger = this.#links.has(pid) && !entries.some((entry) => entry.pid === pid)
      if (!isListed && !isStranger && session.replacedByMs < Date.now()) this.#end(session, entries)
    }
    this.#deliverHeldBack()
  }

  /** The registry's processes that live; a number used again by another program is not one. */
  async #living(): Promise<RegistryEntry[]> {
    const alive = (await readRegistry(this.claude.configDir)).filter(({ pid }) => isAlive(pid))
    const hasNew = alive.some(({ pid }) => !this.#known.has(pid))
    if (hasNew) {
      const listed = await askAgents(this.claude, this.#signal)
      const isListed = ({ pid }: RegistryEntry) =>
        listed === undefined || listed.has(pid) || this.#links.has(pid) || this.#known.has(pid)
      const confirmed = alive.filter(isListed)
      this.#known = new Set(confirmed.map(({ pid }) => pid))
      return confirmed
    }
    this.#known = new Set(alive.map(({ pid }) => pid))
    return alive
  }

  #follow(entry: RegistryEntry, isAdopted: boolean): void {
    const known = this.#sessions.get(entry.sessionId)
    if (known && known.entry.pid === entry.pid) {
      const hasChanged = known.isAdopted !== (isAdopted && !known.link)
      known.isAdopted = isAdopted && !known.link
      if (hasChanged || JSON.stringify(known.entry) !== JSON.stringify(entry)) known.follow(entry)
      return
    }
    if (known) known.follow(entry)
    else this.#begin(entry)
    const session = this.#sessions.get(entry.sessionId)
    if (!session) return
    const link = this.#links.get(entry.pid)
    session.link = link
    session.isAdopted = isAdopted && !link
    if (link) this.#attach(session, link)
    else this.#findPane(session)
  }

  #begin(entry: RegistryEntry): void {
    const session = new LiveSession(
      {
        sink: this.#options.sink,
        sourceId: this.#options.sourceId,
        machine: this.#options.machine,
        configDir: this.claude.configDir,
        hiddenHoldMs: () => this.#options.hiddenHoldMs(),
        onFailure: (error) => this.#finished.reject(error),
      },
      entry,
    )
    this.#sessions.set(entry.sessionId, session)
    const before = this.#openBefore.get(session.sessionId)
    this.#openBefore.delete(session.sessionId)
    session.start(before)
    session.follow(entry)
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

  #end(session: LiveSession, entries: readonly RegistryEntry[]): void {
    this.#sessions.delete(session.entry.sessionId)
    const hasMovedOn = entries.some(({ pid }) => pid === session.entry.pid)
    session.end(hasMovedOn ? 'cleared' : 'exited').catch(() => {})
  }

  /** Sessions the log holds for running that ended while nobody looked. */
  async #endThoseGone(): Promise<void> {
    for (const { sessionId } of this.#openBefore.values()) {
      const rawId = sessionId.slice('ses_'.length)
      const entry: RegistryEntry = {
        ...{ pid: 0, sessionId: rawId, cwd: '', kind: 'other', entrypoint: 'cli' },
        ...{ startedAtMs: 0, status: 'unknown', statusAtMs: 0 },
      }
      const { sink, sourceId, machine, hiddenHoldMs } = this.#options
      const { configDir } = this.claude
      const onFailure = (error: unknown) => this.#finished.reject(error)
      const port = { sink, sourceId, machine, configDir, hiddenHoldMs, onFailure }
      const session = new LiveSession(port, entry)
      await session.endUnseen()
    }
    this.#openBefore.clear()
  }

  #deliverHeldBack(): void {
    for (const [pid, { link, sinceMs, calls }] of this.#heldBack) {
      const isKnown = [...this.#sessions.values()].some(({ entry }) => entry.pid === pid)
      if (!isKnown && Date.now() - sinceMs < strangerMs) continue
      this.#heldBack.delete(pid)
      // Some versions keep no record of some sessions; what calls in exists all the same.
      if (!isKnown) this.#follow(strangerEntry(link), false)
      for (const call of calls) call()
    }
  }

  // ---- setup ----------------------------------------------------------------------------------

  /** The adopted processes that still need it; takes the settings entry out after the last. */
  async #keepAdopted(entries: readonly RegistryEntry[]): Promise<number[]> {
    const { dataDir, nodePath } = this.#options
    const pids = await adoptedPids(dataDir)
    const running = new Set(entries.map(({ pid }) => pid))
    const living = pids.filter((pid) => running.has(pid) && !this.#links.has(pid))
    for (const pid of pids) if (!living.includes(pid)) await release(dataDir, pid)
    if (living.length === 0 && (await hasAdoption(dataDir))) {
      const settingsPath = join(this.claude.configDir, 'settings.json')
      // Settings that cannot be read just now are tried again with the next look.
      await endAdoption({ settingsPath, dataDir, nodePath }).catch(() => {})
    }
    return living
  }

  async #checkSetup(): Promise<void> {
    const path = join(this.claude.configDir, 'settings.json')
    const text = await readFile(path, 'utf8').catch(() => '{}')
    let enabled: unknown
    try {
      enabled = fieldsOf(fieldsOf(JSON.parse(text))?.enabledPlugins)?.[pluginId]
    } catch {
      enabled = undefined
    }
    const ok = { state: 'ok', text: 'Watching this machine’s sessions.' } as const
    const text_ = 'Sessions can be watched, not answered: run `bellhop hooks install`.'
    this.#options.sink.health(enabled === true ? ok : { state: 'degraded', text: text_ })
  }
}

const strangerEntry = (link: Link): RegistryEntry => ({
  ...{ pid: link.pid, sessionId: link.sessionId, cwd: '', kind: 'other' },
  ...{ entrypoint: link.hasDialog ? 'cli' : 'sdk-cli', startedAtMs: Date.now() },
  ...{ status: 'unknown', statusAtMs: 0 },
  ...(link.inboxSocket && { inboxSocket: link.inboxSocket }),
})
