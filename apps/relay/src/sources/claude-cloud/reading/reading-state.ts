import type { Clock } from '../../../clock.ts'
import type { CloudRow } from '../cloud-api.ts'
import type { CallBook } from './call-book.ts'
import type { LiveWords } from './live-words.ts'
import type { MachineNeed } from './machine-need.ts'
import type { MessageParts } from './message-parts.ts'
import type { OpenPrompts, PromptPlace } from './open-prompts.ts'
import type { SentNotes } from './sent-notes.ts'
import type { SessionFacts } from './session-facts.ts'
import type { Turns } from './turns.ts'

/** All that is known of a session while it is read. */
export type ReadingState = {
  readonly clock: Clock
  readonly turns: Turns
  readonly prompts: OpenPrompts
  readonly calls: CallBook
  readonly notes: SentNotes
  readonly words: LiveWords
  readonly parts: MessageParts
  readonly facts: SessionFacts
  readonly need: MachineNeed
  /** What clients said last, by uuid: a digest of their words. */
  readonly said: Map<string, string>
  /** Where prompts are told. */
  place: PromptPlace
  row: CloudRow | undefined
  /** When the newest event that was read happened. */
  recordMs: number | undefined
  /** The worker said that it leaves, and nothing but the end of its turn followed. */
  isLeaving: boolean
}
