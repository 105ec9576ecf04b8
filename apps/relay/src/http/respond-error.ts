import { ERRORS, type ErrorCode, RelayError, randomSuffix, toErrorBody } from '@bellhop/core'
import type { Logger } from '../logger.ts'

/** What RFC 9449 and RFC 6750 call our refusals, for clients that know only those. */
const CHALLENGES: Partial<Record<ErrorCode, string>> = {
  proof_nonce_needed: 'use_dpop_nonce',
  proof_invalid: 'invalid_dpop_proof',
  proof_replayed: 'invalid_dpop_proof',
  token_invalid: 'invalid_token',
  not_paired: 'invalid_token',
  device_removed: 'invalid_token',
}

/**
 * The one way a refusal leaves by http: a `RelayError` as itself, everything else as `internal` with
 * a reference under which the log has the cause. [ER-1] [ER-2]
 */
export const respondError = (
  error: unknown,
  call: { method: string; path: string },
  logger: Logger,
): Response => {
  const unforeseen = !(error instanceof RelayError)
  const refusal = unforeseen ? new RelayError('internal') : error
  const reference = refusal.code === 'internal' ? randomSuffix().slice(0, 8) : undefined
  if (reference !== undefined) logger.error('a call failed', { reference, ...call, error })

  const { status } = ERRORS[refusal.code]
  const headers = new Headers({
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  })
  const challenge = CHALLENGES[refusal.code]
  if (challenge) headers.set('www-authenticate', `DPoP error="${challenge}", algs="ES256"`)
  const { retryAfterS } = refusal.details
  if (typeof retryAfterS === 'number') headers.set('retry-after', String(retryAfterS))
  return new Response(JSON.stringify(toErrorBody(refusal, reference)), { status, headers })
}
