import { check, type Endpoint, RelayError } from '@bellhop/core'
import type { Principal } from '../principal.ts'

const invalid = (issue: string) => new RelayError('invalid_request', { issue: issue.slice(0, 500) })

/** Reads JSON; refuses with `invalid_request`. */
export const parseJson = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw invalid('not JSON')
  }
}

/** What an endpoint is asked, checked; refuses with `invalid_request`. */
export const checkRequest = (endpoint: Endpoint, value: unknown): unknown => {
  if (endpoint.request === null) return null
  const checked = check(endpoint.request, value)
  if (!checked.ok) throw invalid(checked.issue)
  return checked.value
}

/** What the body of a call asks of an endpoint; refuses with `invalid_request`. */
export const parseRequest = (endpoint: Endpoint, body: Uint8Array): unknown => {
  if (endpoint.request !== null) return checkRequest(endpoint, parseJson(body))
  if (body.length > 0) throw invalid('this call has no body')
  return null
}

/** Refuses to an agent what only a person may call. [MC-1] */
export const requirePerson = (endpoint: Endpoint, principal: Principal): void => {
  if (endpoint.people && principal.agent) throw new RelayError('agent_refused')
}

/** An answer that does not fit what core promises is a mistake of ours. */
export const checkAnswer = (endpoint: Endpoint, answer: unknown): void => {
  if (endpoint.response === null) return
  const checked = check(endpoint.response, answer)
  if (!checked.ok) throw new TypeError(`answer of ${endpoint.path}: ${checked.issue}`)
}
