/** Which run of the agent a session is, by the id it goes by upstream. Pure. */
import { textOf } from './lines.ts'

/** The part that both spellings of an upstream id share; undefined for anything else. */
const idSuffix = (id: unknown): string | undefined =>
  /^(?:session|cse)_([\w-]{1,200})$/.exec(textOf(id) ?? '')?.[1]

/**
 * What every source that follows a run names it by, from either spelling of its upstream id;
 * undefined where it has none.
 */
export const runKeyOf = (id: unknown): string | undefined => {
  const suffix = idSuffix(id)
  return suffix && `remote:${suffix}`
}
