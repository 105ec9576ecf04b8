import type { Backend } from '../../apps/relay/src/backends/backend.ts'
import type { Clock } from '../../apps/relay/src/clock.ts'
import { auditContract } from './audit.contract.ts'
import { devicesContract } from './devices.contract.ts'
import { ledgerContract } from './ledger.contract.ts'
import { logContract } from './log.contract.ts'
import { searchContract } from './search.contract.ts'
import { sessionIndexContract } from './session-index.contract.ts'
import { trimContract } from './trim.contract.ts'

/** A backend with a clock that stands still until it is moved. */
export type Engine = {
  name: string
  open(clock: Clock): Promise<Backend>
}

export type Opened = { backend: Backend; clock: { ms: number } }

/** Opens a fresh backend for one test and closes it after. */
export type OpenFresh = () => Promise<Opened & AsyncDisposable>

/** What every engine promises, on a real one. A new engine joins by a line in `backend.test.ts`. */
export const backendContract = (engine: Engine): void => {
  const open: OpenFresh = async () => {
    const clock = { ms: Date.parse('2026-03-01T09:00:00Z') }
    const backend = await engine.open({ nowMs: () => clock.ms })
    return { backend, clock, [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() }
  }
  logContract(open)
  sessionIndexContract(open)
  trimContract(open)
  searchContract(open)
  ledgerContract(open)
  auditContract(open)
  devicesContract(open)
}
