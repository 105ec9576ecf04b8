import { type Actor, COMMAND_STAGES, type CommandStage } from '@bellhop/core'
import { fieldsOf, listOf, numberOf, textOf } from '../../../claude-format/lines.ts'
import type { SentNote } from '../parts.ts'
import type { Telling } from './telling.ts'

const keptMax = 100

/** What this relay posted, and how far each is known to have come. */
export class SentNotes {
  readonly #notes = new Map<string, { note: SentNote; stage: number }>()

  constructor(saved?: unknown) {
    for (const value of listOf(saved)) {
      const fields = fieldsOf(value)
      const note = fieldsOf(fields?.note)
      if (!note || !textOf(note.uuid) || !textOf(note.commandId) || !fieldsOf(note.by)) continue
      this.#notes.set(String(note.uuid), {
        note: note as SentNote,
        stage: numberOf(fields?.stage) ?? -1,
      })
    }
  }

  save(): unknown {
    return [...this.#notes.values()]
  }

  expect(note: SentNote): void {
    if (!this.#notes.has(note.uuid)) this.#notes.set(note.uuid, { note, stage: -1 })
    if (this.#notes.size > keptMax) this.#notes.delete([...this.#notes.keys()][0] ?? '')
  }

  get(uuid: string): SentNote | undefined {
    return this.#notes.get(uuid)?.note
  }

  /** Tells that a command got further, each stage once. [CM-8] */
  progress(telling: Telling, uuid: string, stage: CommandStage): void {
    const known = this.#notes.get(uuid)
    const rank = COMMAND_STAGES.indexOf(stage)
    if (!known || rank <= known.stage) return
    known.stage = rank
    const { commandId } = known.note
    telling.drafts.push({
      sessionId: telling.sessionId,
      at: telling.at,
      type: 'command.progressed',
      causedBy: commandId,
      commandId,
      stage,
      dedupeKey: `progress:${commandId}:${stage}`,
    })
  }
}

export const deviceNameOf = (by: Actor): string | undefined =>
  by.kind === 'device' ? by.name : undefined
