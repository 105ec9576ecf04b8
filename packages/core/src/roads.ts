import type { Capability } from './capabilities.ts'
import type { SourceId } from './ids.ts'
import type { OpenPermission, Road, Session } from './session.ts'

const isOpen = (road: Road): boolean => road.unfollowedSince === undefined

/** Every capability of any of the roads that are followed, once, in the roads’ order. */
export const unionOf = (roads: readonly Road[]): string[] => [
  ...new Set(roads.filter(isOpen).flatMap(({ capabilities }) => capabilities)),
]

/** The ways to a session, its own source’s first. Pure. */
export const roadsOf = (session: Session): readonly Road[] =>
  session.roads ?? [{ sourceId: session.sourceId, capabilities: session.capabilities }]

/**
 * The best way to ask a session for something: of the capabilities that do, the first any road has,
 * and of the roads that have it, the first. Pure. [CM-9]
 */
export const roadFor = (session: Session, anyOf: readonly Capability[]): Road | undefined => {
  const roads = roadsOf(session)
  for (const capability of anyOf) {
    const road = roads.find((one) => isOpen(one) && one.capabilities.includes(capability))
    if (road) return road
  }
  return undefined
}

/** The relay itself asks for an agent that asks first, and takes the answer. [HC-1] */
const HELD_ROAD: Road = { sourceId: 'agents' as SourceId, capabilities: ['decide_permission'] }

/** The way an open permission came, by which its answer has to go. Pure. [CM-9] */
export const roadOf = (session: Session, wait: OpenPermission): Road | undefined => {
  if (wait.ask.kind === 'agent') return HELD_ROAD
  const sourceId = wait.sourceId ?? session.sourceId
  return roadsOf(session).find((road) => isOpen(road) && road.sourceId === sourceId)
}

/** Since when nobody has heard of a session: its program is out of reach, or its source not followed. Pure. */
export const outOfReachSince = (session: Session): string | undefined =>
  session.roads?.[0]?.unfollowedSince ?? session.offlineSince
