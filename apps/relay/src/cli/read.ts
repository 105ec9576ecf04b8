import { type Command, isTyped, typedNumber, typedText } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { findSession } from './find-session.ts'
import { readBack } from './read-back.ts'
import { openRelayLink } from './relay-link.ts'
import { rowLines } from './row-lines.ts'
import { headOf } from './session-head.ts'

/** The readable conversation, its newest end unless told otherwise. */
export const readCommand: Command = {
  name: 'read',
  takes: '<session>',
  wordsMin: 1,
  wordsMax: 1,
  places: [['@sessions']],
  does: 'Prints the newest of a session’s conversation.',
  options: { last: { type: 'string' }, before: { type: 'string' } },
  means: {
    last: 'how many entries; 20 unless told otherwise',
    'last<>': 'count',
    before: 'those before a place, as `read` names it',
    'before<>': 'place',
  },
  notes: [
    'A session is named by its id, the beginning of it, or a part of its title.',
    '--json: {session, rows, older?}; `older` is what --before takes.',
  ],
  run: async ({ terminal, config, typed, words }) => {
    const client = await openRelayLink(config)
    const { sessions } = await client.call('sessions', null)
    const { sessionId } = findSession(sessions, words[0] ?? '')
    const last = typedNumber(typed, 'last', { usual: 20, min: 1, max: 2_000 })
    const page = await readBack(client, sessionId, { last, older: typedText(typed, 'before') })
    const { session, rows, older } = page
    if (isTyped(typed, 'json')) {
      terminal.json({ session, rows, ...(older !== undefined && { older }) })
      return EXIT.done
    }
    const { styles } = terminal
    if (older !== undefined) {
      terminal.line(styles.faint(`Older: bellhop read ${sessionId} --before ${older}`))
    }
    const paper = { styles, columns: terminal.columns(), nowMs: Date.now() }
    for (const row of rows) for (const line of rowLines(row, paper)) terminal.line(line)
    if (rows.length === 0) terminal.line('Nothing was said yet.')
    terminal.line()
    for (const line of headOf(session, paper)) terminal.line(line)
    return EXIT.done
  },
}
