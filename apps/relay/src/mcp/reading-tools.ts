import {
  type Cursor,
  EVENTS,
  emptyTranscript,
  reduceTranscript,
  type SessionId,
  wireEvent,
} from '@bellhop/core'
import { eventsAfter, historyOf, readEvents, sessionNow, sessionsNow } from './session-history.ts'
import { count, list, oneOf, record, type Tool, text, tool } from './tool.ts'
import {
  promptSchema,
  promptView,
  rowsSchema,
  rowView,
  STATUSES,
  sessionFields,
  sessionView,
} from './views.ts'

const SESSION = { sessionId: text('From list_sessions.') }
/** Prompts in one answer; each is told whole, because an answer is to what was seen. */
const PROMPTS_MAX = 20
/** Characters of rows in one answer; the older ones are left to the next page. [MC-5] */
const ROWS_CHARS = 60_000

/** Where to read on: in the log before a cursor, or before the log at the session’s source. */
const pageText = (page: { before: Cursor } | { past: string }) =>
  'before' in page ? `log:${page.before}` : `past:${page.past}`
const readPage = (page: string | undefined): { before?: Cursor; past?: string } => {
  if (page === undefined) return {}
  if (page.startsWith('past:')) return { past: page.slice('past:'.length) }
  return { before: page.replace(/^log:/, '') as Cursor }
}

const listSessions = tool<{ status?: string; limit?: number }>(
  'list_sessions',
  {
    title: 'List sessions',
    description:
      'Lists the coding sessions the relay knows, those that need somebody first. Without a status, those that have ended are left out.',
    kind: 'read',
    input: {
      status: oneOf('Only these.', STATUSES),
      limit: count('How many at most; 50 if not said.', 1, 500),
    },
    output: { sessions: list(record(sessionFields, ['sessionId', 'status']), 'Sessions.') },
    always: ['sessions'],
  },
  async ({ link }, { status, limit = 50 }, { signal }) => {
    const sessions = await sessionsNow(link, signal)
    const order = (one: string) => (STATUSES as readonly string[]).indexOf(one)
    return {
      sessions: sessions
        .filter((one) => one.joinedTo === undefined)
        .filter((one) => (status === undefined ? one.status !== 'ended' : one.status === status))
        .sort(
          (a, b) => order(a.status) - order(b.status) || b.lastEventAt.localeCompare(a.lastEventAt),
        )
        .slice(0, limit)
        .map(sessionView),
    }
  },
)

const getSessionInfo = tool<{ sessionId: SessionId }>(
  'get_session_info',
  {
    title: 'One session',
    description: 'All that is known of one session: its state, settings, what it can be asked.',
    kind: 'read',
    input: SESSION,
    required: ['sessionId'],
    output: {
      ...sessionFields,
      details: { type: 'object', description: 'The whole session as the relay has it.' },
      prompts: list(promptSchema, 'What it waits for.'),
    },
    always: ['sessionId', 'status', 'details', 'prompts'],
  },
  async ({ link }, { sessionId }, { signal }) => {
    const session = await sessionNow(link, sessionId, signal)
    const waits = session.waits.slice(0, PROMPTS_MAX)
    return {
      ...sessionView(session),
      details: session,
      prompts: await Promise.all(waits.map((wait) => promptView(session, wait))),
    }
  },
)

const readSession = tool<{ sessionId: SessionId; limit?: number; page?: string }>(
  'read_session',
  {
    title: 'Read a conversation',
    description:
      'The newest of a conversation, readable; older pages by `page`. For what happens next, use wait_for with the cursor.',
    kind: 'read',
    input: {
      ...SESSION,
      limit: count('Events to read; 100 if not said.', 1, 500),
      page: text('`nextPage` of the answer before, for what lies before it.'),
    },
    required: ['sessionId'],
    output: {
      sessionId: SESSION.sessionId,
      status: sessionFields.status,
      rows: rowsSchema,
      cursor: sessionFields.cursor,
      nextPage: text('Reads what lies before; absent when nothing does.'),
    },
    always: ['sessionId', 'status', 'rows', 'cursor'],
  },
  async ({ link }, { sessionId, limit = 100, page }, { signal }) => {
    const read = await historyOf(link, { sessionId, limit, ...readPage(page) }, signal)
    const events = readEvents(read)
    const views = reduceTranscript(emptyTranscript, events).rows.map((row) => ({
      cursor: row.cursor,
      view: rowView(row),
    }))
    let chars = 0
    let first = views.length
    while (first > 0) {
      chars += views[first - 1]?.view.text.length ?? 0
      if (chars > ROWS_CHARS && first < views.length) break
      first -= 1
    }
    const earliest = first > 0 ? views[first]?.cursor : events[0]?.cursor
    const isPast = page?.startsWith('past:') === true
    const next =
      (first > 0 || read.hasMore) && earliest !== undefined && !isPast
        ? pageText({ before: earliest })
        : read.past !== undefined
          ? pageText({ past: read.past })
          : undefined
    return {
      sessionId: read.session.sessionId,
      status: read.session.status,
      rows: views.slice(isPast ? 0 : first).map(({ view }) => view),
      cursor: read.cursor,
      ...(next !== undefined && { nextPage: next }),
    }
  },
)

const getSessionEvents = tool<{
  sessionId: SessionId
  after?: Cursor
  before?: Cursor
  types?: string[]
  limit?: number
}>(
  'get_session_events',
  {
    title: 'Raw events',
    description:
      'Events as the relay stores them, oldest first: the newest, those before a cursor, or those after one.',
    kind: 'read',
    input: {
      ...SESSION,
      after: text('A cursor: only what happened after it.'),
      before: text('A cursor: only what happened before it.'),
      types: list(oneOf('A kind.', Object.keys(EVENTS)), 'Only these kinds.'),
      limit: count('Events to look at; 100 if not said.', 1, 500),
    },
    required: ['sessionId'],
    output: {
      events: list({ type: 'object' }, 'Events.'),
      cursor: text('The last event looked at: read on `after` it.'),
      first: text('The first event looked at: read what lies `before` it.'),
      hasMore: { type: 'boolean', description: 'Whether more lies that way.' },
    },
    always: ['events', 'hasMore'],
  },
  async ({ link }, { sessionId, after, before, types, limit = 100 }, { signal }) => {
    const read = async () => {
      if (after !== undefined) {
        const { events } = await eventsAfter(link, sessionId, after, signal)
        return { events: events.slice(0, limit), hasMore: events.length > limit }
      }
      const page = await historyOf(
        link,
        { sessionId, limit, ...(before !== undefined && { before }) },
        signal,
      )
      return { events: readEvents(page), hasMore: page.hasMore }
    }
    const { events, hasMore } = await read()
    const fits = events.filter(({ type }) => types === undefined || types.includes(type))
    const cursor = events.at(-1)?.cursor ?? after
    const first = events[0]?.cursor
    return {
      events: fits.map(wireEvent),
      hasMore,
      ...(cursor !== undefined && { cursor }),
      ...(first !== undefined && { first }),
    }
  },
)

const listPending = tool<{ sessionId?: SessionId }>(
  'list_pending',
  {
    title: 'Open prompts',
    description:
      'What sessions wait for: permissions, questions, plans, each whole, oldest first, with the hash an answer needs.',
    kind: 'read',
    input: { sessionId: text('Only of this session.') },
    output: {
      prompts: list(promptSchema, 'Open prompts.'),
      moreCount: { type: 'integer', description: 'How many more there are.' },
    },
    always: ['prompts', 'moreCount'],
  },
  async ({ link }, { sessionId }, { signal }) => {
    const sessions = await sessionsNow(link, signal)
    const open = sessions
      .filter((one) => one.joinedTo === undefined)
      .filter((one) => sessionId === undefined || one.sessionId === sessionId)
      .flatMap((session) => session.waits.map((wait) => ({ session, wait })))
      .sort((a, b) => a.wait.askedAt.localeCompare(b.wait.askedAt))
    const shown = open.slice(0, PROMPTS_MAX)
    return {
      prompts: await Promise.all(shown.map(({ session, wait }) => promptView(session, wait))),
      moreCount: open.length - shown.length,
    }
  },
)

const searchTranscripts = tool<{
  words: string
  sessionId?: SessionId
  before?: Cursor
  limit?: number
}>(
  'search_transcripts',
  {
    title: 'Search all conversations',
    description:
      'Finds words in the conversations of all sessions, the newest first, each with its place.',
    kind: 'read',
    input: {
      words: { ...(text('What to look for.') as object), minLength: 1, maxLength: 200 },
      sessionId: text('Only in this session.'),
      before: text('`next` of the answer before.'),
      limit: count('Hits at most; 20 if not said.', 1, 100),
    },
    required: ['words'],
    output: {
      sessions: list({ type: 'object' }, 'Sessions with their hits, each with its cursor.'),
      next: text('`before` of the next search, for older hits; absent when there are none.'),
    },
    always: ['sessions'],
  },
  async ({ link }, { limit = 20, ...asked }, { signal }) =>
    link.call('search', { ...asked, limit }, signal),
)

export const readingTools: readonly Tool[] = [
  listSessions,
  getSessionInfo,
  readSession,
  getSessionEvents,
  listPending,
  searchTranscripts,
]
