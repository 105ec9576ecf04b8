import type { DeviceRegistry, RelaySecrets, ReplayGuard } from '../devices/device-registry.ts'
import type { PushSubscriptions } from '../notify/push-subscriptions.ts'
import type { AuditLog } from '../sessions/audit-log.ts'
import type { CommandLedger } from '../sessions/command-ledger.ts'
import type { EventLog, SessionIndex, SourceCheckpoints } from '../sessions/event-log.ts'
import type { SearchIndex } from '../sessions/transcript-search.ts'

/** Everything one engine remembers and shares. All ports have the same durability. */
export interface Backend extends AsyncDisposable {
  readonly log: EventLog
  readonly sessions: SessionIndex
  readonly search: SearchIndex
  readonly checkpoints: SourceCheckpoints
  readonly ledger: CommandLedger
  readonly audit: AuditLog
  readonly devices: DeviceRegistry
  readonly secrets: RelaySecrets
  readonly replay: ReplayGuard
  readonly push: PushSubscriptions
}
