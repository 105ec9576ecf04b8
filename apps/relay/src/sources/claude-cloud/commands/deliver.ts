import type { CommandId, SessionId } from '@bellhop/core'
import { isoTime } from '../../../clock.ts'
import type { Fields } from '../cloud-api.ts'
import type { FollowedSession } from '../parts.ts'
import { tryCall } from './bounded-tries.ts'
import type { CommandParts } from './command-parts.ts'

type Sent = { commandId: CommandId; sessionId: SessionId }

/** Tells that the other side has what a command comes to. [CM-8] */
export const tellStored = (
  session: FollowedSession,
  { commandId, sessionId }: Sent,
  { timing }: Pick<CommandParts, 'timing'>,
): Promise<void> =>
  session.append([
    {
      type: 'command.progressed',
      sessionId,
      at: isoTime(timing.nowMs()),
      dedupeKey: `progress:${commandId}:stored`,
      causedBy: commandId,
      commandId,
      stage: 'stored',
    },
  ])

/**
 * Posts what a command comes to and tells that it is stored. One that was stored before counts as
 * well: its answer got lost. Rejects with what a phone is told. [A-42] [A-43] [CM-8]
 */
export const deliver = async (
  session: FollowedSession,
  command: Sent,
  payload: Fields,
  parts: Pick<CommandParts, 'timing'>,
  signal: AbortSignal,
): Promise<void> => {
  await tryCall(() => session.send([payload], signal), parts.timing, signal)
  await tellStored(session, command, parts)
}
