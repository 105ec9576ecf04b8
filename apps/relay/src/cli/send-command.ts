import { type Command, ERRORS, type Receipt } from '@bellhop/core'
import { pause, type RelayClient, RelayUnreachable } from '@bellhop/core/client'
import { EXIT } from './exit-codes.ts'
import { printable, type Terminal } from './terminal.ts'

const LIMIT_MS = 70_000
const AGAIN_MS = 500

/**
 * Sends a command until it is known what came of it, over a relay that goes and comes back too: the
 * same id makes that harmless. Answers `pending` when the session has not said in time. [CM-1] [CL-1]
 */
export const sendCommand = async (
  client: RelayClient,
  command: Command,
  options: { signal?: AbortSignal; limitMs?: number } = {},
): Promise<Receipt> => {
  const { signal = new AbortController().signal, limitMs = LIMIT_MS } = options
  const endMs = Date.now() + limitMs
  let receipt: Receipt | undefined
  for (;;) {
    try {
      receipt = await client.call('command', command, { signal })
      if (receipt.state !== 'pending') return receipt
    } catch (error) {
      const isOver = signal.aborted || Date.now() > endMs
      if (!(error instanceof RelayUnreachable) || (isOver && !receipt)) throw error
    }
    if (signal.aborted || Date.now() > endMs) {
      return receipt ?? { commandId: command.commandId, state: 'pending' }
    }
    await pause(AGAIN_MS, signal)
  }
}

/** Says what came of a command and answers the exit code for it. */
export const sayReceipt = (terminal: Terminal, receipt: Receipt, done: string): number => {
  const { state, text = '', code } = receipt
  const { good, bad, faint } = terminal.styles
  if (state === 'done') {
    terminal.line(good(done))
    return EXIT.done
  }
  if (state === 'refused') {
    const known =
      code !== undefined && code in ERRORS ? ERRORS[code as keyof typeof ERRORS].text : ''
    const why = printable(text || known, 1_000)
    // What is already decided needs no more words than its own.
    terminal.line(code === 'permission_already_decided' ? why : bad(`Not done. ${why}`.trim()))
    return EXIT.notDone
  }
  const why = text || 'The session has not said yet whether it took it.'
  terminal.line(faint(`Handed on, not confirmed. ${printable(why, 1_000)}`))
  return EXIT.unconfirmed
}

/** The exit code a receipt stands for. */
export const exitOf = ({ state }: Receipt): number =>
  state === 'done' ? EXIT.done : state === 'refused' ? EXIT.notDone : EXIT.unconfirmed
