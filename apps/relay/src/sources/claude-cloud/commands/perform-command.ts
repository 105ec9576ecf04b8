import type { CommandOf } from '@bellhop/core'
import type { SourceCommand, Unconfirmed } from '../../../sessions/session-source.ts'
import type { FollowedSession } from '../parts.ts'
import { answerPrompt } from './answer-prompt.ts'
import { askWorker, type ControlRequest } from './ask-worker.ts'
import { tryCall } from './bounded-tries.ts'
import type { CommandParts } from './command-parts.ts'
import { tellStored } from './deliver.ts'
import { uuidFor } from './event-ids.ts'
import { controlRequest } from './payloads.ts'
import { inDoubt } from './refusals.ts'
import { sayPrompt } from './say-prompt.ts'

/** Gives the session another title: in the list, and where its program runs. */
const rename = async (
  session: FollowedSession,
  command: CommandOf<'rename'>,
  { api, timing }: CommandParts,
  signal: AbortSignal,
): Promise<void> => {
  const { commandId, title } = command
  await tryCall(() => api.rename(session.suffix, title, signal), timing, signal)
  await tellStored(session, command, { timing })
  const { row } = session
  if (row) await session.take(session.reader.readRow({ ...row, title }))
  if (row?.kind !== 'bridge' || row.connection !== 'connected') return
  const ids = { uuid: uuidFor(commandId, 'control'), requestId: uuidFor(commandId, 'rename') }
  const request = controlRequest(session, ids, { subtype: 'rename_session', title })
  // The title is set; that the terminal shows it too is a courtesy.
  await session.send([request], signal).catch(() => {})
}

/** Puts the session away. Asking its worker to end has broken sessions, so the list is told. */
const archive = async (
  session: FollowedSession,
  command: CommandOf<'archive'>,
  { api, timing }: CommandParts,
  signal: AbortSignal,
): Promise<void> => {
  await tryCall(() => api.archive(session.suffix, signal), timing, signal)
  await tellStored(session, command, { timing })
  const { row } = session
  if (row) await session.take(session.reader.readRow({ ...row, isArchived: true }))
}

/**
 * Does one command to a session that is followed; resolves when its worker has taken it, or with
 * what is known when nothing was heard in time. Throws a `RelayError` that says why it was refused.
 */
export const performCommand = async (
  session: FollowedSession,
  sent: SourceCommand,
  parts: CommandParts,
  signal: AbortSignal,
): Promise<Unconfirmed | undefined> => {
  const { command, by } = sent
  const ask = (request: ControlRequest) => askWorker(session, sent, request, parts, signal)
  switch (command.type) {
    case 'prompt':
      return sayPrompt(session, command, by, parts, signal)
    case 'decide_permission':
    case 'answer_question':
    case 'decide_plan':
      return answerPrompt(session, command, by, parts, signal)
    case 'interrupt': {
      const wasOpen = session.reader.isTurnOpen
      // Its result may come without a word on the request.
      return askWorker(session, sent, { subtype: 'interrupt' }, parts, signal, (observed) => {
        return wasOpen && observed.kind === 'turn' && !observed.isOpen
      })
    }
    case 'set_model':
      return ask({ subtype: 'set_model', model: command.model })
    case 'set_permission_mode':
      return ask({ subtype: 'set_permission_mode', mode: command.mode })
    case 'set_thinking':
      return ask({ subtype: 'set_max_thinking_tokens', max_thinking_tokens: command.tokens })
    case 'rename':
      return rename(session, command, parts, signal).then(() => undefined, inDoubt)
    case 'archive':
      return archive(session, command, parts, signal).then(() => undefined, inDoubt)
  }
}
