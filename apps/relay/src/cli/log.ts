import {
  type AuditEntry,
  check,
  commandWords,
  type RequestOf,
  type ResponseOf,
  type SessionId,
  sessionIdSchema,
} from '@bellhop/core'
import type { RelayClient } from '@bellhop/core/client'
import { type Command, isTyped, typedNumber, typedText } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { findSession } from './find-session.ts'
import { moment } from './listing.ts'
import { openRelayLink } from './relay-link.ts'
import type { Paper } from './row-lines.ts'
import { printable, wrap } from './terminal.ts'
import { inLines } from './text-width.ts'

const PAGE = 200

/** Who asked for what, when, and what came of it. */
export const logCommand: Command = {
  name: 'log',
  does: 'Says who did what, when, and what came of it.',
  options: { last: { type: 'string' }, before: { type: 'string' }, session: { type: 'string' } },
  means: {
    last: 'how many entries; 30 unless told otherwise',
    'last<>': 'count',
    before: 'only entries before this number',
    'before<>': 'number',
    session: 'only of this session',
    'session<>': 'session',
  },
  notes: [
    'Refused commands are in it too. An entry is kept for a year and never changed.',
    '--json: {entries, hasMore}, newest first; fields as in PROTOCOL.md, audit entry.',
  ],
  run: async ({ terminal, config, typed }) => {
    const client = await openRelayLink(config)
    const wanted = typedText(typed, 'session')
    const last = typedNumber(typed, 'last', { usual: 30, min: 1, max: 20_000 })
    const before = typedNumber(typed, 'before', { usual: 0, min: 1, max: 999_999_999 })
    const meant = wanted === undefined ? undefined : await sessionMeant(client, wanted)
    const page = await readLog(client, last, {
      ...(before > 0 && { before }),
      ...(meant && { sessionId: meant.sessionId }),
    })
    if (meant?.unknown && page.entries.length === 0) throw meant.unknown
    if (isTyped(typed, 'json')) {
      terminal.json(page)
      return EXIT.done
    }
    const { styles } = terminal
    const oldest = page.entries.at(-1)
    if (!oldest) terminal.line('Nothing was asked of a session yet.')
    if (page.hasMore && oldest) {
      terminal.line(styles.faint(`Older: bellhop log --before ${oldest.number}`))
    }
    const paper = { styles, columns: terminal.columns(), nowMs: Date.now() }
    for (const entry of page.entries.toReversed()) {
      for (const line of entryLines(entry, paper)) terminal.line(line)
    }
    return EXIT.done
  },
}

/** The session that is named; one that is known no longer by its id, as the log outlives it. */
const sessionMeant = async (
  client: RelayClient,
  wanted: string,
): Promise<{ sessionId: SessionId; unknown?: unknown }> => {
  const { sessions } = await client.call('sessions', null)
  try {
    return { sessionId: findSession(sessions, wanted).sessionId }
  } catch (unknown) {
    const id = check(sessionIdSchema, wanted)
    if (!id.ok) throw unknown
    return { sessionId: id.value, unknown }
  }
}

const readLog = async (
  client: RelayClient,
  last: number,
  range: Omit<RequestOf<'auditLog'>, 'limit'>,
): Promise<ResponseOf<'auditLog'>> => {
  const entries: AuditEntry[] = []
  let before = range.before
  for (;;) {
    const limit = Math.min(PAGE, last - entries.length)
    const page = await client.call('auditLog', {
      ...range,
      limit,
      ...(before !== undefined && { before }),
    })
    entries.push(...page.entries)
    before = page.entries.at(-1)?.number
    if (!page.hasMore || entries.length >= last || before === undefined) {
      return { entries, hasMore: page.hasMore }
    }
  }
}

const OUTCOME = {
  pending: 'under way',
  done: 'done',
  refused: 'not done',
  unconfirmed: 'not confirmed',
} as const

/** An entry in two lines: what was asked and by whom, and what came of it. Pure. */
const entryLines = (entry: AuditEntry, { styles, columns, nowMs }: Paper): string[] => {
  const { at, by, commandType, about, sessionTitle, sessionId, outcome, held, text, code } = entry
  const name = by.kind === 'device' ? printable(by.name, 40) : by.kind
  const who = by.kind === 'device' && by.agent ? `agent ${name}` : name
  const where = printable(sessionTitle ?? sessionId ?? '', Math.min(40, columns - 7))
  const head = [
    styles.faint(moment(at, nowMs).padStart(5)),
    styles.strong(who),
    printable(commandWords(commandType), 60),
    where === '' ? '' : styles.faint(where),
  ]
  const word = held ? 'waits for a yes' : OUTCOME[outcome]
  const style = outcome === 'refused' ? styles.bad : outcome === 'done' ? styles.faint : String
  const why = outcome === 'done' ? '' : printable(text ?? code ?? '', 300)
  const [first = '', ...more] = wrap(why === '' ? word : `${word}: ${why}`, columns - 7)
  const came = [style(word) + first.slice(word.length), ...more]
  return [
    ...inLines(head, columns, 7),
    ...(about === '' ? [] : [`       ${printable(about, columns - 7)}`]),
    ...came.map((line) => `       ${line}`),
  ]
}
