import { type ErrorCode, RelayError } from '@bellhop/core'
import type { FailureKind } from './cloud-api.ts'

const CODES: Readonly<Record<FailureKind, ErrorCode>> = {
  login: 'agent_login_needed',
  edge: 'source_unreachable',
  gone: 'session_not_found',
  conflict: 'session_ended',
  expired: 'source_unreachable',
  limited: 'rate_limited',
  absent: 'not_supported',
  refused: 'source_refused',
  unreachable: 'source_unreachable',
}

export type FailureFacts = {
  /** How long the other side wants to be left alone. */
  retryAfterMs?: number
  /** The HTTP status, where there was one. */
  status?: number
  /** The system’s name for what went wrong, such as `ENOTFOUND`. */
  errno?: string
  /** Set when what was asked for may have been done all the same. */
  maybeDone?: boolean
  /** Set when there was an answer, and more of it than is taken in. */
  isTooLarge?: boolean
}

/**
 * Told by a call that failed; `kind` decides what is done about it, the code is what a phone is told.
 * Holds nothing of the call itself, so that no secret can come along. [I12]
 */
export class CloudFailure extends RelayError {
  readonly kind: FailureKind
  /** What a person is told: what is wrong and what to do. Never a secret. */
  readonly words: string
  readonly retryAfterMs: number | undefined
  readonly maybeDone: boolean
  readonly isTooLarge: boolean

  constructor(kind: FailureKind, words: string, facts: FailureFacts = {}) {
    super(CODES[kind], {
      why: words,
      ...(facts.status !== undefined && { status: facts.status }),
      ...(facts.errno !== undefined && { errno: facts.errno }),
    })
    this.name = 'CloudFailure'
    this.kind = kind
    this.words = words
    this.retryAfterMs = facts.retryAfterMs
    this.maybeDone = facts.maybeDone ?? false
    this.isTooLarge = facts.isTooLarge ?? false
  }
}
