import type { CommandOf, Receipt, SessionEvent } from '@bellhop/core'

/** A message on its way, and how far it got. */
export type Outgoing = {
  readonly command: CommandOf<'prompt'>
  readonly writtenAtMs: number
  /** `kept`: on this phone; `sending`; `relay`: the relay has it; `taken`; `refused`: with `code` and `text`. */
  readonly stage: 'kept' | 'sending' | 'relay' | 'taken' | 'refused'
  readonly atMs: number
  readonly code?: string
  readonly text?: string
}

/** A message that did not go out for this long is not sent any more without being asked about. */
export const MESSAGE_LIFE_MS = 24 * 60 * 60_000

export const receive = (outgoing: Outgoing, receipt: Receipt, atMs: number): Outgoing => {
  const stage = { pending: 'relay', done: 'taken', refused: 'refused' } as const
  return {
    ...outgoing,
    stage: stage[receipt.state],
    atMs,
    ...(receipt.code !== undefined && { code: receipt.code }),
    ...(receipt.text !== undefined && { text: receipt.text }),
  }
}

/** Folds events in: a message that has arrived in its transcript is no longer on its way. */
export function settle(
  outbox: readonly Outgoing[],
  events: readonly SessionEvent[],
  atMs: number,
): readonly Outgoing[] {
  let changed = false
  const next = outbox.flatMap((outgoing) => {
    const { commandId } = outgoing.command
    if (events.some((event) => event.type === 'message.person' && event.causedBy === commandId)) {
      changed = true
      return []
    }
    const settled = events.find(
      (event) => event.type === 'command.settled' && event.commandId === commandId,
    )
    if (settled?.type !== 'command.settled') return [outgoing]
    changed = true
    const { outcome, code, text } = settled
    return [
      receive(
        outgoing,
        {
          commandId,
          state: outcome,
          ...(code !== undefined && { code }),
          ...(text !== undefined && { text }),
        },
        atMs,
      ),
    ]
  })
  return changed ? next : outbox
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
