import type { Session, SessionId } from '@bellhop/core'
import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
} from '@modelcontextprotocol/server'
import { historyOf, readEvents, sessionsNow } from './session-history.ts'
import { sessionPage } from './session-page.ts'
import { SESSION_TEMPLATE, SESSIONS_URI, sessionIdFrom, sessionUri } from './session-uris.ts'
import { type ToolParts, whileServed } from './tool.ts'
import { refusalOf } from './tool-refused.ts'
import { sessionView } from './views.ts'

/** Sessions in a list of resources, those something happened in last. [I6] */
const LISTED_MAX = 100
const PAGE_EVENTS = 200

type Parts = Pick<ToolParts, 'link' | 'gone'>

/** A refusal as the protocol has it, with the relay’s code beside. [MC-3] */
const asProtocolError = (error: unknown, uri: string) => {
  const refusal = refusalOf(error)
  if (refusal.code === 'session_not_found') return new ResourceNotFoundError(uri)
  const { code, text, mayRetry } = refusal
  const isAsked = code === 'invalid_request'
  return new ProtocolError(
    isAsked ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError,
    text,
    { code, mayRetry },
  )
}

const answering = async <T>({ gone }: Parts, uri: string, read: () => Promise<T>): Promise<T> => {
  try {
    return await whileServed(gone, read)
  } catch (error) {
    throw asProtocolError(error, uri)
  }
}

/** The sessions there are, those something happened in last first; those that ended at the end. */
const listed = async ({ link }: Parts, signal: AbortSignal): Promise<Session[]> => {
  const sessions = await sessionsNow(link, signal)
  const isOver = (one: Session) => Number(one.status === 'ended')
  return sessions
    .filter((one) => one.joinedTo === undefined)
    .sort((a, b) => isOver(a) - isOver(b) || b.lastEventAt.localeCompare(a.lastEventAt))
    .slice(0, LISTED_MAX)
}

const described = (session: Session) => ({
  uri: sessionUri(session.sessionId),
  name: session.sessionId,
  title: session.title ?? session.sessionId,
  description: `${session.status}, ${session.machine}${session.project === null ? '' : `, ${session.project}`}`,
  mimeType: 'text/markdown',
  annotations: { lastModified: session.lastEventAt },
})

/** Sessions whose id begins so, or whose title holds it. [MC-11] */
export const matchingSessions = async (
  parts: Parts,
  begun: string,
  signal: AbortSignal,
): Promise<SessionId[]> => {
  const words = begun.toLowerCase()
  const fits = ({ sessionId, title }: Session) =>
    sessionId.toLowerCase().startsWith(words) || title?.toLowerCase().includes(words)
  return (await listed(parts, signal)).filter(fits).map(({ sessionId }) => sessionId)
}

/** Offers the list of sessions and each session as resources to read. [MC-11] */
export const registerSessionResources = (server: McpServer, parts: Parts): void => {
  const { link } = parts
  server.registerResource(
    'sessions',
    SESSIONS_URI,
    {
      title: 'Sessions',
      description: 'All sessions that have not ended, as list_sessions tells them.',
      mimeType: 'application/json',
    },
    (_uri, { mcpReq: { signal } }) =>
      answering(parts, SESSIONS_URI, async () => {
        const sessions = (await listed(parts, signal))
          .filter(({ status }) => status !== 'ended')
          .map(sessionView)
        const text = JSON.stringify({ sessions }, null, 2)
        return { contents: [{ uri: SESSIONS_URI, mimeType: 'application/json', text }] }
      }),
  )
  server.registerResource(
    'session',
    new ResourceTemplate(SESSION_TEMPLATE, {
      list: ({ mcpReq: { signal } }) =>
        answering(parts, SESSIONS_URI, async () => ({
          resources: (await listed(parts, signal)).map(described),
        })),
    }),
    {
      title: 'A session',
      description: 'How one session stands, what it waits for, the newest of its conversation.',
      mimeType: 'text/markdown',
    },
    ({ href }, { sessionId }, { mcpReq: { signal } }) =>
      answering(parts, href, async () => {
        const request = { sessionId: sessionIdFrom(sessionId), limit: PAGE_EVENTS }
        const page = await historyOf(link, request, signal)
        const text = sessionPage(page.session, readEvents(page))
        return { contents: [{ uri: href, mimeType: 'text/markdown', text }] }
      }),
  )
}
