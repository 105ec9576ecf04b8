import type { CommandOf, EventOf, Receipt, SessionEvent } from '@bellhop/core'

/** Every place a message can have come to, in the order it comes to them. */
const STAGES = [
  'kept',
  'sending',
  'relay',
  'stored',
  'unconfirmed',
  'taken',
  'processing',
  'processed',
  'refused',
] as const

/**
 * `kept`: on this phone; `sending`; `relay`: the relay has it; `stored`: it lies where its session gets it;
 * `unconfirmed`: handed on without a word from the session; `taken`; `processing`; `processed`; `refused`: with `code`
 * and `text`.
 */
export type OutgoingStage = (typeof STAGES)[number]

/** A message on its way, and how far it got. */
export type Outgoing = {
  readonly command: CommandOf<'prompt'>
  readonly writtenAtMs: number
  readonly stage: OutgoingStage
  readonly atMs: number
  /** Where it has been, and when it came there. */
  readonly trail?: readonly OutgoingStep[]
  readonly code?: string
  readonly text?: string
}

export type OutgoingStep = { readonly stage: OutgoingStage; readonly atMs: number }

/** A message that did not go out for this long is not sent any more without being asked about. */
export const MESSAGE_LIFE_MS = 24 * 60 * 60_000

const rank = (stage: OutgoingStage) => STAGES.indexOf(stage)

/** Whether the session is known to have it. */
export const isTaken = ({ stage }: Outgoing): boolean =>
  stage !== 'refused' && rank(stage) >= rank('taken')

/** Moves a message to a stage; never back to one it has passed. */
export function reach(
  outgoing: Outgoing,
  stage: OutgoingStage,
  atMs: number,
  why: { code?: string | undefined; text?: string | undefined } = {},
): Outgoing {
  if (rank(stage) <= rank(outgoing.stage)) return outgoing
  const { code: _, text: __, ...rest } = outgoing
  return {
    ...rest,
    stage,
    atMs,
    trail: [...(outgoing.trail ?? []).filter((step) => step.stage !== stage), { stage, atMs }],
    ...(why.code !== undefined && { code: why.code }),
    ...(why.text !== undefined && { text: why.text }),
  }
}

const OUTCOMES = {
  pending: 'relay',
  done: 'taken',
  refused: 'refused',
  unconfirmed: 'unconfirmed',
} as const

export const receive = (outgoing: Outgoing, receipt: Receipt, atMs: number): Outgoing =>
  reach(outgoing, OUTCOMES[receipt.state], atMs, receipt)

const PROGRESS = {
  stored: 'stored',
  received: 'taken',
  processing: 'processing',
  processed: 'processed',
} as const

const after = (outgoing: Outgoing, event: SessionEvent, atMs: number): Outgoing => {
  if (!('commandId' in event) || event.commandId !== outgoing.command.commandId) return outgoing
  if (event.type === 'command.progressed') return reach(outgoing, PROGRESS[event.stage], atMs)
  if (event.type !== 'command.settled') return outgoing
  return reach(outgoing, OUTCOMES[event.outcome], atMs, event)
}

/**
 * A message that went by one road and came back by another, where nobody knows what caused it: the
 * oldest of these words that has left the relay. [CM-9]
 */
const arrivedByAnother = (
  outbox: readonly Outgoing[],
  { sessionId, text, from }: EventOf<'message.person'>,
): string | undefined =>
  outbox.find(
    ({ command, stage }) =>
      from === 'person' &&
      command.sessionId === sessionId &&
      command.text.trim() === text.trim() &&
      stage !== 'refused' &&
      rank(stage) >= rank('stored'),
  )?.command.commandId

/** Folds events in: a message that has arrived in its transcript is no longer on its way. */
export function settle(
  outbox: readonly Outgoing[],
  events: readonly SessionEvent[],
  atMs: number,
): readonly Outgoing[] {
  const arrived = new Set(
    events.flatMap((event) => {
      if (event.type !== 'message.person') return []
      return event.causedBy ?? arrivedByAnother(outbox, event) ?? []
    }),
  )
  const next = outbox
    .filter(({ command }) => !arrived.has(command.commandId))
    .map((one) => events.reduce((now, event) => after(now, event, atMs), one))
  return next.length === outbox.length && next.every((one, at) => one === outbox[at])
    ? outbox
    : next
}

/** What may go out now: kept messages, oldest first, at most one at a time per session so that order holds. */
export function due(outbox: readonly Outgoing[]): Outgoing[] {
  const busy = new Set(
    outbox.filter((one) => one.stage === 'sending').map((one) => one.command.sessionId),
  )
  return outbox.filter((one) => {
    if (one.stage !== 'kept' || busy.has(one.command.sessionId)) return false
    busy.add(one.command.sessionId)
    return true
  })
}
