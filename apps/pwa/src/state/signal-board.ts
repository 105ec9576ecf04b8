import type { SessionEvent, Signal } from '@bellhop/core'
import { signalKey } from '@bellhop/core'

/** The latest of each kind of signal, by its key. What is here may be lost at any time. */
export type SignalBoard = ReadonlyMap<string, Signal>

/** Puts signals up; an empty text takes its kind down. */
export function postSignals(board: SignalBoard, signals: readonly Signal[]): SignalBoard {
  if (signals.length === 0) return board
  const next = new Map(board)
  for (const signal of signals) {
    const over = signal.type !== 'source.health' && signal.text === ''
    if (over) next.delete(signalKey(signal))
    else next.set(signalKey(signal), signal)
  }
  return next
}

/** Takes down what events have overtaken: the partial text once it is said, everything once a turn is over. */
export function overtake(board: SignalBoard, events: readonly SessionEvent[]): SignalBoard {
  const gone = events.flatMap((event) => {
    const agentId = ('subagent' in event && event.subagent?.agentId) || ''
    const key = (type: string) => `${type} ${event.sessionId} ${agentId}`
    if (event.type === 'message.agent') return [key('text.partial')]
    if (event.type === 'turn.ended' || event.type === 'session.ended')
      return [key('text.partial'), key('activity')]
    return []
  })
  if (!gone.some((key) => board.has(key))) return board
  const next = new Map(board)
  for (const key of gone) next.delete(key)
  return next
}
