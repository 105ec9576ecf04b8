/** Which session of another source a cloud session is the same run as, and what its road adds. Pure. */
import type { KnownRun } from '../../sessions/session-source.ts'
import type { Suffix } from './cloud-api.ts'
import { isSuffix } from './session-names.ts'

const PREFIX = 'remote:'
/** What belongs to an answer goes with the road its prompt came by. [CM-9] */
const ANSWERING = ['decide_permission', 'always_allow', 'answer_question', 'decide_plan']

/** The runs that name a session of an account; where two name one, the later one has taken it over. */
export const runsBySuffix = (runs: readonly KnownRun[]): ReadonlyMap<Suffix, KnownRun> =>
  new Map(
    runs.flatMap((run) => {
      const suffix = run.runKey.startsWith(PREFIX) ? run.runKey.slice(PREFIX.length) : ''
      return isSuffix(suffix) ? [[suffix, run] as const] : []
    }),
  )

/** Whether prompts have to be told by the cloud’s road, because the session’s own cannot take answers. */
export const needsPrompts = (run: KnownRun): boolean =>
  !run.capabilities.includes('decide_permission')

/**
 * What the cloud’s road adds to what the session’s own can be asked. Putting away is not among it:
 * the program at the other end goes on, and the session with it. [CM-9]
 */
export const addedBy = (
  cloud: readonly string[],
  run: KnownRun,
  tellsPrompts = needsPrompts(run),
): string[] =>
  cloud.filter((capability) => {
    if (capability === 'archive') return false
    if (ANSWERING.includes(capability)) return tellsPrompts
    return !run.capabilities.includes(capability)
  })
