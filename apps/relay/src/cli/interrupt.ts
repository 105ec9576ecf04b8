import { newCommandId } from '@bellhop/core'
import { type Command, isTyped } from './command.ts'
import { EXIT_WORDS, EXIT_WORDS_MORE } from './exit-codes.ts'
import { findSession } from './find-session.ts'
import { openRelayLink } from './relay-link.ts'
import { exitOf, sayReceipt, sendCommand } from './send-command.ts'

/** Stops what a session does; the session stays. */
export const interruptCommand: Command = {
  name: 'interrupt',
  takes: '<session>',
  wordsMin: 1,
  wordsMax: 1,
  places: [['@sessions']],
  does: 'Stops what a session does; it stays open.',
  notes: ['--json: {outcome, sessionId, commandId, code?, text?}.', EXIT_WORDS, EXIT_WORDS_MORE],
  run: async ({ terminal, config, typed, words }) => {
    const client = await openRelayLink(config)
    const { sessions } = await client.call('sessions', null)
    const { sessionId } = findSession(sessions, words[0] ?? '')
    const command = { type: 'interrupt', commandId: newCommandId(), sessionId } as const
    const receipt = await sendCommand(client, command)
    if (!isTyped(typed, 'json')) return sayReceipt(terminal, receipt, 'Stopped.')
    const { state: outcome, ...rest } = receipt
    terminal.json({ outcome, sessionId, ...rest })
    return exitOf(receipt)
  },
}
