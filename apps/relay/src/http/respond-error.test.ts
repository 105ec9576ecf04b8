import { RelayError } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createLogger, silentLogger } from '../logger.ts'
import { respondError } from './respond-error.ts'

const call = { method: 'POST', path: '/v1/commands' }

test('[ER-1] a refusal leaves as its code, status and facts', async () => {
  const response = respondError(
    new RelayError('scope_missing', { scope: 'admin' }),
    call,
    silentLogger,
  )
  expect(response.status).toBe(403)
  expect(await response.json()).toEqual({
    error: { code: 'scope_missing', text: expect.any(String), details: { scope: 'admin' } },
  })
})

test('[ER-2] anything else leaves as `internal` with a reference under which the log has the cause', async () => {
  const lines: string[] = []
  const logger = createLogger((line) => void lines.push(line))
  for (const bug of [new TypeError('secret path /home/me'), 'a string', undefined]) {
    lines.length = 0
    const response = respondError(bug, call, logger)
    expect(response.status).toBe(500)
    const text = await response.text()
    expect(text).not.toContain('secret path')
    const { error } = JSON.parse(text)
    expect(error).toMatchObject({ code: 'internal', reference: expect.stringMatching(/^.{8}$/) })
    expect(lines.join()).toContain(error.reference)
  }
})

test('[AU-5] refusals of proofs and tokens say so in the words of RFC 9449 too', () => {
  const challenge = (code: 'proof_nonce_needed' | 'token_invalid' | 'proof_replayed') =>
    respondError(new RelayError(code), call, silentLogger).headers.get('www-authenticate')
  expect(challenge('proof_nonce_needed')).toBe('DPoP error="use_dpop_nonce", algs="ES256"')
  expect(challenge('token_invalid')).toBe('DPoP error="invalid_token", algs="ES256"')
  expect(challenge('proof_replayed')).toBe('DPoP error="invalid_dpop_proof", algs="ES256"')
})

test('[HT-5] a limited call is told when to come back', () => {
  const error = new RelayError('rate_limited', { retryAfterS: 7 })
  expect(respondError(error, call, silentLogger).headers.get('retry-after')).toBe('7')
})
