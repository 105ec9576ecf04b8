import { type Command, type Receipt, RelayError } from '@bellhop/core'
import { isRefusal, pause, RelayGarbled, RelayUnreachable } from '@bellhop/core/client'
import type { RelayLink } from './relay-link.ts'
import { ToolRefused } from './tool-refused.ts'

const AGAIN_MS = 300

/** Whether nobody answered for the relay, so that nothing is known of what was asked. */
const isAway = (error: unknown): boolean =>
  error instanceof RelayUnreachable ||
  (error instanceof RelayGarbled && !isRefusal(error)) ||
  (error instanceof RelayError && error.code === 'relay_not_running')

/** Asks until it is answered, over a relay that goes and comes back. Throws when it is time. [MC-4] */
export const steadily = async <T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> => {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isAway(error) || signal.aborted) throw error
    }
    await pause(AGAIN_MS, signal)
  }
}

/**
 * Sends a command until it is known what came of it: the same id makes that harmless. When nobody
 * answers in time it says that it does not know. [CM-1] [MC-6]
 */
export const sendSteadily = async (
  link: RelayLink,
  command: Command,
  signal: AbortSignal,
): Promise<Receipt> => {
  try {
    return await steadily(() => link.call('command', command), signal)
  } catch (error) {
    if (!isAway(error)) throw error
    throw new ToolRefused(
      'delivery_unknown',
      'The relay went away, so it is not known whether the session got this. Read the session before you try again.',
    )
  }
}
