import type { SessionId } from '@bellhop/core'

/** The list of sessions, as a resource. */
export const SESSIONS_URI = 'bellhop://sessions'
export const SESSION_TEMPLATE = `${SESSIONS_URI}/{sessionId}`

export const sessionUri = (sessionId: SessionId): string =>
  `${SESSIONS_URI}/${encodeURIComponent(sessionId)}`

/** Whether there can be such a resource here. */
export const isOurUri = (uri: string): boolean =>
  uri === SESSIONS_URI || (uri.startsWith(`${SESSIONS_URI}/`) && uri.length <= 500)
