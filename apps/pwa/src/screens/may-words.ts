import { ALL_SCOPES, type Scope } from '@bellhop/core'

const MAY: Record<Scope, string> = {
  watch: 'watch',
  answer: 'answer',
  drive: 'type',
  admin: 'manage devices',
}

/** What a device may do: `watch`, `watch and answer`, `do everything`. */
export function mayWords(scopes: readonly Scope[]): string {
  if (ALL_SCOPES.every((scope) => scopes.includes(scope))) return 'do everything'
  const words = scopes.map((scope) => MAY[scope] ?? scope)
  const last = words.pop() ?? 'do nothing'
  return words.length > 0 ? `${words.join(', ')} and ${last}` : last
}

/** Why a device without all of these scopes may not decide; undefined when it has them. */
export function lackWords(
  needed: readonly Scope[],
  may: (scope: Scope) => boolean,
): string | undefined {
  const missing = needed.filter((scope) => !may(scope))
  if (missing.length === 0) return undefined
  return `Whoever decides this must be allowed to ${mayWords(missing)}. This phone is not.`
}
