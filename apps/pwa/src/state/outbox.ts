import { type CommandOf, newCommandId, type SessionEvent, type SessionId } from '@bellhop/core'
import { isRefusal, type RelayClient } from '@bellhop/core/client'
import { createSignal } from 'solid-js'
import { keep, recall } from '../platform/database.ts'
import {
  due,
  isTaken,
  MESSAGE_LIFE_MS,
  type Outgoing,
  type OutgoingStep,
  reach,
  receive,
  settle,
} from './outbox-rules.ts'

const TAKEN_SHOWN_MS = 20_000
const TRAILS_KEPT = 50

/**
 * Messages on their way. A message is on the phone before it is sent, keeps its id over every try, and leaves only
 * when it has arrived, or when the person discards it.
 */
export function createOutbox(deps: {
  client: () => RelayClient
  relayNowMs: () => number
  live: () => boolean
}) {
  const [entries, setEntries] = createSignal<readonly Outgoing[]>([])
  /** Where the last messages have been that are no longer on their way. */
  const trails = new Map<string, readonly OutgoingStep[]>()
  const retiring = new Set<string>()

  const save = (next: readonly Outgoing[]) => {
    for (const { command, trail } of entries()) if (trail) trails.set(command.commandId, trail)
    for (const old of trails.keys()) {
      if (trails.size <= TRAILS_KEPT) break
      trails.delete(old)
    }
    setEntries(next)
    void keep('outbox', next)
    for (const one of next) if (isTaken(one)) retire(one.command.commandId)
  }
  const change = (commandId: string, to: (entry: Outgoing) => Outgoing) =>
    save(entries().map((entry) => (entry.command.commandId === commandId ? to(entry) : entry)))

  const send = async (entry: Outgoing) => {
    const { command } = entry
    change(command.commandId, (one) => ({ ...one, stage: 'sending' }))
    try {
      const receipt = await deps.client().call('command', command)
      change(command.commandId, (one) => receive(one, receipt, Date.now()))
    } catch (error) {
      if (isRefusal(error) && !error.mayRetry) {
        const { code, message: text } = error
        change(command.commandId, (one) => reach(one, 'refused', Date.now(), { code, text }))
      } else
        change(command.commandId, (one) =>
          one.stage === 'sending' ? { ...one, stage: 'kept' } : one,
        )
      return
    }
    flush()
  }

  /** A source that does not echo a message would leave it here for ever. */
  const retire = (commandId: string) => {
    if (retiring.has(commandId)) return
    retiring.add(commandId)
    setTimeout(() => {
      retiring.delete(commandId)
      save(entries().filter((one) => one.command.commandId !== commandId))
    }, TAKEN_SHOWN_MS)
  }

  const flush = () => {
    if (deps.live()) for (const entry of due(entries())) void send(entry)
  }

  return {
    entries,
    flush,
    /** Where a message of this run has been, as seen from this phone. */
    trailOf: (commandId: string): readonly OutgoingStep[] =>
      entries().find((one) => one.command.commandId === commandId)?.trail ??
      trails.get(commandId) ??
      [],
    async load() {
      const kept = (await recall<Outgoing[]>('outbox')) ?? []
      // What was being sent when the app was killed may or may not have arrived: the same id makes asking harmless.
      setEntries(
        kept
          .filter((one) => !isTaken(one))
          .map((one) =>
            one.stage === 'sending' || one.stage === 'relay' ? { ...one, stage: 'kept' } : one,
          ),
      )
    },
    write(sessionId: SessionId, text: string) {
      const now = Date.now()
      const command: CommandOf<'prompt'> = {
        type: 'prompt',
        commandId: newCommandId(),
        sessionId,
        expiresAt: new Date(deps.relayNowMs() + MESSAGE_LIFE_MS).toISOString(),
        text,
      }
      const trail = [{ stage: 'kept', atMs: now }] as const
      save([...entries(), { command, writtenAtMs: now, atMs: now, stage: 'kept', trail }])
      flush()
    },
    discard: (commandId: string) =>
      save(entries().filter((one) => one.command.commandId !== commandId)),
    apply(events: readonly SessionEvent[]) {
      const next = settle(entries(), events, Date.now())
      if (next !== entries()) save(next)
    },
    clear: () => setEntries([]),
  }
}
