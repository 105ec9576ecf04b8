import type { CommandId, SessionId } from '@bellhop/core'
import { isoTime } from '../../../clock.ts'
import type { Fields } from '../cloud-api.ts'
import type { FollowedSession } from '../parts.ts'
import { tryCall } from './bounded-tries.ts'
import type { CommandParts } from './command-parts.ts'

/**
 * Posts what a command comes to and tells that it is stored. One that was stored before counts as
 * well: its answer got lost. Rejects with what a phone is told. [A-42] [A-43] [CM-8]
 */
export const deliver = async (
  session: FollowedSession,
  command: { commandId: CommandId; sessionId: SessionId },
  payload: Fields,
  { timing }: Pick<CommandParts, 'timing'>,
  signal: AbortSignal,
): Promise<void> => {
  await tryCall(() => session.send([payload], signal), timing, signal)
  const { commandId, sessionId } = command
  await session.append([
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
}
