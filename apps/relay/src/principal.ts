import { type Actor, type Agent, type DeviceId, RelayError, type Scope } from '@bellhop/core'

/** Who a call runs for. Made only by authentication, or by the relay for its own terminal. [I10] */
export type Principal = {
  readonly deviceId: DeviceId
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Absent where a person acts. */
  readonly agent?: Agent
}

/** Refuses with `scope_missing` unless the principal holds the scope. [AU-7] */
export const requireScope = (principal: Principal, scope: Scope): void => {
  if (!principal.scopes.includes(scope)) throw new RelayError('scope_missing', { scope })
}

/** A principal as others are told of it; an agent as one. [AL-1] */
export const actorOf = (principal: Principal, depth = 0): Actor & { kind: 'device' } => {
  const { deviceId, name, agent } = principal
  return { kind: 'device', deviceId, name, ...(agent && { agent: { depth } }) }
}
