/** What is known of a login beside its token. */
export type LoginFacts = {
  expiresAtMs?: number
  /** What it may be used for; absent when that could not be read. */
  scopes?: readonly string[]
  subscription?: string
  organizationId?: string
  /** Set for a token that came without a word on what it may be used for. */
  isBare?: true
}

const COVER = '••••'

/**
 * The person’s own login. The token goes into the headers of calls and nowhere else: whoever prints,
 * logs, copies or turns a login into text gets a name for it. [I12]
 */
export class Login {
  readonly expiresAtMs: number | undefined
  readonly scopes: readonly string[] | undefined
  readonly subscription: string | undefined
  readonly organizationId: string | undefined
  readonly isBare: boolean
  readonly #accessToken: string

  /** The token has passed `isToken`. */
  constructor(accessToken: string, facts: LoginFacts = {}) {
    this.#accessToken = accessToken
    this.expiresAtMs = facts.expiresAtMs
    this.scopes = facts.scopes
    this.subscription = facts.subscription
    this.organizationId = facts.organizationId
    this.isBare = facts.isBare ?? false
  }

  authorize(headers: Headers): void {
    headers.set('authorization', `Bearer ${this.#accessToken}`)
  }

  /** Whether the same token stands in both. */
  isSameAs(other: Login | undefined): boolean {
    return other !== undefined && other.#accessToken === this.#accessToken
  }

  /** The text without this token, as it stands or as JSON writes it, in case the other side repeats it. */
  cover(text: string): string {
    const written = JSON.stringify(this.#accessToken).slice(1, -1)
    return text.replaceAll(this.#accessToken, COVER).replaceAll(written, COVER)
  }

  toString(): string {
    return '[login]'
  }

  toJSON(): string {
    return '[login]'
  }
}

/** Whether a text can stand in a header; what cannot would come back in the words of an error. [I12] */
export const isToken = (text: unknown): text is string =>
  typeof text === 'string' && /^[\x21-\x7e]{8,8192}$/.test(text)

/** The login as it is now, or why there is none to use; `words` say what to do. */
export type LoginState =
  | { state: 'ready'; login: Login }
  | { state: 'expired'; login: Login; words: string }
  | { state: 'absent' | 'lacks_scope' | 'unreadable'; words: string }
