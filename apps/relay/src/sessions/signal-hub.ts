import { type SessionEvent, type Signal, signalKey } from '@bellhop/core'

/** Passes on what may be lost, and knows what stands right now. [SI-1] [I7] */
export interface SignalHub {
  publish(signal: Signal): void
  /** The latest of each key that has not been taken back. */
  current(): readonly Signal[]
  subscribe(listener: (signal: Signal) => void): Disposable
}

/** Keys that are held; beyond it the longest unchanged one goes, as a signal may. [I6] */
const MAX_KEYS = 2_000

export const createSignalHub = (maxKeys = MAX_KEYS): SignalHub => {
  const latest = new Map<string, Signal>()
  const listeners = new Set<(signal: Signal) => void>()
  return {
    publish: (signal) => {
      const key = signalKey(signal)
      const known = latest.delete(key)
      if (!isEmpty(signal)) latest.set(key, signal)
      // Taking back what nobody was told is no news.
      else if (!known) return
      if (latest.size > maxKeys) {
        const [oldest = key] = latest.keys()
        latest.delete(oldest)
      }
      for (const listener of listeners) listener(signal)
    },
    current: () => [...latest.values()],
    subscribe: (listener) => {
      const own = (signal: Signal) => listener(signal)
      listeners.add(own)
      return { [Symbol.dispose]: () => void listeners.delete(own) }
    },
  }
}

/** An empty text takes back what was said under its key. */
const isEmpty = (signal: Signal): boolean => signal.type !== 'source.health' && signal.text === ''

/**
 * Takes back the signals that stored events make void: partial text with the whole of it, and all of
 * a turn's with its end. [SI-2]
 */
export const settleSignals = (hub: SignalHub, events: readonly SessionEvent[]): void => {
  for (const event of events) {
    if (event.type === 'message.agent') takeBack(hub, event, 'text.partial')
    if (event.type === 'turn.ended' || event.type === 'session.ended') takeBack(hub, event)
  }
}

const takeBack = (
  hub: SignalHub,
  event: Extract<SessionEvent, { type: 'message.agent' | 'turn.ended' | 'session.ended' }>,
  type?: Signal['type'],
): void => {
  // The session's own end is also that of its subagents, its own words are not.
  const only = event.subagent ?? (event.type === 'message.agent' ? null : undefined)
  for (const signal of hub.current()) {
    if (signal.type === 'source.health' || signal.sessionId !== event.sessionId) continue
    if (type !== undefined && signal.type !== type) continue
    if (only !== undefined && signal.subagent?.agentId !== only?.agentId) continue
    hub.publish({ ...signal, text: '' })
  }
}
