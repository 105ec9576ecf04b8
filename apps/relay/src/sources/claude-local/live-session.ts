import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Actor, AnswerCommand, EventDraft, SessionId, SourceId } from '@bellhop/core'
import { ChangedCalls } from '../../claude-format/changed-calls.ts'
import { DialogCalls } from '../../claude-format/dialog-calls.ts'
import { type Fields, fieldsOf, textOf } from '../../claude-format/lines.ts'
import { toolStarted } from '../../claude-format/message-blocks.ts'
import type { SourceSink } from '../../sessions/session-source.ts'
import { Ahead } from './ahead.ts'
import { capabilitiesOf } from './capabilities-of.ts'
import type { HeldAsk, Link } from './link.ts'
import { LiveText } from './live-text.ts'
import { OneHand } from './one-hand.ts'
import { SentMessages } from './sent-messages.ts'
import { SerialWork } from './serial-work.ts'
import { SessionAsks } from './session-asks.ts'
import { FactKeeper, type Learned } from './session-facts.ts'
import { type RegistryEntry, readRegistryEntry } from './session-registry.ts'
import {
  parseTranscriptCheckpoint,
  SessionTranscript,
  type TranscriptNews,
} from './session-transcript.ts'
import { StaleAsks } from './stale-asks.ts'
import type { TmuxPane } from './tmux-keys.ts'
import { likelyTranscript } from './transcript-places.ts'
import { TranscriptWatch } from './transcript-watch.ts'

export interface LiveSessionPort {
  sink: SourceSink
  sourceId: SourceId
  machine: string
  configDir: string
  /** How long a hook may be held where that hides the prompt from the terminal. */
  hiddenHoldMs(): number
  /** Something could not be stored: nothing more can be told. */
  onFailure(error: unknown): void
}

export type EndReason = 'exited' | 'cleared' | 'died' | 'stopped'

// Words before a call are in the transcript within this; the permission waits for them, no longer.
const catchUpMs = 200
// The same where it is known that there are some: a busy machine is slow to write them.
const knownAheadMs = 600
const catchUpPollMs = 15
// A turn that ended without its last line is taken for over after this long at rest.
const restMs = 1_500

const sessionIdOf = (rawId: string): SessionId =>
  `ses_${rawId.replaceAll(/[^A-Za-z0-9_-]/g, '').slice(0, 120)}` as SessionId

const iso = (ms: number) => new Date(ms).toISOString()
const digest = (value: unknown) =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 12)

/** One running session: what it tells, from wherever, in one order. */
export class LiveSession {
  readonly sessionId: SessionId
  readonly asks: SessionAsks
  readonly sent = new SentMessages()
  /** Whatever is said or typed to it goes through here. */
  readonly hand = new OneHand()
  entry: RegistryEntry
  link: Link | undefined
  pane: TmuxPane | undefined
  isAdopted = false
  /** Until then its process may be missing, because another one is about to take its place. */
  replacedByMs = 0
  readonly #port: LiveSessionPort
  readonly #live: LiveText
  readonly #watch = new TranscriptWatch(() => this.poke())
  #transcript: SessionTranscript
  #dialogs = new DialogCalls()
  #facts = new FactKeeper()
  readonly #work: SerialWork
  readonly #ahead = new Ahead()
  readonly #changedCalls = new ChangedCalls()
  #isReadQueued = false
  readonly #stale: StaleAsks
  #saved = ''
  #restTimer: NodeJS.Timeout | undefined

  constructor(port: LiveSessionPort, entry: RegistryEntry) {
    this.#port = port
    this.#work = new SerialWork((error) => port.onFailure(error))
    this.entry = entry
    this.sessionId = sessionIdOf(entry.sessionId)
    this.#live = new LiveText(this.sessionId)
    this.#transcript = this.#openTranscript(undefined)
    const isBridged = () => this.entry.runKey !== undefined
    this.#stale = new StaleAsks(this.sessionId, (id) => this.asks.isOpen(id), isBridged)
    this.asks = new SessionAsks({
      sessionId: this.sessionId,
      append: (drafts) => this.append(drafts),
      freshStatus: () => readRegistryEntry(port.configDir, this.entry.pid),
      hiddenHoldMs: () => port.hiddenHoldMs(),
      isBridged,
      readOn: () => this.#work.add(() => this.#read()),
      onChange: () => this.refresh(),
    })
  }

  get isTurnOpen(): boolean {
    return this.#transcript.turn.isOpen
  }

  /** Tells that the session exists. `wasOpen`: the log knows it as running, with these permissions. */
  start(wasOpen?: { permissionIds: readonly string[] }): void {
    this.#stale.expect(wasOpen?.permissionIds ?? [], () => this.withdrawStale())
    this.#work.add(async () => {
      const isKnown = await this.#load()
      const { cwd, startedAtMs, name, kind } = this.entry
      const news = this.#facts.learn({
        ...(cwd && { cwd }),
        ...(kind === 'background' && name && { title: name, titleRank: 1 }),
        ...this.#standing(),
      })
      const { sourceId, machine } = this.#port
      const facts = this.#facts.known
      const { sessionId } = this
      const at = iso(startedAtMs || Date.now())
      const drafts: EventDraft[] = [
        {
          sessionId,
          at,
          type: 'session.started',
          sourceId,
          machine,
          ...facts,
          dedupeKey: 'started',
        },
      ]
      const now = { sessionId, at: iso(Date.now()) }
      if (isKnown && !wasOpen) {
        drafts.push({ ...now, type: 'session.resumed', ...facts, dedupeKey: `resumed:${now.at}` })
      } else if (isKnown && news) {
        drafts.push({ ...now, type: 'session.changed', ...news, dedupeKey: `facts:${now.at}` })
      }
      await this.#port.sink.append(drafts)
    })
    this.poke()
  }

  /** Puts drafts in the log after everything told so far. */
  append(drafts: readonly EventDraft[]): Promise<void> {
    return this.#work.add(() => this.#port.sink.append(drafts))
  }

  /** Reads what is new in the transcript, soon. */
  poke(): void {
    if (this.#isReadQueued || this.#work.isClosed) return
    this.#isReadQueued = true
    this.#work.add(async () => {
      this.#isReadQueued = false
      await this.#read()
    })
  }

  /** Takes in the session's own record. */
  follow(entry: RegistryEntry): void {
    if (entry.pid !== this.entry.pid) this.replacedByMs = 0
    this.entry = entry
    this.asks.status(entry)
    this.refresh()
    clearTimeout(this.#restTimer)
    if (entry.status !== 'idle') return
    this.#restTimer = setTimeout(() => this.#endRestingTurn(), restMs).unref()
  }

  hook(hook: Fields): void {
    for (const signal of this.#live.signals(hook)) this.#port.sink.signal(signal)
    this.#ahead.hook(hook)
    if (hook.hook_event_name === 'UserPromptSubmit') this.sent.taken(textOf(hook.prompt) ?? '')
    const permissionMode = textOf(hook.permission_mode)
    if (permissionMode && !hook.agent_id) this.#learn({ permissionMode })
    this.poke()
  }

  /** Takes up a held permission; it is told after the words that led to it. */
  take(link: Link, held: HeldAsk): void {
    this.#work.add(async () => {
      await this.#catchUp(held.toolUseId, textOf(held.input.agent_id))
      // Its process may have ended, and with it the question, while we read.
      if (link.isClosed || link.isGone(held.holdId)) return
      const name = textOf(held.input.tool_name) ?? 'unknown'
      const input = fieldsOf(held.input.tool_input) ?? {}
      const toolUseId =
        held.toolUseId ??
        this.#transcript.findOpenCall((n, i) => n === name && isDeepStrictEqual(i, input))
      const asked = this.asks.take(link, { ...held, ...(toolUseId && { toolUseId }) })
      const request = asked[0]
      if (!request) return
      this.asks.status(this.entry)
      if (toolUseId) this.#dialogs.show(toolUseId, name)
      const { sessionId, at, subagent } = request
      const envelope = { sessionId, at, ...(subagent && { subagent }) }
      const start = toolUseId ? [toolStarted(envelope, toolUseId, name, input)] : []
      await this.#port.sink.append([...this.#dialogs.sift(start), ...asked])
    })
  }

  /** Carries out a person's answer to one of its permissions. */
  async answer(command: AnswerCommand, by: Actor): Promise<void> {
    // After a restart its holder may not have called in again yet.
    await this.#stale.untilKnown(command.permissionId)
    const changed = await this.asks.answer(command, by)
    if (changed) this.#changedCalls.add(changed)
  }

  /** Permissions the log holds open that nobody holds any more are resolved. */
  withdrawStale(): void {
    this.#work.add(async () => {
      const drafts = this.#stale.withdraw()
      if (drafts.length > 0) await this.#port.sink.append(drafts)
    })
  }

  /** Says what can be done with the session now, and who else may know it, where that changed. */
  refresh(): void {
    this.#learn(this.#standing())
  }

  /** The session is over: reads the rest, says so and closes. */
  async end(reason: EndReason): Promise<void> {
    await this.#work.add(async () => {
      await this.#read()
      const dedupeKey = `ended:${this.entry.pid}:${Date.now()}`
      const about = { sessionId: this.sessionId, at: iso(Date.now()), dedupeKey }
      await this.#port.sink.append([{ ...about, type: 'session.ended', reason }])
    })
    this.close()
  }

  /** The session ended while nobody looked: reads what it still said, says so and closes. */
  async endUnseen(): Promise<void> {
    await this.#work.add(async () => void (await this.#load()))
    await this.end('exited')
  }

  /** Stops watching, without a word. */
  close(): void {
    this.#work.close()
    this.#stale.close()
    clearTimeout(this.#restTimer)
    this.#watch.close()
    this.asks.forget()
  }

  #openTranscript(checkpoint: unknown): SessionTranscript {
    return new SessionTranscript({
      sessionId: this.sessionId,
      rawId: this.entry.sessionId,
      configDir: this.#port.configDir,
      checkpoint: parseTranscriptCheckpoint(checkpoint),
    })
  }

  async #load(): Promise<boolean> {
    const text = await this.#port.sink.checkpoint(this.#checkpointKey)
    if (text === undefined) return false
    let saved: Fields = {}
    try {
      saved = fieldsOf(JSON.parse(text)) ?? {}
    } catch {
      // Reads everything again, which stores nothing twice.
    }
    this.#saved = text
    this.#transcript = this.#openTranscript(saved.transcript)
    this.#dialogs = new DialogCalls(saved.dialogs)
    this.#facts = new FactKeeper(saved.facts)
    this.sent.restore(saved.sent)
    return true
  }

  get #checkpointKey(): string {
    return `session:${this.entry.sessionId}`
  }

  async #save(): Promise<void> {
    const text = JSON.stringify({
      transcript: this.#transcript.checkpoint(),
      dialogs: this.#dialogs.save(),
      facts: this.#facts.save(),
      sent: this.sent.save(),
    })
    if (text === this.#saved) return
    this.#saved = text
    await this.#port.sink.saveCheckpoint(this.#checkpointKey, text)
  }

  async #read(): Promise<void> {
    await this.#transcript.read(this.entry.cwd, (news) => this.#tell(news))
    await this.#save()
    const { sessionId, cwd } = this.entry
    const likely = likelyTranscript(this.#port.configDir, sessionId, cwd)
    this.#watch.follow(this.#transcript.path ?? likely)
  }

  async #tell(news: TranscriptNews): Promise<void> {
    const changed = this.#facts.learn(news.facts)
    const drafts = this.#dialogs
      .sift(news.drafts)
      .map((draft) => this.#changedCalls.complete(this.sent.attribute(draft)))
    for (const draft of drafts) this.#caughtUpWith(draft)
    if (changed) {
      const at = drafts.at(-1)?.at ?? iso(Date.now())
      const dedupeKey = `facts:${news.key}:${digest(changed)}`
      const { sessionId } = this
      drafts.push({ sessionId, at, type: 'session.changed', ...changed, dedupeKey })
    }
    for (const call of news.endedCalls) {
      this.asks.callEnded(call)
      drafts.push(...this.#stale.callEnded(call.toolUseId, call.isDenied))
    }
    if (drafts.length > 0) await this.#port.sink.append(drafts)
  }

  #caughtUpWith(draft: EventDraft): void {
    this.#ahead.told(draft)
    if (draft.type === 'message.agent') this.#live.caughtUp(draft.subagent?.agentId)
    if (draft.type !== 'turn.ended') return
    for (const signal of this.#live.clear()) this.#port.sink.signal(signal)
  }

  async #catchUp(toolUseId: string | undefined, agentId: string | undefined): Promise<void> {
    const isMainBehind = !agentId && this.#ahead.isBefore(toolUseId)
    const isBehind = this.#live.isAhead(agentId) || isMainBehind
    const unsureMs = toolUseId ? 0 : catchUpMs
    const deadlineMs = Date.now() + (isBehind ? knownAheadMs : unsureMs)
    for (;;) {
      await this.#read()
      if (toolUseId && this.#transcript.hasOpenCall(toolUseId)) return
      if (Date.now() >= deadlineMs) return
      await sleep(catchUpPollMs)
    }
  }

  #learn(learned: Learned): void {
    this.#work.add(async () => {
      const changed = this.#facts.learn(learned)
      if (!changed) return
      const about = { sessionId: this.sessionId, at: iso(Date.now()) }
      const dedupeKey = `facts:${about.at}:${digest(changed)}`
      await this.#port.sink.append([{ ...about, type: 'session.changed', ...changed, dedupeKey }])
      await this.#save()
    })
  }

  #standing(): Learned {
    return { capabilities: this.#capabilities(), runKey: this.entry.runKey ?? null }
  }

  #capabilities(): string[] {
    const { kind, status, entrypoint, inboxSocket } = this.entry
    const isTerminal = entrypoint === 'cli'
    return capabilitiesOf({
      hasHooks: this.link !== undefined || this.isAdopted,
      hasPane: isTerminal && this.pane !== undefined,
      isIdleInBackground: kind === 'background' && status === 'idle',
      hasInbox: isTerminal && (inboxSocket ?? this.link?.inboxSocket) !== undefined,
      asksMain: this.asks.main !== undefined,
    })
  }

  #endRestingTurn(): void {
    this.#work.add(async () => {
      await this.#read()
      const { promptId, isOpen } = this.#transcript.turn
      if (!isOpen || this.entry.status !== 'idle') return
      this.#transcript.turn = { ...(promptId && { promptId }), isOpen: false }
      const about = { sessionId: this.sessionId, at: iso(this.entry.statusAtMs || Date.now()) }
      const dedupeKey = `turn:${promptId}:end`
      const outcome = 'finished'
      await this.#port.sink.append([{ ...about, type: 'turn.ended', outcome, dedupeKey }])
    })
  }
}
