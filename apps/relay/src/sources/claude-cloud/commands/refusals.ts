import { BOUNDS, cut, type ErrorCode, RelayError } from '@bellhop/core'
import type { Unconfirmed } from '../../../sessions/session-source.ts'
import { CloudFailure } from '../cloud-failure.ts'

/** A refusal that a person is told in these words instead of the table’s. */
export const refusal = (code: ErrorCode, words: string, cause?: unknown): RelayError => {
  const said = cut(words, BOUNDS.reason).text
  return Object.assign(new RelayError(code, { why: said }, cause), { message: said })
}

const ARCHIVED = 'This session was archived, so it takes nothing more.'
const GONE = 'This session is no longer there, or not of this account any more.'

const codes: Record<CloudFailure['kind'], ErrorCode> = {
  login: 'agent_login_needed',
  edge: 'source_unreachable',
  unreachable: 'source_unreachable',
  limited: 'source_unreachable',
  gone: 'source_refused',
  conflict: 'session_ended',
  absent: 'not_supported',
  expired: 'source_refused',
  refused: 'source_refused',
}

/**
 * What a phone is told of a call that failed; a mistake of our own stays one. `maybeDone`: one of the
 * tries may have got there.
 */
export const refusalOf = (error: unknown, maybeDone = false): unknown => {
  if (!(error instanceof CloudFailure)) return error
  const { kind, words } = error
  const said = kind === 'conflict' ? ARCHIVED : kind === 'gone' ? GONE : words
  return Object.assign(refusal(codes[kind], said, error), maybeDone && { maybeDone })
}

/** What a person is told who might do again what may have been done; undefined where it was not. */
export const doubtOf = (error: unknown): string | undefined => {
  const isInDoubt = error instanceof RelayError && 'maybeDone' in error
  return isInDoubt
    ? `${error.message} It may have been done all the same: look before you try again.`
    : undefined
}

/** What a change that nobody answered comes to; rejects with what failed for certain. [CM-8] */
export const inDoubt = (error: unknown): Unconfirmed => {
  const unconfirmed = doubtOf(error)
  if (unconfirmed === undefined) throw error
  return { unconfirmed }
}
