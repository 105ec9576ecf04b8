import type {
  AgentAsk,
  CommandId,
  PermissionId,
  PermissionOutcome,
  Session,
  SessionId,
} from '@bellhop/core'
import type { LedgerEntry } from './command-ledger.ts'
import type { EventLog } from './event-log.ts'
import { findBack } from './past.ts'

/** How a held command ended, as the log tells. */
export type PastHeld = {
  ask: AgentAsk
  /** Absent when the session ended before anybody said anything. */
  outcome?: PermissionOutcome
  text?: string
  /** Whether the answer’s own outcome stands in the log, too: only after that is anything carried out. */
  isSettled: boolean
}

/** How a held command ended, in the session it was shown in last. [HC-4] */
export const heldInLog = async (
  log: Pick<EventLog, 'readBack'>,
  [session, joinedTo]: readonly [Session, SessionId | undefined],
  permissionId: PermissionId,
): Promise<PastHeld | undefined> => {
  const places = joinedTo === undefined ? [session.sessionId] : [joinedTo, session.sessionId]
  const pasts = await Promise.all(places.map((place) => pastIn(log, place, permissionId)))
  const found = pasts.filter((past) => past !== undefined)
  return found.find(({ outcome }) => outcome === 'allowed' || outcome === 'denied') ?? found[0]
}

const pastIn = async (
  log: Pick<EventLog, 'readBack'>,
  sessionId: SessionId,
  permissionId: PermissionId,
): Promise<PastHeld | undefined> => {
  const settled = new Set<CommandId>()
  let end: Omit<PastHeld, 'ask'> = { isSettled: false }
  return findBack(log, sessionId, (event): PastHeld | undefined => {
    if (event.type === 'command.settled') settled.add(event.commandId)
    if (!('permissionId' in event) || event.permissionId !== permissionId) return undefined
    if (event.type === 'permission.resolved') {
      const { outcome, text, causedBy } = event
      const isSettled = causedBy !== undefined && settled.has(causedBy)
      end = { outcome, isSettled, ...(text !== undefined && { text }) }
      return undefined
    }
    return event.ask.kind === 'agent' ? { ask: event.ask, ...end } : undefined
  })
}

/** Whether the log holds that this answer decided something that was held. [HC-4] */
export const isStoredDecision = async (
  log: Pick<EventLog, 'readBack'>,
  { sessionId, commandId }: LedgerEntry,
): Promise<boolean> => {
  const found = await findBack(log, sessionId, (event) =>
    event.type === 'permission.resolved' &&
    event.causedBy === commandId &&
    event.permissionId.startsWith('per_held-')
      ? true
      : undefined,
  )
  return found === true
}
