import { ERRORS, isErrorCode } from '../errors.ts'

/** The relay answered, and the answer was no. Branch on `code` only. [ER-1] */
export class RelayRefused extends Error {
  readonly code: string
  readonly status: number
  readonly details: Readonly<Record<string, unknown>>
  /** Finds the cause in the relay’s log; only with `internal`. */
  readonly reference: string | undefined
  /** How long the relay asks to wait; absent when it did not say. */
  readonly retryAfterMs: number | undefined
  constructor(answer: {
    code: string
    text: string
    status: number
    details?: Readonly<Record<string, unknown>> | undefined
    reference?: string | undefined
    retryAfterMs?: number | undefined
  }) {
    super(answer.text)
    this.name = 'RelayRefused'
    this.code = answer.code
    this.status = answer.status
    this.details = answer.details ?? {}
    this.reference = answer.reference
    this.retryAfterMs = answer.retryAfterMs
  }
  /** Whether the same call can succeed later. */
  get mayRetry(): boolean {
    return isErrorCode(this.code) ? ERRORS[this.code].retry : this.status >= 500
  }
}

/** Something answered that is not a relay, or not one this client understands. */
export class RelayGarbled extends Error {
  readonly status: number
  constructor(status: number, what: string, cause?: unknown) {
    super(`The answer was not a relay’s: ${what}`, { cause })
    this.name = 'RelayGarbled'
    this.status = status
  }
}

/** Nothing answered, or not in time. */
export class RelayUnreachable extends Error {
  constructor(cause?: unknown) {
    super('The relay cannot be reached.', { cause })
    this.name = 'RelayUnreachable'
  }
}

export const isRefusal = (error: unknown, code?: string): error is RelayRefused =>
  error instanceof RelayRefused && (code === undefined || error.code === code)
