import { isToken, Login, type LoginState } from './login.ts'

/** The right to reach sessions. */
const SESSIONS_SCOPE = 'user:sessions:claude_code'

export const LOGIN_WORDS = {
  absent: 'Claude Code is not signed in on the relay’s machine; run `claude auth login` there.',
  lacksScope:
    'The sign-in of Claude Code on the relay’s machine does not cover cloud sessions; run `claude auth login` there.',
  bareRefused:
    'CLAUDE_CODE_OAUTH_TOKEN is refused for cloud sessions, as what `claude setup-token` makes is good for inference alone; run `claude auth login` on the relay’s machine.',
  expired:
    'The sign-in of Claude Code on the relay’s machine has run out; use Claude Code there once, or run `claude auth login`.',
  ended:
    'The sign-in of Claude Code on the relay’s machine has ended; run `claude auth login` there.',
  damaged:
    'The stored sign-in of Claude Code on the relay’s machine is damaged; run `claude auth login` there.',
  forbidden:
    'The relay may not read the stored sign-in of Claude Code; run both as the same person, or run `claude auth login`.',
  keychain:
    'macOS did not let the relay read the sign-in of Claude Code; allow it in the dialog on that machine, or run `claude auth login` there.',
} as const

/** A stored login, before it is asked whether it still holds. */
export type StoredLogin = Login | { state: 'absent' | 'lacks_scope' | 'unreadable'; words: string }

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= 200 ? value : undefined

const timeOf = (value: unknown): number | undefined => {
  const ms = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof ms === 'number' && Number.isFinite(ms) && ms > 0 ? ms : undefined
}

const scopesOf = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.filter((scope) => typeof scope === 'string') : undefined

/**
 * Reads what Claude Code stores: takes the login out of it and nothing else that lies there, whatever
 * state the rest is in. Undefined when the text is no JSON, as in the middle of a write.
 */
export const readLogin = (text: string): StoredLogin | undefined => {
  let root: Readonly<Record<string, unknown>> | undefined
  try {
    root = fieldsOf(JSON.parse(text))
  } catch {
    return undefined
  }
  const stored = fieldsOf(root?.claudeAiOauth)
  if (!stored) return { state: 'absent', words: LOGIN_WORDS.absent }
  if (!isToken(stored.accessToken)) return { state: 'unreadable', words: LOGIN_WORDS.damaged }
  const expiresAtMs = timeOf(stored.expiresAt)
  const scopes = scopesOf(stored.scopes)
  const subscription = textOf(stored.subscriptionType)
  const organizationId = textOf(root?.organizationUuid)
  // A login whose scopes cannot be read is tried: the other side knows them.
  if (scopes && !scopes.includes(SESSIONS_SCOPE))
    return { state: 'lacks_scope', words: LOGIN_WORDS.lacksScope }
  return new Login(stored.accessToken, {
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(scopes && { scopes }),
    ...(subscription !== undefined && { subscription }),
    ...(organizationId !== undefined && { organizationId }),
  })
}

/** Whether a stored login holds at a moment. */
export const loginAt = (stored: StoredLogin, nowMs: number): LoginState => {
  if (!(stored instanceof Login)) return stored
  const { expiresAtMs } = stored
  return expiresAtMs !== undefined && expiresAtMs <= nowMs
    ? { state: 'expired', login: stored, words: LOGIN_WORDS.expired }
    : { state: 'ready', login: stored }
}
