import type { EventDraft, SessionId, Subagent } from '@bellhop/core'
import { type Fields, fieldsOf, textOf } from '../../claude-format/lines.ts'
import type { EndedCall } from '../../claude-format/message-blocks.ts'
import type { SessionFacts } from './transcript-facts.ts'
import { type FilePlace, TranscriptFile } from './transcript-file.ts'
import { type LineReading, readTranscriptLine, type TurnState } from './transcript-line.ts'
import {
  findTranscript,
  readSubagent,
  subagentIds,
  subagentTranscript,
} from './transcript-places.ts'

/** What a stretch of transcript says, in its order. */
export interface TranscriptNews {
  drafts: EventDraft[]
  facts: SessionFacts
  endedCalls: (EndedCall & { name?: string; input?: Fields })[]
  /** Names the stretch: the same for the same lines. */
  key: string
}

/** Where reading has got to; plain data that survives a restart. */
export interface TranscriptCheckpoint {
  place: FilePlace
  turn: TurnState
  subagents: Record<string, FilePlace>
}

const openCallsMax = 200
const draftsPerBatch = 200

type Part = { file: TranscriptFile; subagent?: Subagent }

/** A session's transcript and those of its subagents, read on from where the last run stopped. */
export class SessionTranscript {
  turn: TurnState
  readonly #sessionId: SessionId
  readonly #rawId: string
  readonly #configDir: string
  readonly #checkpoint: TranscriptCheckpoint | undefined
  readonly #openCalls = new Map<string, { name: string; input: Fields }>()
  readonly #subagents = new Map<string, Part>()
  #main: Part | undefined

  constructor(options: {
    sessionId: SessionId
    rawId: string
    configDir: string
    checkpoint?: TranscriptCheckpoint | undefined
  }) {
    this.#sessionId = options.sessionId
    this.#rawId = options.rawId
    this.#configDir = options.configDir
    this.#checkpoint = options.checkpoint
    this.turn = options.checkpoint?.turn ?? { isOpen: false }
  }

  get path(): string | undefined {
    return this.#main?.file.path
  }

  checkpoint(): TranscriptCheckpoint {
    const places = [...this.#subagents].map(([id, { file }]) => [id, file.place] as const)
    return {
      place: this.#main?.file.place ?? this.#checkpoint?.place ?? { inode: 0, offset: 0 },
      turn: this.turn,
      subagents: { ...this.#checkpoint?.subagents, ...Object.fromEntries(places) },
    }
  }

  /** Whether the call stands in the transcript and has not ended there. */
  hasOpenCall(toolUseId: string): boolean {
    return this.#openCalls.has(toolUseId)
  }

  /** The open call that fits; for those who know what was called and not its id. */
  findOpenCall(fits: (name: string, input: Fields) => boolean): string | undefined {
    return [...this.#openCalls].findLast(([, { name, input }]) => fits(name, input))?.[0]
  }

  /** Tells what is new; a stretch counts as read once `tell` has resolved. */
  async read(cwd: string, tell: (news: TranscriptNews) => Promise<void>): Promise<void> {
    if (!this.#main) {
      const path = await findTranscript(this.#configDir, this.#rawId, cwd)
      if (!path) return
      this.#main = { file: new TranscriptFile(path, this.#checkpoint?.place) }
    }
    await this.#readPart(this.#main, tell)
    const { path } = this.#main.file
    for (const agentId of await subagentIds(path)) {
      let part = this.#subagents.get(agentId)
      if (!part) {
        const place = this.#checkpoint?.subagents[agentId]
        const file = new TranscriptFile(subagentTranscript(path, agentId), place)
        part = { file, subagent: await readSubagent(path, agentId) }
        this.#subagents.set(agentId, part)
      }
      await this.#readPart(part, tell)
    }
  }

  async #readPart(part: Part, tell: (news: TranscriptNews) => Promise<void>): Promise<void> {
    const fallbackAt = new Date().toISOString()
    for await (const { lines, endOffset } of part.file.read()) {
      const key = `${part.subagent?.agentId ?? 'main'}:${endOffset}`
      let news: TranscriptNews = { drafts: [], facts: {}, endedCalls: [], key }
      for (const { text, offset } of lines) {
        const { subagent } = part
        const context = {
          sessionId: this.#sessionId,
          offset,
          fallbackAt,
          ...(subagent && { subagent }),
        }
        const reading = readTranscriptLine(text, context, this.turn)
        if (!reading) continue
        if (!subagent) this.turn = reading.turn
        this.#add(news, reading)
        if (news.drafts.length < draftsPerBatch) continue
        await tell(news)
        news = { drafts: [], facts: {}, endedCalls: [], key: `${key}:${offset}` }
      }
      await tell(news)
    }
  }

  #add(news: TranscriptNews, reading: LineReading): void {
    news.drafts.push(...reading.drafts)
    const { titleRank = -1 } = reading.facts
    const { title, titleRank: knownRank = -1 } = news.facts
    Object.assign(news.facts, reading.facts)
    if (title !== undefined && titleRank < knownRank) {
      Object.assign(news.facts, { title, titleRank: knownRank })
    }
    for (const { toolUseId, name, input } of reading.startedCalls) {
      this.#openCalls.set(toolUseId, { name, input })
      if (this.#openCalls.size > openCallsMax) {
        this.#openCalls.delete(this.#openCalls.keys().next().value ?? '')
      }
    }
    for (const call of reading.endedCalls) {
      news.endedCalls.push({ ...this.#openCalls.get(call.toolUseId), ...call })
      this.#openCalls.delete(call.toolUseId)
    }
  }
}

/** Reads a stored checkpoint; one of another shape is as good as none. */
export function parseTranscriptCheckpoint(value: unknown): TranscriptCheckpoint | undefined {
  const fields = fieldsOf(value)
  const turn = fieldsOf(fields?.turn)
  const place = parsePlace(fields?.place)
  if (!fields || !turn || !place) return undefined
  const promptId = textOf(turn.promptId)
  const subagents = Object.entries(fieldsOf(fields.subagents) ?? {}).flatMap(([id, given]) => {
    const found = parsePlace(given)
    return found ? [[id, found] as const] : []
  })
  return {
    place,
    turn: { isOpen: turn.isOpen === true, ...(promptId && { promptId }) },
    subagents: Object.fromEntries(subagents),
  }
}

function parsePlace(value: unknown): FilePlace | undefined {
  const { inode, offset } = fieldsOf(value) ?? {}
  if (typeof inode !== 'number' || typeof offset !== 'number') return undefined
  return { inode, offset }
}
