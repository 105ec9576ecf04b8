import { type CommandOf, newCommandId, type SessionEvent, type SessionId } from '@bellhop/core'
import { isRefusal, type RelayClient } from '@bellhop/core/client'
import { createSignal } from 'solid-js'
import { keep, recall } from '../platform/database.ts'
import { due, MESSAGE_LIFE_MS, type Outgoing, receive, settle } from './outbox-rules.ts'

const TAKEN_SHOWN_MS = 20_000

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

  const save = (next: readonly Outgoing[]) => {
    setEntries(next)
    void keep('outbox', next)
  }
  const change = (commandId: string, to: (entry: Outgoing) => Outgoing) =>
    save(entries().map((entry) => (entry.command.commandId === commandId ? to(entry) : entry)))

  const send = async (entry: Outgoing) => {
    const { command } = entry
    change(command.commandId, (one) => ({ ...one, stage: 'sending' }))
    try {
      const receipt = await deps.client().call('command', command)
      change(command.commandId, (one) => receive(one, receipt, Date.now()))
      if (receipt.state === 'done') retire(command.commandId)
    } catch (error) {
      if (isRefusal(error) && !error.mayRetry) {
        const { code, message } = error
        change(command.commandId, (one) => ({
          ...one,
          stage: 'refused',
          atMs: Date.now(),
          code,
          text: message,
        }))
      } else change(command.commandId, (one) => ({ ...one, stage: 'kept' }))
      return
    }
    flush()
  }

  /** A source that does not echo a message would leave it here for ever. */
  const retire = (commandId: string) =>
    setTimeout(
      () =>
        save(
          entries().filter((one) => one.command.commandId !== commandId || one.stage !== 'taken'),
        ),
      TAKEN_SHOWN_MS,
    )

  const flush = () => {
    if (deps.live()) for (const entry of due(entries())) void send(entry)
  }

  return {
    entries,
    flush,
    async load() {
      const kept = (await recall<Outgoing[]>('outbox')) ?? []
      // What was being sent when the app was killed may or may not have arrived: the same id makes asking harmless.
      setEntries(
        kept.map((one) =>
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
      save([...entries(), { command, writtenAtMs: now, atMs: now, stage: 'kept' }])
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
