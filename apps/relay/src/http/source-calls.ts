import {
  canBeAsked,
  type McpServer,
  newEventId,
  type Place,
  RelayError,
  type ResponseOf,
  roadsOf,
  type Session,
  type SessionId,
  type StartRequest,
} from '@bellhop/core'
import type { DomainParts } from './app-parts.ts'

type Parts = Pick<DomainParts, 'sources' | 'logger'>

const sourceOf = (parts: Parts, sourceId: string) => {
  const source = parts.sources.find(sourceId)
  if (!source) throw new RelayError('source_unreachable', { sourceId })
  return source
}

/** Where to read on before what the log holds of a session; nothing when it holds all. [ST-10] */
export const pastOf = (parts: Parts, session: Session): { past?: string } => {
  const past = parts.sources.find(session.sourceId)?.pastOf?.(session.sessionId)
  return past === undefined ? {} : { past }
}

/** Events from before the log’s, read at the session’s source and stored nowhere. [ST-10] */
export const readPast = async (
  parts: Parts,
  session: Session,
  range: { past: string; limit: number },
  signal: AbortSignal,
): Promise<ResponseOf<'history'>> => {
  const { sessionId, cursor } = session
  const source = sourceOf(parts, session.sourceId)
  if (!source.readPast) throw new RelayError('not_supported', { capability: 'history' })
  const { drafts, past } = await source.readPast({ sessionId, ...range }, signal)
  // They stand before all that is stored: a place of their own would be a lie.
  const start = `${cursor.slice(0, cursor.lastIndexOf('.'))}.0`
  const events = drafts.map(({ dedupeKey: _, ...draft }) => ({
    ...draft,
    eventId: newEventId(),
    cursor: start,
  }))
  return { events, hasMore: false, session, cursor, ...(past !== undefined && { past }) }
}

export const mcpServers = async (
  parts: Parts,
  session: Session,
  signal: AbortSignal,
): Promise<McpServer[]> => {
  if (session.status === 'ended') throw new RelayError('session_ended')
  const road = roadsOf(session).find((one) => canBeAsked(one.capabilities, 'list_mcp_servers'))
  const servers =
    road && (await sourceOf(parts, road.sourceId).mcpServers?.(session.sessionId, signal))
  if (!servers) throw new RelayError('not_supported', { capability: 'list_mcp_servers' })
  return [...servers]
}

/** Where sessions can be started; a source that cannot be heard just now offers none. */
export const places = async (parts: Parts, signal: AbortSignal): Promise<Place[]> => {
  const asked = parts.sources.all().map(async (source) => {
    try {
      return (await source.places?.(signal)) ?? []
    } catch (error) {
      const { sourceId } = source.manifest
      parts.logger.warn('a source did not say where sessions can be started', { sourceId, error })
      return []
    }
  })
  return (await Promise.all(asked)).flat()
}

export const start = async (
  parts: Parts,
  request: StartRequest,
  signal: AbortSignal,
): Promise<SessionId> => {
  const offered = await places(parts, signal)
  const place = offered.find(({ placeId }) => placeId === request.placeId)
  const started = place && sourceOf(parts, place.sourceId).startSession?.(request, signal)
  if (!started) throw new RelayError('place_unknown', { placeId: request.placeId })
  return started
}
