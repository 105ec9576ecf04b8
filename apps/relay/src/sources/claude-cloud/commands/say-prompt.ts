import type { Actor, CommandOf } from '@bellhop/core'
import type { Unconfirmed } from '../../../sessions/session-source.ts'
import type { FollowedSession, Observed } from '../parts.ts'
import type { CommandParts } from './command-parts.ts'
import { deliver } from './deliver.ts'
import { uuidFor } from './event-ids.ts'
import { hear } from './hearing.ts'
import { patienceFor, silenceWords } from './patience.ts'
import { personMessage } from './payloads.ts'
import { inDoubt } from './refusals.ts'

/** How long the worker’s echo is waited for where the record does not say whose words they are. */
const ECHO_MS = 300

const AS_PEER =
  'The session has it, but took it for a message of another session rather than for yours: it may hold it back, and runs no slash command in it.'

/** Whose words they count as, where the record says it: in the echo, or in the stamp. */
const ownerIn = (observed: Observed): 'person' | 'peer' | undefined => {
  if (observed.kind !== 'stored') return undefined
  return observed.from ?? (observed.source === 'worker' ? 'person' : undefined)
}

/** Says something to the session. Done when its worker has it, by whatever sign. */
export const sayPrompt = async (
  session: FollowedSession,
  command: CommandOf<'prompt'>,
  by: Actor,
  parts: CommandParts,
  signal: AbortSignal,
): Promise<Unconfirmed | undefined> => {
  const { commandId } = command
  const uuid = uuidFor(commandId, 'message')
  const couldBegin = !session.reader.isTurnOpen
  const isOurs = (observed: Observed) =>
    (observed.kind === 'delivery' && observed.eventId === uuid) ||
    (observed.kind === 'stored' && observed.uuid === uuid)
  using hearing = hear(
    session,
    (observed) => observed.kind === 'turn' || isOurs(observed),
    parts.timing,
    signal,
  )
  session.reader.expect({ uuid, commandId, by })
  const message = personMessage(session, uuid, command.text)
  const sending = deliver(session, command, message, parts, signal)
  const doubt = await sending.then(() => undefined, inDoubt)
  const patience = patienceFor(session.row)
  const isTaken = await hearing.until(
    (observed) => {
      if (observed.kind === 'delivery') return true
      // Its turn has begun; where one was under way, a later beginning is no proof of anything.
      if (observed.kind === 'turn') return (couldBegin && observed.isOpen) || undefined
      return (observed.kind === 'stored' && observed.source === 'worker') || undefined
    },
    doubt ? 0 : patience.waitMs,
  )
  if (!isTaken) return doubt ?? { unconfirmed: silenceWords(patience) }
  const owner = await hearing.until(ownerIn, ECHO_MS)
  return owner === 'peer' ? { unconfirmed: AS_PEER } : undefined
}
