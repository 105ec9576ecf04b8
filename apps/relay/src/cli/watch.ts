import {
  type Cursor,
  emptyTranscript,
  reduceSession,
  reduceTranscript,
  type Session,
  type SessionEvent,
  type SessionId,
  type Transcript,
  wireEvent,
} from '@bellhop/core'
import { openEventStream, type RelayClient, type StreamState } from '@bellhop/core/client'
import { type Command, isTyped, typedNumber } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { CommandFailed } from './explain.ts'
import { findSession } from './find-session.ts'
import { moment } from './listing.ts'
import { readBack } from './read-back.ts'
import { openRelayLink } from './relay-link.ts'
import { newLines, type Paper } from './row-lines.ts'
import { stopSignal } from './stop-signal.ts'
import { printable, type Terminal } from './terminal.ts'

/** One session, or all of them, as it happens. */
export const watchCommand: Command = {
  name: 'watch',
  takes: '[session]',
  wordsMax: 1,
  places: [['@sessions']],
  does: 'Shows a session, or all of them, as it happens.',
  options: { last: { type: 'string' } },
  means: { last: 'how much of before; 10 unless told otherwise', 'last<>': 'count' },
  notes: [
    'Goes on when the relay comes back. Ctrl+C ends it, and the end of the session.',
    '--json: each event a line, as PROTOCOL.md writes it; lines of type',
    '`line.lost` and `line.back` say how the line to the relay stands.',
  ],
  run: async ({ terminal, config, typed, words }) => {
    const client = await openRelayLink(config)
    const { sessions, cursor } = await client.call('sessions', null)
    const one = words[0] === undefined ? undefined : findSession(sessions, words[0])
    const last = typedNumber(typed, 'last', { usual: 10, min: 0, max: 2_000 })
    using stop = stopSignal()
    const printer = isTyped(typed, 'json')
      ? jsonPrinter(terminal)
      : rowPrinter(terminal, one === undefined ? sessions : undefined)
    let after = cursor
    if (one && !isTyped(typed, 'json')) {
      const page = await readBack(client, one.sessionId, { last: Math.max(last, 1) })
      if (last > 0) printer.before(page.rows)
      after = page.cursor
    }
    if (one?.status === 'ended') return EXIT.done
    if (!one && !isTyped(typed, 'json')) {
      const count = sessions.filter(
        ({ status, joinedTo }) => status !== 'ended' && !joinedTo,
      ).length
      const words = count === 1 ? '1 session' : `${count} sessions`
      terminal.line(terminal.styles.faint(`Following ${words}. Ctrl+C ends it.`))
    }
    // Awaited here, because what listens for Ctrl+C goes when this function is left.
    return await follow({ client, printer, after, one, stop: stop.controller })
  },
}

type Printer = {
  /** Shows what was there already. */
  before(rows: Transcript['rows']): void
  event(event: SessionEvent): void
  line(state: 'lost' | 'back'): void
  /** A fresh start, because what was missed cannot be read any more. */
  reset(sessions: readonly Session[]): void
}

const follow = async (parts: {
  client: RelayClient
  printer: Printer
  after: Cursor
  one: Session | undefined
  stop: AbortController
}): Promise<number> => {
  const { client, printer, after, one, stop } = parts
  let isLost = false
  let refused: string | undefined
  const onState = (now: StreamState) => {
    if (now.state === 'refused') refused = now.code
    if (now.state === 'lost' && !isLost) {
      isLost = true
      printer.line('lost')
    }
    if (now.state === 'live' && isLost) {
      isLost = false
      printer.line('back')
    }
  }
  const stream = openEventStream({
    client,
    after,
    ...(one && { sessions: [one.sessionId] }),
    signal: stop.signal,
    onState,
    onReset: async () => {
      const { sessions, cursor } = await client.call('sessions', null)
      printer.reset(sessions)
      return cursor
    },
    onFrame: (frame) => {
      if (frame.frame !== 'event') return
      printer.event(frame.event)
      if (one && frame.event.type === 'session.ended') stop.abort()
    },
  })
  await stream.ended
  if (refused !== undefined)
    throw new CommandFailed(`The relay let go of this terminal: ${refused}.`)
  return EXIT.done
}

const jsonPrinter = (terminal: Terminal): Printer => ({
  before: () => {},
  event: (event) => terminal.json(wireEvent(event)),
  line: (state) => terminal.json({ type: `line.${state}`, at: new Date().toISOString() }),
  reset: () => terminal.json({ type: 'line.reset', at: new Date().toISOString() }),
})

/** How many rows of a session are held to tell what is new; older ones do not change any more. [I6] */
const HELD_ROWS = 500

/** Prints what is new of each row; with several sessions, says whose it is when that changes. */
const rowPrinter = (terminal: Terminal, all: readonly Session[] | undefined): Printer => {
  const { styles } = terminal
  const sessions = new Map<SessionId, Session>()
  const transcripts = new Map<SessionId, Transcript>()
  let lastSpoken: SessionId | undefined
  let lastRow: string | undefined
  const learn = (list: readonly Session[]) => {
    for (const session of list) sessions.set(session.sessionId, session)
  }
  learn(all ?? [])
  const paper = (): Paper => ({ styles, columns: terminal.columns(), nowMs: Date.now() })
  const print = (lines: readonly string[]) => {
    for (const line of lines) terminal.line(line)
  }
  const sayWhose = (sessionId: SessionId) => {
    if (all === undefined || lastSpoken === sessionId) return
    lastSpoken = sessionId
    const title = printable(sessions.get(sessionId)?.title ?? 'Untitled', 60)
    terminal.line()
    terminal.line(`${styles.strong(`── ${title}`)}  ${styles.faint(sessionId)}`)
  }
  const ofSession = (event: SessionEvent, known: Session | undefined) => {
    const { type } = event
    if (all !== undefined && type === 'session.started' && known === undefined) return 'It began.'
    return type === 'turn.ended' && !event.subagent && event.outcome === 'finished'
      ? 'Your move.'
      : undefined
  }

  return {
    before: (rows) => {
      for (const row of rows) print(newLines(undefined, row, paper()))
    },
    event: (event) => {
      const { sessionId } = event
      const known = sessions.get(sessionId)
      const session = reduceSession(known, event)
      if (session) sessions.set(sessionId, session)
      const before = transcripts.get(sessionId) ?? emptyTranscript
      const now = reduceTranscript(before, [event])
      transcripts.set(sessionId, now.rows.length > HELD_ROWS ? emptyTranscript : now)
      const lines = now.rows
        .filter((row, at) => row !== before.rows[at])
        .flatMap((row) => {
          const name = `${sessionId} ${row.key}`
          const known = before.rows[before.index.get(row.key) ?? -1]
          const said = newLines(known, row, paper(), lastRow !== name)
          if (said.length > 0) lastRow = name
          return said
        })
      const word = ofSession(event, known)
      if (word !== undefined) lines.push(styles.faint(`${word}  ${moment(event.at, Date.now())}`))
      if (lines.length === 0) return
      sayWhose(sessionId)
      print(lines)
    },
    line: (state) => {
      const at = moment(new Date().toISOString(), Date.now())
      const words =
        state === 'lost'
          ? styles.bad(`No word from the relay since ${at}. Trying again.`)
          : styles.good(`Back at ${at}. Nothing was missed.`)
      terminal.line(words)
    },
    reset: (list) => {
      sessions.clear()
      transcripts.clear()
      learn(list)
      terminal.line(
        styles.faint('What was missed cannot be read here any more: see `bellhop read`.'),
      )
    },
  }
}
