import {
  check,
  cursorSchema,
  SEARCH_BOUNDS,
  type SearchAnswer,
  type SearchHit,
  type SearchKind,
} from '@bellhop/core'
import { type Command, isTyped, typedText } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { UsageError } from './explain.ts'
import { findSession } from './find-session.ts'
import { ago } from './listing.ts'
import { openRelayLink } from './relay-link.ts'
import type { Paper } from './row-lines.ts'
import { printable, type Styles, wrap } from './terminal.ts'
import { inLines, widthOf } from './text-width.ts'

const SHOWN = 40

const WHO: Record<SearchKind, string> = {
  person: 'you',
  peer: 'another session',
  agent: 'reply',
  thinking: 'thought',
  command: 'command',
  change: 'changed a file',
  read: 'read a file',
  tool: 'call',
  output: 'output',
  note: 'note',
  question: 'question',
  plan: 'plan',
  answer: 'answer',
}

/** A piece of a hit’s text with what fits standing out. Pure. */
const marked = (
  { text, marks }: SearchHit,
  [start, end]: readonly [number, number],
  { strong }: Styles,
): string => {
  let at = start
  const parts: string[] = []
  for (const [from, to] of marks) {
    if (to <= at || from >= end) continue
    parts.push(
      text.slice(at, Math.max(from, at)),
      strong(text.slice(Math.max(from, at), Math.min(to, end))),
    )
    at = Math.min(to, end)
  }
  return [...parts, text.slice(at, end)].join('')
}

/** A hit behind what it is, broken between words. Pure. */
const hitLines = (hit: SearchHit, what: string, { styles, columns }: Paper): string[] => {
  // What stands in front takes its place in the first line.
  const taken = widthOf(what)
  let start = -taken - 2
  return wrap(`${'x'.repeat(taken + 1)} ${hit.text}`, columns - 4).map((line, at) => {
    const piece = [Math.max(start, 0), Math.max(start + line.length, 0)] as const
    start += line.length + 1
    const words = marked(hit, piece, styles)
    return at === 0 ? `  ${styles.faint(what)}  ${words}` : `    ${words}`
  })
}

const placesWords = (count: number) => (count === 1 ? '1 place' : `${count} places`)

const summary = ({ sessions, next }: SearchAnswer): string => {
  const places = sessions.reduce((sum, session) => sum + session.places, 0)
  const where = sessions.length === 1 ? '1 session' : `${sessions.length} sessions`
  return `${next === undefined ? '' : 'The newest '}${placesWords(places)} in ${where}`
}

export const searchCommand: Command = {
  name: 'search',
  takes: '<words>',
  wordsMin: 1,
  wordsMax: 50,
  does: 'Finds words in all transcripts, the newest first.',
  options: { session: { type: 'string' }, before: { type: 'string' } },
  means: {
    session: 'in this session alone',
    'session<>': 'session',
    before: 'older ones, as the end of what was found names it',
    'before<>': 'place',
  },
  notes: [
    'A session is named by its id, the beginning of it, or a part of its title.',
    'The last word may be the beginning of one. A phrase keeps its quotes: \'"spare cents"\'.',
    '--json: {sessions, searched, next?}; `next` is what --before takes.',
  ],
  run: async ({ terminal, config, typed, words }) => {
    const wanted = typedText(typed, 'session')
    const before = typedText(typed, 'before')
    const place = before === undefined ? undefined : check(cursorSchema, before)
    if (place && !place.ok) throw new UsageError(`${printable(before ?? '', 60)} is no place.`)
    const query = words.join(' ').trim()
    if (query === '') throw new UsageError('There is nothing to look for.')
    if (query.length > SEARCH_BOUNDS.words) {
      throw new UsageError(
        `That is more than the ${SEARCH_BOUNDS.words} characters a search takes.`,
      )
    }
    const client = await openRelayLink(config)
    const { sessions } = await client.call('sessions', null)
    const within = wanted === undefined ? undefined : findSession(sessions, wanted)
    const answer = await client.call('search', {
      words: query,
      limit: SHOWN,
      ...(within && { sessionId: within.sessionId }),
      ...(place && { before: place.value }),
    })
    if (isTyped(typed, 'json')) {
      terminal.json(answer)
      return EXIT.done
    }
    if (answer.sessions.length === 0) {
      const looked = answer.searched === 1 ? '1 session' : `${answer.searched} sessions`
      const words = `Nothing has ${printable(query, 60)} in it. Searched ${looked}.`
      for (const line of wrap(words, terminal.columns())) terminal.line(line)
      return EXIT.done
    }
    const { styles } = terminal
    const nowMs = Date.now()
    const paper = { styles, columns: terminal.columns(), nowMs }
    terminal.line(styles.faint(summary(answer)))
    for (const group of answer.sessions) {
      const known = sessions.find((one) => one.sessionId === group.sessionId)
      const head = [
        styles.strong(printable(known?.title ?? 'Untitled', Math.min(60, paper.columns))),
        styles.faint(printable(known?.project ?? '', 40)),
        styles.faint(placesWords(group.places)),
        styles.faint(group.sessionId),
      ]
      terminal.line('')
      for (const line of inLines(head, paper.columns)) terminal.line(line)
      for (const hit of group.hits) {
        const text = printable(hit.text, Number.POSITIVE_INFINITY)
        const shown = { ...hit, text, ...(text.length !== hit.text.length && { marks: [] }) }
        const who = hit.agentName === undefined ? WHO[hit.kind] : `agent ${hit.agentName}`
        const what = `${printable(who, 60)}, ${ago(hit.at, nowMs)}`
        for (const line of hitLines(shown, what, paper)) terminal.line(line)
      }
    }
    if (answer.next !== undefined) {
      terminal.line('')
      terminal.line(styles.faint(`Older: the same with --before ${answer.next}`))
    }
    return EXIT.done
  },
}
