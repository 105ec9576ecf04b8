import type { Capability } from './capabilities.ts'
import type { OpenPermission, Road, Session } from './session.ts'

/** Every capability of any of the roads, once, in the roads’ order. */
export const unionOf = (roads: readonly Road[]): string[] => [
  ...new Set(roads.flatMap(({ capabilities }) => capabilities)),
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
    const road = roads.find(({ capabilities }) => capabilities.includes(capability))
    if (road) return road
  }
  return undefined
}

/** The way an open permission came, by which its answer has to go. Pure. [CM-9] */
export const roadOf = (session: Session, wait: OpenPermission): Road | undefined => {
  const sourceId = wait.sourceId ?? session.sourceId
  return roadsOf(session).find((road) => road.sourceId === sourceId)
}
