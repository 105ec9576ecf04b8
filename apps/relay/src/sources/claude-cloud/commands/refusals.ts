import { BOUNDS, cut, type ErrorCode, RelayError } from '@bellhop/core'
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

/** What a phone is told of a call that failed; a mistake of our own stays one. */
export const refusalOf = (error: unknown): unknown => {
  if (!(error instanceof CloudFailure)) return error
  const { kind, words } = error
  const said = kind === 'conflict' ? ARCHIVED : kind === 'gone' ? GONE : words
  return refusal(codes[kind], said, error)
}
