/** What is posted into a session, in the shapes a worker takes. Pure. */
import type { Decision } from '../../../claude-format/permission-decision.ts'
import type { Fields } from '../cloud-api.ts'
import type { FollowedSession } from '../parts.ts'

/** The older family’s events name their session themselves, in its own spelling. */
const address = ({ road, suffix }: Pick<FollowedSession, 'road' | 'suffix'>): Fields =>
  road === 'older-poll' || road === 'older-socket' ? { session_id: `session_${suffix}` } : {}

/** A person’s words. Who they are from is the server’s to say, so nothing here does. */
export const personMessage = (
  session: Pick<FollowedSession, 'road' | 'suffix'>,
  uuid: string,
  text: string,
): Fields => ({
  type: 'user',
  uuid,
  ...address(session),
  message: { role: 'user', content: text },
  parent_tool_use_id: null,
})

/** Something asked of the worker, which answers under `requestId`. */
export const controlRequest = (
  session: Pick<FollowedSession, 'road' | 'suffix'>,
  ids: { uuid: string; requestId: string },
  request: Fields & { subtype: string },
): Fields => ({
  type: 'control_request',
  uuid: ids.uuid,
  ...address(session),
  request_id: ids.requestId,
  request,
})

/** The answer to a prompt, under the prompt’s own `requestId`. */
export const promptAnswer = (
  session: Pick<FollowedSession, 'road' | 'suffix'>,
  ids: { uuid: string; requestId: string },
  decision: Decision,
): Fields => ({
  type: 'control_response',
  uuid: ids.uuid,
  ...address(session),
  response: { subtype: 'success', request_id: ids.requestId, response: decision },
})
