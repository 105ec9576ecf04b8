import type { Clock } from '../../clock.ts'
import type { SourceCheckpoints } from '../../sessions/event-log.ts'
import type { Backend } from '../backend.ts'
import { createMemoryAudit } from './memory-audit.ts'
import {
  createMemoryDevices,
  createMemoryReplayGuard,
  createMemorySecrets,
} from './memory-devices.ts'
import { createMemoryLedger } from './memory-ledger.ts'
import { createMemoryLog } from './memory-log.ts'
import { createMemoryPush } from './memory-push.ts'

/** Remembers everything until the process ends, and nothing after. */
export const createMemoryBackend = ({ clock }: { clock: Clock }): Backend => ({
  ...createMemoryLog(clock),
  checkpoints: createMemoryCheckpoints(),
  ...createMemoryRecords(),
  devices: createMemoryDevices(),
  secrets: createMemorySecrets(),
  replay: createMemoryReplayGuard(clock),
  push: createMemoryPush(),
  [Symbol.asyncDispose]: async () => {},
})

const createMemoryRecords = (): Pick<Backend, 'audit' | 'ledger'> => {
  const audit = createMemoryAudit()
  return { audit, ledger: createMemoryLedger(audit) }
}

const createMemoryCheckpoints = (): SourceCheckpoints => {
  const values = new Map<string, string>()
  // The separator cannot stand in a source's id, so two pairs never share a name.
  const nameOf = (sourceId: string, key: string) => `${sourceId} ${key}`
  return {
    get: async (sourceId, key) => values.get(nameOf(sourceId, key)),
    set: async (sourceId, key, value) => void values.set(nameOf(sourceId, key), value),
  }
}
