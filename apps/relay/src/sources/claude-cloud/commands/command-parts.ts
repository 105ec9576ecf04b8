import type { Timing } from '../../../clock.ts'
import type { CloudApi } from '../cloud-api.ts'

/** What commands need besides the session they are for. */
export type CommandParts = {
  api: Pick<CloudApi, 'rename' | 'archive'>
  timing: Timing
}
