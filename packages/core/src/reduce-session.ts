import { bareWords } from './agent-words.ts'
import type { EventOf, KnownEvent, SessionEvent } from './events/index.ts'
import { roadsOf, unionOf } from './roads.ts'
import type { OpenPermission, Session, SessionStatus } from './session.ts'
import { toolLine } from './tool-words.ts'

const LINE_MAX = 200

/** The first words of a text, as one line. */
export const firstLine = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line.length <= LINE_MAX) return line
  // toWellFormed: the cut may have gone through a character of two halves.
  return `${line
    .slice(0, LINE_MAX - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}…`
}

/**
 * Folds one event into a session. The same function the relay projects with and a phone follows
 * with, so both always see the same. Events before `session.started` give nothing. Pure. [EV-3]
 */
export const reduceSession = (
  session: Session | undefined,
  event: SessionEvent,
): Session | undefined => {
  if (event.type === 'session.started' && session === undefined) return started(event)
  if (session === undefined) return undefined
  const next = { ...foldBelow(session, event), cursor: event.cursor }
  // Compared as moments: with and without a fraction, letters sort the wrong way round.
  if (Date.parse(event.at) > Date.parse(next.lastEventAt)) next.lastEventAt = event.at
  return next
}

const started = (event: Extract<KnownEvent, { type: 'session.started' }>): Session => ({
  sessionId: event.sessionId,
  sourceId: event.sourceId,
  machine: event.machine,
  title: event.title ?? null,
  cwd: event.cwd ?? null,
  project: event.project ?? null,
  branch: event.branch ?? null,
  model: event.model ?? null,
  permissionMode: event.permissionMode ?? null,
  capabilities: event.capabilities ?? [],
  ...(typeof event.runKey === 'string' && { runKey: event.runKey }),
  ...(typeof event.offlineSince === 'string' && { offlineSince: event.offlineSince }),
  ...(event.contextUsed !== undefined && { contextUsed: event.contextUsed }),
  ...(event.choices && { choices: event.choices }),
  status: 'idle',
  statusAt: event.at,
  startedAt: event.at,
  lastEventAt: event.at,
  lastLine: event.lastLine ?? null,
  lastOutcome: null,
  lastError: null,
  waits: [],
  cursor: event.cursor,
})

const isHeld = ({ ask }: Pick<OpenPermission, 'ask'>): boolean => ask.kind === 'agent'

/** How a session stands apart from what agents wait to be allowed. [HC-3] */
export const ownStatus = (session: Session): SessionStatus => session.ownStatus ?? session.status
/** The session as it would be without what agents wait to be allowed: as agents are shown it. [HC-3] */
export const withoutHeld = (session: Session): Session => {
  const { ownStatus: _, ...rest } = session
  const waits = session.waits.filter((wait) => !isHeld(wait))
  return { ...rest, status: ownStatus(session), waits }
}

/** Folds into the session as it would be without held commands, and puts those back on top. [HC-3] */
const foldBelow = (session: Session, event: SessionEvent): Session => {
  const isNew = event.type === 'permission.requested' && isHeld(event)
  if (!isNew && !session.waits.some(isHeld)) return fold(session, event)
  const own = withoutHeld(session)
  const next = isNew ? own : fold(own, event)
  const gone = event.type === 'permission.resolved' ? event.permissionId : undefined
  const held = (isNew ? ask(session, event) : session).waits.filter(
    (wait) => isHeld(wait) && wait.permissionId !== gone,
  )
  const isOver = next.status === 'ended' || held.length === 0
  const status = isOver ? next.status : 'waiting'
  const open = isOver ? next.waits : [...next.waits, ...held]
  const place = (wait: OpenPermission) => {
    const at = session.waits.findIndex((one) => one.permissionId === wait.permissionId)
    return at < 0 ? session.waits.length : at
  }
  return {
    ...next,
    ...(!isOver && { ownStatus: next.status }),
    status,
    statusAt: status === session.status ? session.statusAt : event.at,
    waits: open.sort((a, b) => place(a) - place(b)),
  }
}

const withStatus = (session: Session, status: SessionStatus, at: string): Session =>
  session.status === status ? session : { ...session, status, statusAt: at }

const fold = (session: Session, event: SessionEvent): Session => {
  switch (event.type) {
    case 'session.started':
    case 'session.changed':
      return facts(session, event)
    case 'session.resumed':
      return withStatus(facts(session, event), 'idle', event.at)
    case 'session.joined': {
      const { joinedTo: _, ...alone } = session
      return event.into === null ? alone : { ...alone, joinedTo: event.into }
    }
    case 'session.followed':
      return followed(session, event)
    case 'session.road':
      return road(session, event)
    case 'session.ended':
      return withStatus({ ...session, ...lastWord(session, event), waits: [] }, 'ended', event.at)
    case 'turn.started':
      return settle({ ...session, lastOutcome: null, lastError: null }, 'working', event.at)
    case 'turn.ended':
      return settle(
        { ...session, lastOutcome: event.outcome, lastError: event.error ?? null },
        'idle',
        event.at,
      )
    case 'message.person':
    case 'message.agent':
      return event.subagent
        ? session
        : { ...session, lastLine: firstLine(bareWords(event.text)) || session.lastLine }
    case 'tool.started':
      return event.subagent
        ? session
        : { ...session, lastLine: firstLine(toolLine(event.tool)) || session.lastLine }
    case 'permission.requested':
      return ask(session, event)
    case 'permission.resolved': {
      const waits = session.waits.filter((wait) => wait.permissionId !== event.permissionId)
      if (waits.length === session.waits.length) return session
      if (waits.length > 0 || session.status === 'ended') return { ...session, waits }
      // A turn that ended while the permission was open has said so; otherwise the agent goes on.
      return withStatus(
        { ...session, waits },
        session.lastOutcome === null ? 'working' : 'idle',
        event.at,
      )
    }
    default:
      return session
  }
}

/** A turn’s start or end while something still waits leaves it waiting: the wait outranks it. */
const settle = (session: Session, status: SessionStatus, at: string): Session =>
  session.status === 'ended' || session.waits.length === 0
    ? withStatus(session, status, at)
    : session

/** A session that died over its work did not finish it. */
const lastWord = (session: Session, event: EventOf<'session.ended'>): Partial<Session> =>
  event.reason === 'died' && (session.status === 'working' || session.status === 'waiting')
    ? { lastOutcome: 'failed', lastError: event.text ?? 'The session died while it worked.' }
    : {}

const ask = (
  session: Session,
  event: Extract<KnownEvent, { type: 'permission.requested' }>,
): Session => {
  if (session.waits.some((wait) => wait.permissionId === event.permissionId)) return session
  const wait: OpenPermission = {
    permissionId: event.permissionId,
    ask: event.ask,
    askedAt: event.at,
    ...(event.subagent && { subagent: event.subagent }),
    ...(event.expiresAt !== undefined && { expiresAt: event.expiresAt }),
    ...(event.sourceId !== undefined && { sourceId: event.sourceId }),
    ...(event.toolCallId !== undefined && { toolCallId: event.toolCallId }),
  }
  return withStatus({ ...session, waits: [...session.waits, wait] }, 'waiting', event.at)
}

const followed = (session: Session, event: EventOf<'session.followed'>): Session => {
  const { followedSourceId, isFollowed, at } = event
  const roads = roadsOf(session).map((road) => {
    if (road.sourceId !== followedSourceId) return road
    const { unfollowedSince = at, ...rest } = road
    return isFollowed ? rest : { ...rest, unfollowedSince }
  })
  return { ...session, roads, capabilities: unionOf(roads) }
}

const road = (session: Session, event: EventOf<'session.road'>): Session => {
  const [own = { sourceId: session.sourceId, capabilities: [] }] = roadsOf(session)
  const { roadSourceId: sourceId, capabilities } = event
  const others = (session.roads ?? []).slice(1).filter((one) => one.sourceId !== sourceId)
  if (capabilities.length > 0) others.push({ sourceId, capabilities })
  const { roads: _, ...rest } = session
  if (others.length === 0 && own.unfollowedSince === undefined)
    return { ...rest, capabilities: own.capabilities }
  const roads = [own, ...others]
  return { ...rest, roads, capabilities: unionOf(roads) }
}

/** What is said of its capabilities is about its own source’s road. */
const ownCapabilities = (
  session: Session,
  capabilities: string[] | undefined,
): Pick<Session, 'capabilities' | 'roads'> => {
  if (capabilities === undefined) return {} as Pick<Session, 'capabilities'>
  if (!session.roads) return { capabilities }
  const [own, ...others] = session.roads
  const roads = [{ ...own, sourceId: session.sourceId, capabilities }, ...others]
  return { roads, capabilities: unionOf(roads) }
}

const facts = (
  session: Session,
  event: Extract<KnownEvent, { type: 'session.started' | 'session.changed' | 'session.resumed' }>,
): Session => {
  const { runKey, offlineSince, ...rest } = session
  const key = event.runKey === undefined ? runKey : event.runKey
  const since = event.offlineSince === undefined ? offlineSince : event.offlineSince
  return {
    ...rest,
    title: event.title ?? session.title,
    cwd: event.cwd ?? session.cwd,
    project: event.project ?? session.project,
    branch: event.branch === undefined ? session.branch : event.branch,
    model: event.model ?? session.model,
    permissionMode: event.permissionMode ?? session.permissionMode,
    lastLine: event.lastLine ?? session.lastLine,
    ...ownCapabilities(session, event.capabilities),
    ...(typeof key === 'string' && { runKey: key }),
    ...(typeof since === 'string' && { offlineSince: since }),
    ...(event.contextUsed !== undefined && { contextUsed: event.contextUsed }),
    ...(event.choices && { choices: event.choices }),
  }
}
