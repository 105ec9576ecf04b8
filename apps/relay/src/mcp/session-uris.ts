import { RelayError, type SessionId } from '@bellhop/core'

/** The list of sessions, as a resource. */
export const SESSIONS_URI = 'bellhop://sessions'
export const SESSION_TEMPLATE = `${SESSIONS_URI}/{sessionId}`

export const sessionUri = (sessionId: SessionId): string =>
  `${SESSIONS_URI}/${encodeURIComponent(sessionId)}`

/** The id as a URI has it; refuses with `session_not_found` what cannot be one. */
export const sessionIdFrom = (written: unknown): SessionId => {
  try {
    if (typeof written === 'string') return decodeURIComponent(written) as SessionId
  } catch {
    // A percent sign that begins nothing.
  }
  throw new RelayError('session_not_found')
}

/** Whether there can be such a resource here. */
export const isOurUri = (uri: string): boolean =>
  uri === SESSIONS_URI || (uri.startsWith(`${SESSIONS_URI}/`) && uri.length <= 500)
