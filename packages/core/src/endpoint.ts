import type * as v from 'valibot'
import type { ErrorCode } from './errors.ts'
import type { Scope } from './scopes.ts'

/**
 * Who may call: `public` needs nothing; `device` a proof of a device key without a token; a scope
 * needs a proof and a token that holds it. There is no other way to mount an endpoint. [AU-7] [I10]
 */
export type Access = 'public' | 'device' | Scope

export type Endpoint = {
  method: 'GET' | 'POST'
  path: `/${string}`
  access: Access
  /** Whether it is refused to agents, whatever their scopes: it is about the device in somebody’s hand. [MC-1] */
  people?: true
  /** The body of the call; null when it has none. */
  request: v.GenericSchema | null
  /** The body of the answer; null for a stream of server-sent events. */
  response: v.GenericSchema | null
  /** Refusals beyond those any call can meet. */
  errors: readonly ErrorCode[]
  /** What it does, in a line. */
  does: string
}
