/** The permissions one session holds open here, and everything that can end them. */
import { isDeepStrictEqual } from 'node:util'
import {
  type Actor,
  type AnswerCommand,
  type EventDraft,
  type PermissionId,
  type PermissionOutcome,
  RelayError,
  type SessionId,
  type Subagent,
} from '@bellhop/core'
import { type Fields, textOf } from '../../claude-format/lines.ts'
import type { CalledTool } from '../../claude-format/message-blocks.ts'
import { askOf, noOutcome, yesOutcome } from '../../claude-format/permission-ask.ts'
import type { GoneReason, HeldAsk, Link } from './link.ts'
import { answerOf, askedBy, hookOutput } from './permission-answer.ts'
import type { RegistryEntry } from './session-registry.ts'

export interface OpenAsk {
  permissionId: PermissionId
  holdId: string
  link: Link
  hook: Fields
  askedAtMs: number
  toolUseId?: string
  /** Whether the terminal shows the same question while it is held. */
  hasDialog: boolean
  hasSeenWaiting: boolean
  /** Whether it was answered elsewhere and is about to be told so. */
  isSettling: boolean
  timer?: NodeJS.Timeout
}

export interface AsksPort {
  sessionId: SessionId
  /** Puts drafts in the log after everything the session has told so far. */
  append(drafts: EventDraft[]): Promise<void>
  /** The session's own record, read anew. */
  freshStatus(): Promise<RegistryEntry | undefined>
  /** How long a hook may be held where that hides the prompt from the terminal. */
  hiddenHoldMs(): number
  /** Whether it may be answered in other places than here and the terminal. */
  isBridged(): boolean
  /** Reads what the session's transcript says by now. */
  readOn(): Promise<void>
  onChange(): void
}

type Ending = {
  outcome: PermissionOutcome
  by: Actor
  text?: string
  edited?: boolean
  rules?: string[]
}

const source: Actor = { kind: 'source' }

/** Who answered what was not answered here; where there are more places than one, it is not told which. */
export const elsewhere = (isBridged: boolean): Actor => (isBridged ? source : { kind: 'terminal' })

/** What else may tell how it was settled arrives within this. */
const evidenceMs = 400

const yesOf = (hook: Fields) => yesOutcome(hook.tool_name)
const noOf = (hook: Fields) => noOutcome(hook.tool_name)

const iso = (ms: number) => new Date(ms).toISOString()

/** The same hook gives the same id, however often and from whichever run of the relay it is seen. */
export function permissionIdOf({ holdId, toolUseId }: HeldAsk): PermissionId {
  const call = (toolUseId ?? 'call').replaceAll(/[^A-Za-z0-9_-]/g, '').slice(0, 80)
  return `per_${call}-${holdId.replaceAll('-', '').slice(0, 12)}` as PermissionId
}

/** The tool call a permission is about, as far as its id tells. */
export const permissionCall = (permissionId: string): string | undefined =>
  /^per_(.+)-[^-]+$/.exec(permissionId)?.[1]

const subagentOf = (hook: Fields): Subagent | undefined => {
  const agentId = textOf(hook.agent_id)
  const agentType = textOf(hook.agent_type)
  return agentId ? { agentId, ...(agentType && { agentType }) } : undefined
}

export class SessionAsks {
  readonly #port: AsksPort
  readonly #open = new Map<PermissionId, OpenAsk>()

  constructor(port: AsksPort) {
    this.#port = port
  }

  get openIds(): readonly PermissionId[] {
    return [...this.#open.keys()]
  }

  /** Whether the main agent waits for an answer that could also stop it. */
  get main(): OpenAsk | undefined {
    return [...this.#open.values()].find(({ hook }) => !textOf(hook.agent_id))
  }

  isOpen(permissionId: PermissionId): boolean {
    return this.#open.has(permissionId)
  }

  /** Takes up a held hook; the drafts to append, none when it was taken up before. */
  take(link: Link, held: HeldAsk): EventDraft[] {
    const permissionId = permissionIdOf(held)
    const hook = held.input
    const subagent = subagentOf(hook)
    const hasDialog = link.hasDialog && !subagent
    const holdMs = hasDialog ? undefined : this.#port.hiddenHoldMs()
    if (holdMs === 0) {
      link.answer(held.holdId, {}).catch(() => {})
      return []
    }
    const { holdId, askedAtMs, toolUseId } = held
    const ask: OpenAsk = {
      ...{ permissionId, holdId, link, hook, askedAtMs, hasDialog },
      ...{ hasSeenWaiting: false, isSettling: false },
      ...(toolUseId && { toolUseId }),
    }
    if (holdMs !== undefined) {
      ask.timer = setTimeout(() => this.#letGo(ask), askedAtMs + holdMs - Date.now())
      ask.timer.unref()
    }
    this.#open.set(permissionId, ask)
    this.#port.onChange()
    return [
      {
        sessionId: this.#port.sessionId,
        at: iso(askedAtMs),
        type: 'permission.requested',
        permissionId,
        ask: askOf(askedBy(hook)),
        dedupeKey: `ask:${permissionId}`,
        ...(subagent && { subagent }),
        ...(toolUseId && { toolCallId: toolUseId }),
        ...(holdMs !== undefined && { expiresAt: iso(askedAtMs + holdMs) }),
      },
    ]
  }

  /** The held hook was let go by its own end. */
  gone(holdId: string, why: GoneReason): void {
    const ask = [...this.#open.values()].find((one) => one.holdId === holdId)
    if (!ask) return
    const by = this.#elsewhere
    if (why === 'ran') this.#settle(ask, { outcome: yesOf(ask.hook), by })
    else if (why === 'turn_over')
      this.#settle(ask, { outcome: 'withdrawn', by: source, text: 'The turn went on without it.' })
    // At the terminal only a no cancels the hook; of an answer from afar nobody promises that.
    else if (this.#port.isBridged())
      this.#settleSoon(ask, { outcome: 'withdrawn', text: 'It was answered elsewhere.' })
    else this.#settle(ask, { outcome: noOf(ask.hook), by })
  }

  /** A call is over; whatever was asked about it is too. */
  callEnded(call: { toolUseId: string; name?: string; input?: Fields; isDenied: boolean }): void {
    for (const ask of this.#open.values()) {
      const isSame = ask.toolUseId
        ? ask.toolUseId === call.toolUseId
        : ask.hook.tool_name === call.name && isDeepStrictEqual(ask.hook.tool_input, call.input)
      if (!isSame) continue
      const outcome = call.isDenied ? noOf(ask.hook) : yesOf(ask.hook)
      this.#settle(ask, { outcome, by: this.#elsewhere })
      ask.link.answer(ask.holdId, {}).catch(() => {})
    }
  }

  /** Follows the session's status: a dialog that is gone was answered elsewhere. */
  status(entry: RegistryEntry): void {
    for (const ask of this.#open.values()) {
      if (!ask.hasDialog || entry.status === 'unknown') continue
      if (entry.status === 'waiting') {
        ask.hasSeenWaiting ||= entry.statusAtMs >= ask.askedAtMs - evidenceMs
      } else if (ask.hasSeenWaiting && entry.statusAtMs > ask.askedAtMs) {
        const outcome = entry.status === 'busy' ? yesOf(ask.hook) : 'withdrawn'
        this.#settleSoon(ask, { outcome })
      }
    }
  }

  /** The process behind the link is gone, and so is what it held. */
  linkClosed(link: Link): void {
    for (const ask of this.#open.values()) {
      if (ask.link !== link) continue
      const by = link.role === 'adopted' ? this.#elsewhere : source
      this.#settle(ask, { outcome: 'withdrawn', by })
    }
  }

  /**
   * Carries out a person's answer; gives the call that now runs with another input than it asked
   * for. Rejects with `permission_already_decided` when the answer comes too late.
   */
  async answer(command: AnswerCommand, by: Actor): Promise<CalledTool | undefined> {
    const ask = this.#open.get(command.permissionId)
    if (!ask) throw new RelayError('permission_already_decided')
    const { output, ranInput, ...ending } = answerOf(command, ask.hook)
    if (await this.#isSettledThere(ask)) throw new RelayError('permission_already_decided')
    if (!(await ask.link.answer(ask.holdId, output))) {
      throw new RelayError('permission_already_decided')
    }
    await this.#settle(ask, { ...ending, by }, command.commandId)
    const name = textOf(ask.hook.tool_name)
    if (!ranInput || !ask.toolUseId || !name) return undefined
    return { toolUseId: ask.toolUseId, name, input: ranInput }
  }

  /** Stops the main agent by refusing what it asks; false when it asks nothing. */
  async interrupt(by: Actor, commandId: AnswerCommand['commandId']): Promise<boolean> {
    const ask = this.main
    if (!ask) return false
    const message = 'Stopped from the phone.'
    const output = hookOutput({ behavior: 'deny', message, interrupt: true })
    if (!(await ask.link.answer(ask.holdId, output))) return false
    await this.#settle(ask, { outcome: noOf(ask.hook), by }, commandId)
    return true
  }

  /** Forgets everything without a word, for a relay that stops and will be told again. */
  forget(): void {
    for (const { timer } of this.#open.values()) clearTimeout(timer)
    this.#open.clear()
  }

  /** The terminal's dialog may have closed a moment ago, with the sign of it still on its way. */
  async #isSettledThere(ask: OpenAsk): Promise<boolean> {
    if (!ask.hasDialog || !ask.hasSeenWaiting) return false
    const entry = await this.#port.freshStatus()
    return entry !== undefined && entry.status !== 'waiting' && entry.statusAtMs > ask.askedAtMs
  }

  get #elsewhere(): Actor {
    return elsewhere(this.#port.isBridged())
  }

  /** It was answered elsewhere, of which the transcript may tell better than `ending` in a moment. */
  #settleSoon(ask: OpenAsk, ending: Pick<Ending, 'outcome' | 'text'>): void {
    if (ask.isSettling) return
    ask.isSettling = true
    clearTimeout(ask.timer)
    ask.timer = setTimeout(async () => {
      await this.#port.readOn().catch(() => {})
      if (!this.#open.has(ask.permissionId)) return
      this.#settle(ask, { ...ending, by: this.#elsewhere })
      ask.link.answer(ask.holdId, {}).catch(() => {})
    }, evidenceMs).unref()
  }

  #letGo(ask: OpenAsk): void {
    const text = 'Nobody answered here in time, so the terminal asks.'
    this.#settle(ask, { outcome: 'withdrawn', by: source, text })
    ask.link.answer(ask.holdId, {}).catch(() => {})
  }

  async #settle(
    ask: OpenAsk,
    ending: Ending,
    causedBy?: AnswerCommand['commandId'],
  ): Promise<void> {
    clearTimeout(ask.timer)
    if (!this.#open.delete(ask.permissionId)) return
    this.#port.onChange()
    const { outcome, by, text, edited, rules } = ending
    const subagent = subagentOf(ask.hook)
    await this.#port.append([
      {
        ...{ sessionId: this.#port.sessionId, at: iso(Date.now()), type: 'permission.resolved' },
        ...{ permissionId: ask.permissionId, outcome, by },
        ...(text && { text }),
        ...(edited && { edited }),
        ...(rules && { rules }),
        ...(causedBy && { causedBy }),
        ...(subagent && { subagent }),
        dedupeKey: `ask:${ask.permissionId}:end`,
      },
    ])
  }
}
