import type { RequestFault } from './faults.ts'
import type { Fields } from './types.ts'

export interface ErrorAnswer {
  status: number
  body: Fields
  headers?: Record<string, string>
}

const errorAnswer = (
  status: number,
  type: string,
  message: string,
  more: { headers?: Record<string, string>; error?: Fields } = {},
): ErrorAnswer => ({
  status,
  body: { type: 'error', error: { type, message, ...more.error } },
  ...(more.headers && { headers: more.headers }),
})

const fault = (answer: ErrorAnswer): RequestFault => ({ kind: 'answer', ...answer })

export const apiErrors = {
  versionMissing: errorAnswer(
    400,
    'invalid_request_error',
    'anthropic-version: header is required',
  ),
  badRequest: (message: string) => errorAnswer(400, 'invalid_request_error', message),
  loginMissing: errorAnswer(401, 'authentication_error', 'Authentication failed'),
  loginExpired: errorAnswer(401, 'authentication_error', 'OAuth access token has expired'),
  loginInvalid: errorAnswer(401, 'authentication_error', 'OAuth access token is invalid.'),
  notPermitted: (message: string) => errorAnswer(403, 'permission_error', message),
  notFound: (message = 'Not found') => errorAnswer(404, 'not_found_error', message),
  conflict: (message: string, headers?: Record<string, string>) =>
    errorAnswer(409, 'invalid_request_error', message, headers ? { headers } : {}),
} as const

const edgePage =
  '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body>Enable JavaScript and cookies to continue</body></html>'

/** Answers the API has been seen to give without cause, or for causes a test cannot have. */
export const faultAnswers = {
  /** A login that ended. With `times: 1` it is the 401 that a good token gets now and then. */
  expired401: fault(apiErrors.loginExpired),
  invalid401: fault(apiErrors.loginInvalid),
  /** Not from the API but from the edge before it: a page, and no request id. */
  edge403: {
    kind: 'answer',
    status: 403,
    text: edgePage,
    headers: {
      'content-type': 'text/html; charset=UTF-8',
      'cf-mitigated': 'challenge',
      'cf-ray': '9a1b2c3d4e5f6071-FRA',
      server: 'cloudflare',
    },
  },
  scope403: fault(
    apiErrors.notPermitted('OAuth token does not meet scope requirement user:sessions:claude_code'),
  ),
  trustedDevice403: (resource = 'untrusted_device') =>
    fault(
      errorAnswer(403, 'permission_error', 'This organization requires a trusted device.', {
        error: { resource },
      }),
    ),
  notFound404: fault(apiErrors.notFound('Session not found')),
  conflict409: fault(apiErrors.conflict('Session is not active')),
  gone410: fault(errorAnswer(410, 'invalid_request_error', 'The position is gone')),
  rateLimited429: (retryAfterS: number) =>
    fault(
      errorAnswer(429, 'rate_limit_error', 'Too many requests', {
        headers: { 'retry-after': String(retryAfterS) },
      }),
    ),
  serverError: (status = 503) => fault(errorAnswer(status, 'api_error', 'Internal server error')),
} as const satisfies Record<string, RequestFault | ((...args: never[]) => RequestFault)>
