import type { Actor, PermissionId, SessionId, SourceId, Subagent } from '@bellhop/core'
import type { CloudRow } from '../cloud-api.ts'
import type { Observed, OpenPrompt, ResolvedFields, SentNote } from '../parts.ts'
import { parsePrompts } from './saved-prompts.ts'
import type { Telling } from './telling.ts'

type By = Extract<Observed, { kind: 'resolved' }>['by']

/** How a prompt is closed, and whose word that is. */
export type Closing = {
  by: By
  actor: Actor
  resolved: ResolvedFields
  causedBy?: SentNote['commandId']
}

/** Since when the list is silent about a prompt, and how far the record reached by its word. */
type Lapse = { sinceMs: number; recordMs: number }

export type StoredAnswer = Closing & {
  uuid: string
  /** The worker has shown that it has it: it counts from then on. */
  countsAtMs?: number
  /** Since when it lies there for a worker that is connected. */
  liesSinceMs?: number
}

/** A prompt and what is known of how it will end. */
export type Asked = {
  prompt: OpenPrompt
  at: string
  subagent?: Subagent
  /** The sessions it was told in; none while it may be a leftover of history. */
  toldIn: SessionId[]
  /** The list has named it as pending. */
  wasHinted: boolean
  /** The list names it no more; it is over unless the record says otherwise. */
  lapse?: Lapse
  /** An answer was sent from here, and is to be read in the record. */
  isSentTo?: true
  /** An answer that was stored; it counts once it was taken, unless the worker says otherwise. */
  answer?: StoredAnswer
}

export type PromptPlace = { sessionId: SessionId; sourceId?: SourceId; tellsPrompts: boolean }

const source: Actor = { kind: 'source' }
const contraryMs = 1_000
/** Where nobody says that an answer was taken, it counts after this long without a word against it. */
const silenceMs = 20_000
/** The list may be ahead of the record by this long once the record has been read, */
const lapseMs = 1_500
/** and by this long where it has not. */
const lapseUnreadMs = 60_000
/** Prompts that are known as open at once. */
export const openMax = 50
const overMax = 200
const lapsedMax = 10
const takenMax = 50
const savedChars = 200_000
const reviveMs = 5_000
export const withdrawn: Closing = {
  by: 'nobody',
  actor: source,
  resolved: { outcome: 'withdrawn' },
}

/**
 * The prompts that wait for an answer, and everything that can end them. Each is told as open at most
 * once and as resolved exactly once, by the first word that counts. [PE-3] [I11]
 */
export class OpenPrompts {
  readonly #open: Map<PermissionId, Asked>
  /** Those that were taken for over without anybody’s word. */
  readonly #lapsed = new Map<string, Asked>()
  readonly #over: Map<string, { atMs?: number; times: number }>
  /** What the worker was last said to have, and since when: that may be told before the thing itself. */
  readonly #taken = new Map<string, number>()
  readonly #hearsDeliveries: () => boolean
  #readMs = 0

  constructor(saved?: unknown, hearsDeliveries: () => boolean = () => true) {
    this.#hearsDeliveries = hearsDeliveries
    const { open, over } = parsePrompts(saved)
    this.#open = new Map(open.map((asked) => [asked.prompt.permissionId, asked]))
    this.#over = new Map(over)
  }

  get all(): ReadonlyMap<PermissionId, OpenPrompt> {
    return new Map(
      [...this.#open].map(([id, { prompt, answer }]) => [
        id,
        answer ? { ...prompt, answeredWith: answer.uuid } : prompt,
      ]),
    )
  }

  save(): unknown {
    // One too large to keep is asked for anew: the worker lists it when it is asked what is open.
    const open = [...this.#open.values()].filter(
      ({ prompt }) => JSON.stringify(prompt).length <= savedChars,
    )
    return { open, over: [...this.#over] }
  }

  get settlesAtMs(): number | undefined {
    const due = this.open().flatMap((asked) => this.#dueMs(asked) ?? [])
    return due.length > 0 ? Math.min(...due) : undefined
  }

  find(requestId: string): Asked | undefined {
    return [...this.#open.values()].find(({ prompt }) => prompt.requestId === requestId)
  }

  /** The prompts that were asked about one call. */
  about(toolUseId: string): Asked[] {
    return [...this.#open.values()].filter(({ prompt }) => prompt.toolUseId === toolUseId)
  }

  open(): Asked[] {
    return [...this.#open.values()]
  }

  /** Takes up a prompt; undefined for one that is open or was closed by somebody’s word. */
  add(prompt: OpenPrompt, about: { at: string; subagent?: Subagent }): Asked | undefined {
    if (this.#over.has(prompt.requestId) || this.find(prompt.requestId)) return undefined
    // A prompt that goes by another’s name would be answered in its stead. [I11]
    if (this.#open.has(prompt.permissionId)) return undefined
    const asked: Asked = { prompt, ...about, toldIn: [], wasHinted: false }
    this.#open.set(prompt.permissionId, asked)
    return asked
  }

  /**
   * Takes up again one that was taken for over without anybody’s word, now that the worker lists it
   * as open. It goes by another name, as the first one’s end has been told.
   */
  revive(
    prompt: OpenPrompt,
    about: { at: string; subagent?: Subagent },
    nowMs: number,
  ): Asked | undefined {
    const over = this.#over.get(prompt.requestId)
    if (over?.atMs === undefined || nowMs - over.atMs < reviveMs) return undefined
    this.#over.delete(prompt.requestId)
    const times = over.times + 1
    const permissionId = `${prompt.permissionId}-${times}` as PermissionId
    const asked = this.add({ ...prompt, permissionId }, about)
    this.#over.set(prompt.requestId, { times })
    return asked
  }

  /** Says that it is open, where it has not been said. */
  tell(telling: Telling, asked: Asked, place: PromptPlace): void {
    const { prompt, at, subagent } = asked
    if (!place.tellsPrompts || asked.toldIn.includes(place.sessionId)) return
    asked.toldIn.push(place.sessionId)
    telling.drafts.push({
      type: 'permission.requested',
      sessionId: place.sessionId,
      at,
      permissionId: prompt.permissionId,
      ask: prompt.ask,
      ...(subagent && { subagent }),
      ...(prompt.toolUseId && { toolCallId: prompt.toolUseId.slice(0, 200) }),
      ...(place.sourceId && { sourceId: place.sourceId }),
      dedupeKey: `ask:${prompt.permissionId}`,
    })
  }

  /** An answer is stored; the first one may count, once the worker has it. */
  answered(asked: Asked, closing: Closing, uuid: string, liesSinceMs: number | undefined): void {
    if (asked.answer && asked.answer.uuid !== uuid) return
    const takenMs = this.#taken.get(uuid)
    asked.answer = {
      ...(liesSinceMs !== undefined && { liesSinceMs }),
      ...(takenMs !== undefined && { countsAtMs: takenMs + contraryMs }),
      ...asked.answer,
      ...closing,
      uuid,
    }
  }

  /** The worker has what was sent under the uuid. */
  taken(uuid: string, nowMs: number): void {
    if (!this.#taken.has(uuid)) this.#taken.set(uuid, nowMs)
    if (this.#taken.size > takenMax) this.#taken.delete([...this.#taken.keys()][0] ?? '')
    for (const { answer } of this.#open.values()) {
      if (answer?.uuid === uuid) answer.countsAtMs ??= nowMs + contraryMs
    }
  }

  /** Whether there is a worker that could take an answer. */
  canTake(isThere: boolean, nowMs: number): void {
    for (const { answer } of this.#open.values()) {
      if (!answer) continue
      if (isThere) answer.liesSinceMs ??= nowMs
      else delete answer.liesSinceMs
    }
  }

  /** It is over, by an answer that was stored before or else as said. */
  close(
    telling: Telling,
    asked: Asked,
    otherwise: Closing,
    place: PromptPlace,
    nowMs?: number,
  ): Closing {
    const closing = asked.answer ?? otherwise
    this.#forget(asked, closing.by === 'nobody' ? nowMs : undefined)
    // What is only learned of now that it is over is told all the same, in one go.
    if (asked.toldIn.length === 0) this.tell(telling, asked, place)
    for (const sessionId of asked.toldIn) this.#resolve(telling, asked, closing, sessionId)
    const { permissionId } = asked.prompt
    telling.observed.push({ kind: 'resolved', permissionId, by: closing.by })
    return closing
  }

  /** The worker’s own word: it stands above any answer. */
  overrule(telling: Telling, asked: Asked, closing: Closing, place: PromptPlace): Closing {
    delete asked.answer
    return this.close(telling, asked, closing, place)
  }

  /** Resolves it in a session it is no longer told in. */
  leave(telling: Telling, asked: Asked, sessionId: SessionId): void {
    if (!asked.toldIn.includes(sessionId)) return
    asked.toldIn = asked.toldIn.filter((one) => one !== sessionId)
    this.#resolve(telling, asked, withdrawn, sessionId)
  }

  /** An answer is on its way; the record will say whether it got there. */
  sentTo(permissionId: PermissionId): void {
    const asked = this.#open.get(permissionId)
    if (asked) asked.isSentTo = true
  }

  /** The record has been read up to what was made then. */
  readUpTo(createdAtMs: number): void {
    this.#readMs = Math.max(this.#readMs, createdAtMs)
  }

  /** Answers that were taken and not spoken against within a second count; what lapsed is over. */
  due(nowMs: number): Asked[] {
    return this.open().filter((asked) => (this.#dueMs(asked) ?? Infinity) <= nowMs)
  }

  /**
   * What the list’s word means for them: those it names as pending are told. Those it names no more
   * lapse, but not before the record, which knows more, had time to say how they ended.
   */
  follow(row: CloudRow, nowMs: number): Asked[] {
    const live: Asked[] = []
    const named = new Set(row.pending.map(({ requestId }) => requestId))
    const isAsking = row.worker === 'requires_action'
    if (isAsking) for (const id of named) this.#reviveLapsed(id, nowMs)
    for (const asked of this.#open.values()) {
      if (isAsking && named.has(asked.prompt.requestId)) {
        asked.wasHinted = true
        delete asked.lapse
        live.push(asked)
        continue
      }
      const wasNamed = asked.wasHinted && (!isAsking || named.size > 0)
      const isLeftover = asked.toldIn.length === 0 && !isAsking
      if (row.worker === 'unknown' || !(wasNamed || isLeftover)) continue
      asked.lapse ??= { sinceMs: nowMs, recordMs: row.lastEventAtMs ?? 0 }
    }
    // A list that names none means the newest.
    const newest = [...this.#open.values()].at(-1)
    if (isAsking && named.size === 0 && newest) {
      newest.wasHinted = true
      delete newest.lapse
      live.push(newest)
    }
    return live
  }

  #dueMs({ answer, lapse, isSentTo }: Asked): number | undefined {
    const due: number[] = []
    if (answer?.countsAtMs !== undefined) due.push(answer.countsAtMs)
    else if (answer?.liesSinceMs !== undefined && !this.#hearsDeliveries())
      due.push(answer.liesSinceMs + silenceMs)
    const isRead = this.#readMs >= (lapse?.recordMs ?? 0) && (answer !== undefined || !isSentTo)
    if (lapse) due.push(lapse.sinceMs + (isRead ? lapseMs : lapseUnreadMs))
    return due.length > 0 ? Math.min(...due) : undefined
  }

  #resolve(telling: Telling, asked: Asked, closing: Closing, sessionId: SessionId): void {
    const { permissionId } = asked.prompt
    telling.drafts.push({
      type: 'permission.resolved',
      sessionId,
      at: telling.at,
      permissionId,
      by: closing.actor,
      ...closing.resolved,
      ...(closing.causedBy && { causedBy: closing.causedBy }),
      ...(asked.subagent && { subagent: asked.subagent }),
      dedupeKey: `ask:${permissionId}:end`,
    })
  }

  #reviveLapsed(requestId: string, nowMs: number): void {
    const asked = this.#lapsed.get(requestId)
    if (!asked || this.find(requestId)) return
    const { at, subagent, prompt } = asked
    this.revive(prompt, { at, ...(subagent && { subagent }) }, nowMs)
  }

  #forget(asked: Asked, atMs: number | undefined): void {
    const { prompt } = asked
    this.#open.delete(prompt.permissionId)
    if (atMs !== undefined) this.#lapsed.set(prompt.requestId, asked)
    if (this.#lapsed.size > lapsedMax) this.#lapsed.delete([...this.#lapsed.keys()][0] ?? '')
    const times = this.#over.get(prompt.requestId)?.times ?? 0
    this.#over.set(prompt.requestId, { times, ...(atMs !== undefined && { atMs }) })
    if (this.#over.size > overMax) this.#over.delete([...this.#over.keys()][0] ?? '')
  }
}
