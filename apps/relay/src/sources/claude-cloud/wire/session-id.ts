import type { Suffix } from '../cloud-api.ts'
import { isSuffix } from '../session-names.ts'

/** The part of an upstream id that both of its spellings share; undefined for ids of another kind. */
export const readSuffix = (id: unknown): Suffix | undefined => {
  if (typeof id !== 'string') return undefined
  const suffix = /^(?:cse|session)_(.+)$/.exec(id)?.[1]
  return suffix !== undefined && isSuffix(suffix) ? suffix : undefined
}

/** How the newer family spells it. */
export const newerId = (suffix: Suffix): string => `cse_${suffix}`

/** How the older family and the WebSocket spell it. */
export const olderId = (suffix: Suffix): string => `session_${suffix}`
