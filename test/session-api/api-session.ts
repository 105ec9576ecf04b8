import { randomUUID } from 'node:crypto'
import type { ServerTime } from '../support/virtual-time.ts'
import { apiTime } from './session-ids.ts'
import { startingRow } from './session-row.ts'
import type {
  AddSessionOptions,
  ApiSession,
  DeliveryStatus,
  Fields,
  LogEntry,
  Notice,
  SentEvent,
  StoredEvent,
} from './types.ts'

export interface SessionContext {
  time: ServerTime
  accountId: string
  suffix: string
  /** The row has changed, or the session has come or gone. */
  onRowChanged(session: ApiSession): void
  /** Whether deliveries are to be kept silent. */
  isDeliverySilent(session: ApiSession): boolean
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** A session as the server keeps it: its row, its log, and who listens. */
export const createApiSession = (
  context: SessionContext,
  options: AddSessionOptions = {},
): ApiSession => {
  const { time, accountId, suffix } = context
  const nowText = () => apiTime(time.nowMs())
  const row = startingRow(`cse_${suffix}`, nowText(), options)
  const log: LogEntry[] = []
  const byUuid = new Map<string, LogEntry>()
  const sent: SentEvent[] = []
  const sentListeners = new Set<(sent: SentEvent) => void>()
  const noticeListeners = new Set<(notice: Notice) => void>()

  const tell = (notice: Notice) => {
    for (const listener of [...noticeListeners]) listener(notice)
    time.stirred()
  }
  const store = (entry: LogEntry, source: StoredEvent['source']) => {
    log.push(entry)
    tell({ kind: 'event', sequence: entry.sequence, row: entry.row, source })
  }
  const touched = () => {
    row.updated_at = nowText()
    context.onRowChanged(session)
  }

  const session: ApiSession = {
    id: `cse_${suffix}`,
    rowId: `session_${suffix}`,
    row,
    epoch: 0,
    log,
    sent,
    get events() {
      return log.flatMap(({ event }) => event ?? [])
    },
    set: (fields) => {
      const connection = row.connection_status
      Object.assign(row, fields)
      touched()
      if (row.connection_status !== connection)
        tell({ kind: 'session', data: { connection_status: row.connection_status } })
    },
    setMetadata: (fields) => {
      row.external_metadata = { ...row.external_metadata, ...fields }
      touched()
    },
    emit: (payload, { source = 'worker', createdAt, envelope, again = false } = {}) => {
      const uuid = text(payload.uuid)
      const known = uuid === undefined ? undefined : byUuid.get(uuid)?.event
      if (known && !again) return known
      const sequence = log.length + 1
      const event: StoredEvent = {
        event_id: known ? randomUUID() : (uuid ?? randomUUID()),
        event_type: text(payload.type) ?? '',
        sequence_num: String(sequence),
        source,
        created_at: createdAt ?? nowText(),
        payload,
        ...(source === 'client' && {
          sent_by_account_id: accountId,
          device_attestation_status: 'DEVICE_ATTESTATION_STATUS_UNSPECIFIED',
        }),
      }
      const entry = { sequence, event, row: envelope ? { ...event, ...envelope } : event }
      byUuid.set(event.event_id, entry)
      row.last_event_at = event.created_at
      store(entry, source)
      return event
    },
    emitRaw: (raw) => {
      const sequence = log.length + 1
      store({ sequence, row: raw, event: undefined }, 'worker')
      return sequence
    },
    emitBytes: (bytes) => tell({ kind: 'bytes', text: bytes }),
    ephemeral: (payload) =>
      tell({
        kind: 'ephemeral',
        data: { event_type: payload.type, payload, timestamp: nowText(), source: 'worker' },
      }),
    delivery: (eventId, status) => {
      if (context.isDeliverySilent(session)) return
      const event = byUuid.get(eventId)?.event
      if (event) event[`${status}_at` satisfies `${DeliveryStatus}_at`] = nowText()
      const word = `DELIVERY_STATUS_${status.toUpperCase()}`
      tell({ kind: 'delivery', data: { event_id: eventId, status: word, timestamp: nowText() } })
    },
    receive: (posted, { family, platform }) => {
      // Only the server stamps the platform; what the sender claims is taken away.
      const { client_platform: _claimed, ...rest } = posted
      const payload: Fields = platform === undefined ? rest : { ...rest, client_platform: platform }
      const before = log.length
      const event = session.emit(payload, { source: 'client' })
      const duplicate = log.length === before
      const one: SentEvent = {
        payload,
        eventId: event.event_id,
        sequence: Number(event.sequence_num),
        duplicate,
        family,
        platform,
        atMs: time.nowMs(),
      }
      sent.push(one)
      if (!duplicate) {
        if (payload.type === 'user')
          row.user_message_count = String(Number(row.user_message_count) + 1)
        for (const listener of [...sentListeners]) listener(one)
      }
      return one
    },
    onSent: (listener) => {
      sentListeners.add(listener)
      return { [Symbol.dispose]: () => void sentListeners.delete(listener) }
    },
    onNotice: (listener) => {
      noticeListeners.add(listener)
      return { [Symbol.dispose]: () => void noticeListeners.delete(listener) }
    },
    archive: () => {
      session.set({ status: 'archived' })
      tell({ kind: 'archived' })
    },
    unarchive: () => session.set({ status: 'active' }),
    cutStreams: (closeCode = 1006) => tell({ kind: 'end', closeCode }),
  }
  return session
}
