/** How the parts of this source speak to one another; each is made in a file of its own. */
import type {
  Actor,
  Ask,
  CommandId,
  EventDraft,
  PermissionId,
  SessionId,
  Signal,
} from '@bellhop/core'
import type { CloudEvent, CloudRow, Delivery, Fields, Suffix } from './cloud-api.ts'

/** A prompt that waits for an answer, with everything an answer needs. */
export type OpenPrompt = {
  permissionId: PermissionId
  /** What an answer has to name. Never the id of the tool call. */
  requestId: string
  toolName: string
  toolUseId?: string
  /** The tool’s input exactly as asked. */
  input: Fields
  suggestions: readonly unknown[]
  ask: Ask
  /** The uuid of an answer, whoever gave it, that is stored and on its way to the worker. */
  answeredWith?: string
}

/** Something this relay posted, so that what comes back is known for its own. */
export type SentNote = {
  /** The uuid it was posted with: the echo’s, and the delivery’s `eventId`. */
  uuid: string
  commandId: CommandId
  by: Actor
  /** Set when it answers a prompt. */
  answers?: { permissionId: PermissionId; resolved: ResolvedFields }
}

/** What `permission.resolved` says of an answer from here. */
export type ResolvedFields = Pick<
  Extract<EventDraft, { type: 'permission.resolved' }>,
  'outcome' | 'text' | 'edited' | 'rules'
>

/** What a command may wait for. */
export type Observed =
  /** The worker’s word on a control request. */
  | { kind: 'control'; requestId: string; isError: boolean; error?: string; response: Fields }
  /** The worker has it. */
  | { kind: 'delivery'; eventId: string; status: Delivery['status'] }
  /** What was posted under the uuid is in the session’s own record; `from`: whose it says it is. */
  | { kind: 'stored'; uuid: string; source: CloudEvent['source']; from?: 'person' | 'peer' }
  /** A prompt is over; `by` tells by whose answer. Told once, with its `permission.resolved`. */
  | { kind: 'resolved'; permissionId: PermissionId; by: 'here' | 'elsewhere' | 'desk' | 'nobody' }
  | { kind: 'turn'; isOpen: boolean }
  | { kind: 'row'; row: CloudRow }

export type Reading = { drafts: EventDraft[]; observed: Observed[]; signals: Signal[] }

/**
 * Turns what a session tells into events, whatever road it came by. Holds what has to be known of
 * before; hands everything out, does nothing by itself.
 */
export interface SessionReader {
  readonly sessionId: SessionId
  /** The highest sequence number read; 0 before any. */
  readonly lastSequence: number
  /** The lowest sequence number read; 1 or less means nothing is before it. */
  readonly firstSequence: number | undefined
  readonly prompts: ReadonlyMap<PermissionId, OpenPrompt>
  readonly isTurnOpen: boolean
  /**
   * In the order of their numbers. What was read before, by number or by uuid, gives nothing; a number
   * that was passed over is still read when it comes late. Never throws over what it reads. A prompt
   * over a minute old is told only once the list or the worker names it as open, or with its end.
   */
  read(event: CloudEvent): Reading
  /** The list’s word on the session: facts, the end, the return. Only what changed. */
  readRow(row: CloudRow): Reading
  readEphemeral(payload: Fields): Reading
  readDelivery(delivery: Delivery): Reading
  /** The prompts an `initialize` answer lists, beside those of the record. */
  readPending(requests: readonly unknown[]): Reading
  expect(note: SentNote): void
  /**
   * The session is shown as another one: from now on only prompts are told, into that session, and
   * how far commands there have come; of itself only facts and its end, where it was told before.
   * Null ends it, and prompts left open there are withdrawn.
   */
  joinTo(into: { sessionId: SessionId; tellsPrompts: boolean } | null): Reading
  /**
   * Tells what time has decided. An answer counts when its call has a result or the turn its end; or
   * a second after the worker took it, having said nothing to the contrary: called then, this tells
   * it. Where deliveries are not heard, one that lies there for twenty seconds for a worker that is
   * connected counts as well. It also ends a turn whose end was never told. Cheap, and harmless to
   * call at any time; reading a row or a delivery does the same.
   */
  settle(): Reading
  /** When `settle` will have something to tell; undefined while nothing waits for time to pass. */
  readonly settlesAtMs: number | undefined
  /** Plain text to go on from after a restart. */
  save(): string
}

/** A session that is followed; what is done to it goes through it, in one order. */
export interface FollowedSession {
  readonly suffix: Suffix
  readonly sessionId: SessionId
  /** The newest word of the list. */
  readonly row: CloudRow | undefined
  readonly reader: SessionReader
  /** How it is read and written just now. */
  readonly road: 'stream' | 'poll' | 'older-socket' | 'older-poll'
  /** Stores drafts after everything read so far. */
  append(drafts: readonly EventDraft[]): Promise<void>
  /** Takes in a reading made outside of the line, such as of a delivery or a pending prompt. */
  take(reading: Reading): Promise<void>
  /** The first thing observed from now on that fits; undefined after `waitMs`. */
  observe<Found>(
    fits: (observed: Observed) => Found | undefined,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<Found | undefined>
  /** Keeps it read live until disposed, as while a command waits for its outcome. */
  stayLive(): Disposable
  /** Writes by whichever family this session is reached by. */
  send(payloads: readonly Fields[], signal: AbortSignal): Promise<void>
}
