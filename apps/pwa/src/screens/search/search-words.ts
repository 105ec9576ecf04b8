import type { SearchAnswer, SearchHit, SearchKind, Session } from '@bellhop/core'
import { clock, moment } from '../../platform/times.ts'
import { askLook } from '../sessions/ask-look.ts'

/** Who or what a hit is from, in a word or two. */
const SAID: Record<SearchKind, string> = {
  person: 'You',
  peer: 'Another session',
  agent: 'Reply',
  thinking: 'Thought',
  command: 'Command',
  change: 'Changed a file',
  read: 'Read a file',
  tool: 'Call',
  output: 'Output',
  note: 'Note',
  question: 'Question',
  plan: 'Plan',
  answer: 'Answer',
}

export const FILTERS = [
  { words: 'All', kinds: undefined },
  { words: 'You', kinds: ['person', 'answer'] },
  { words: 'Replies', kinds: ['agent', 'plan', 'question'] },
  { words: 'Commands', kinds: ['command', 'output'] },
  { words: 'Files', kinds: ['change', 'read'] },
] as const satisfies readonly { words: string; kinds: readonly SearchKind[] | undefined }[]

const MACHINE: ReadonlySet<SearchKind> = new Set(['command', 'change', 'read', 'tool', 'output'])

/** Whether a hit is in the machine's words. */
export const isMachine = ({ kind }: SearchHit): boolean => MACHINE.has(kind)

/** `Reply, 9:15`: the clock on the day of the newest hit, else the day. An agent’s stands behind its name. */
export function hitWords(hit: SearchHit, newestMs: number, nowMs: number): string {
  const atMs = Date.parse(hit.at)
  const sameDay = new Date(atMs).toDateString() === new Date(newestMs).toDateString()
  const words = sameDay ? clock(atMs) : moment(atMs, nowMs)
  return hit.agentName === undefined ? `${SAID[hit.kind]}, ${words}` : words
}

/** The day of a session's newest hit: `today`, else as the list says it. */
export const dayWords = (atMs: number, nowMs: number): string =>
  new Date(atMs).toDateString() === new Date(nowMs).toDateString() ? 'today' : moment(atMs, nowMs)

export const placesWords = (count: number): string =>
  count === 1 ? '1 place' : `${count.toLocaleString('en')} places`

const sessionsWords = (count: number) =>
  count === 1 ? '1 session' : `${count.toLocaleString('en')} sessions`

/** `23 places in 5 sessions`; while there is more to read, it says that these are the newest. */
export function foundWords({ sessions, next }: SearchAnswer): string {
  const places = sessions.reduce((sum, session) => sum + session.places, 0)
  const words = `${placesWords(places)} in ${sessionsWords(sessions.length)}`
  return next === undefined ? words : `The newest ${words}`
}

/** What is said where nothing was found, around the words that were looked for. */
export const noneWords = ({ searched }: SearchAnswer): string =>
  ` in it. Searched ${sessionsWords(searched)}.`

/** Puts an older answer after one before; a session that comes again goes on where it was. Pure. */
export function joinAnswers(known: SearchAnswer, older: SearchAnswer): SearchAnswer {
  const more = new Map(older.sessions.map((session) => [session.sessionId, session]))
  const grown = known.sessions.map((session) => {
    const own = more.get(session.sessionId)
    more.delete(session.sessionId)
    if (!own) return session
    return {
      ...session,
      places: session.places + own.places,
      hits: [...session.hits, ...own.hits],
    }
  })
  return { ...older, sessions: [...grown, ...more.values()] }
}

/** A text in pieces, each marked or not. */
export function pieces({ text, marks }: Pick<SearchHit, 'text' | 'marks'>) {
  const all: { text: string; isMarked: boolean }[] = []
  let at = 0
  for (const [from, to] of marks) {
    all.push({ text: text.slice(at, from), isMarked: false })
    all.push({ text: text.slice(from, to), isMarked: true })
    at = to
  }
  return [...all, { text: text.slice(at), isMarked: false }].filter((piece) => piece.text !== '')
}

/** How many of a session's hits are shown before it is opened. */
export const SHOWN_HITS = 3

export const askShape = ({ waits: [wait] }: Session) => wait && askLook(wait.ask).shape
