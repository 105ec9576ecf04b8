import type { Actor, CommandId, ErrorCode, SessionId } from '@bellhop/core'
import { entryOf, fieldsOf, textOf } from '../../../claude-format/lines.ts'
import type { Timing } from '../../../clock.ts'
import type { Unconfirmed } from '../../../sessions/session-source.ts'
import type { Fields } from '../cloud-api.ts'
import type { FollowedSession, Observed } from '../parts.ts'
import { tryCall } from './bounded-tries.ts'
import type { CommandParts } from './command-parts.ts'
import { deliver } from './deliver.ts'
import { uuidFor } from './event-ids.ts'
import { type Hearing, hear } from './hearing.ts'
import { patienceFor, silenceWords } from './patience.ts'
import { controlRequest } from './payloads.ts'
import { inDoubt, refusal } from './refusals.ts'

export type ControlRequest = Fields & { subtype: string }
type Answer = Extract<Observed, { kind: 'control' }>

/** What a worker calls a refusal of something it does not do at all. */
const unsupported = /does not handle control_request|unsupported_request/i

const inWords: Readonly<Record<string, string>> = {
  bypass_not_launched:
    'This session was not started with permission checks off, so it cannot leave them out.',
  invalid_mode: 'This session does not know that permission mode.',
}

/** The worker’s refusal: known ones in words, any other in its own. */
const refusedBy = ({ error, response }: Answer): never => {
  const errorCode = textOf(response.error_code)
  const own = error ?? textOf(response.error)
  const isUnsupported = unsupported.test(`${errorCode} ${own}`)
  const code: ErrorCode = isUnsupported ? 'not_supported' : 'source_refused'
  if (isUnsupported) throw refusal(code, 'The program this session runs in cannot do that.')
  const words = entryOf(inWords, errorCode) ?? entryOf(inWords, own)
  throw refusal(code, words ?? (own ? `The session said: ${own}` : 'The session did not take it.'))
}

const answerTo = (requestId: string) => (observed: Observed) =>
  observed.kind === 'control' && observed.requestId === requestId ? observed : undefined

const HAS_IT =
  'The session has it, but has not said what came of it. It may still do it after what it is busy with.'

/** What came of a request that was posted, as far as it is heard. Throws the worker’s refusal. */
const outcomeOf = async (
  session: FollowedSession,
  hearing: Hearing,
  ids: { uuid: string; requestId: string },
  isDone: (observed: Observed) => boolean,
  doubt: Unconfirmed | undefined,
): Promise<Unconfirmed | undefined> => {
  const patience = patienceFor(session.row)
  const answer = await hearing.until<Answer | 'done'>(
    (observed) => answerTo(ids.requestId)(observed) ?? (isDone(observed) ? 'done' : undefined),
    doubt ? 0 : patience.waitMs,
  )
  if (answer === 'done') return undefined
  if (answer?.isError) return refusedBy(answer)
  if (answer) return undefined
  const isThere = await hearing.until(
    (observed) => (observed.kind === 'delivery' && observed.eventId === ids.uuid) || undefined,
    0,
  )
  if (isThere) return { unconfirmed: HAS_IT }
  return doubt ?? { unconfirmed: silenceWords(patience) }
}

/**
 * Asks the worker for what a command comes to; done when it says so, or when `isDone` sees it. A
 * command tried again is the same request upstream, and tells how far it got. [A-43] [A-64] [CM-8]
 */
export const askWorker = async (
  session: FollowedSession,
  { command, by }: { command: { commandId: CommandId; sessionId: SessionId }; by: Actor },
  request: ControlRequest,
  parts: CommandParts,
  signal: AbortSignal,
  isDone: (observed: Observed) => boolean = () => false,
): Promise<Unconfirmed | undefined> => {
  const { commandId } = command
  const ids = {
    uuid: uuidFor(commandId, 'control'),
    requestId: uuidFor(commandId, 'control request'),
  }
  const isOfUse = (observed: Observed) =>
    answerTo(ids.requestId)(observed) !== undefined ||
    (observed.kind === 'delivery' && observed.eventId === ids.uuid) ||
    observed.kind === 'turn'
  using hearing = hear(session, isOfUse, parts.timing, signal)
  session.reader.expect({ uuid: ids.uuid, commandId, by })
  const asked = controlRequest(session, ids, request)
  const sending = deliver(session, command, asked, parts, signal)
  const doubt = await sending.then(() => undefined, inDoubt)
  return await outcomeOf(session, hearing, ids, isDone, doubt)
}

/**
 * Asks the worker for something on nobody’s command; undefined when it says nothing in time. Throws
 * its refusal.
 */
export const queryWorker = async (
  session: FollowedSession,
  request: ControlRequest,
  about: { ids: { uuid: string; requestId: string }; waitMs: number; timing: Timing },
  signal: AbortSignal,
): Promise<Fields | undefined> => {
  const { ids, waitMs, timing } = about
  const fits = answerTo(ids.requestId)
  using hearing = hear(session, (observed) => fits(observed) !== undefined, timing, signal)
  await tryCall(() => session.send([controlRequest(session, ids, request)], signal), timing, signal)
  const answer = await hearing.until(fits, waitMs)
  if (answer?.isError) return refusedBy(answer)
  return answer?.response
}

/** The inner part of an answer, whether it was handed on whole or by itself. */
export const resultOf = (response: Fields): Fields => fieldsOf(response.response) ?? response
