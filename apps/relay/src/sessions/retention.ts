import { type Clock, isoTime } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { AuditLog } from './audit-log.ts'
import type { CommandLedger } from './command-ledger.ts'
import type { EventLog } from './event-log.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

/** How much is kept. A reader whose cursor is older than what is kept takes a fresh snapshot. */
export const RETENTION = {
  eventsPerSession: 20_000,
  eventAgeMs: 30 * DAY_MS,
  receiptAgeMs: 7 * DAY_MS,
  auditAgeMs: 365 * DAY_MS,
  /** Of each device by itself, so that none can push out what another did. [AL-7] */
  auditPerDevice: 20_000,
  everyMs: 60 * 60 * 1_000,
}

export type RetentionParts = {
  log: Pick<EventLog, 'trim'>
  ledger: Pick<CommandLedger, 'prune'>
  audit: Pick<AuditLog, 'prune'>
  clock: Clock
  logger: Logger
  limits?: Partial<typeof RETENTION>
}

/** Forgets what is older or more than is kept, a little at a time. [I6] */
export const applyRetention = async (
  parts: RetentionParts,
  signal?: AbortSignal,
): Promise<{ removed: number }> => {
  const { log, ledger, audit, clock } = parts
  const limits = { ...RETENTION, ...parts.limits }
  const range = {
    keepPerSession: limits.eventsPerSession,
    beforeMs: clock.nowMs() - limits.eventAgeMs,
  }
  let removed = 0
  while (!signal?.aborted) {
    const done = await log.trim(range)
    removed += done.removed
    if (!done.more) break
    // Readers and writers go first.
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  if (signal?.aborted) return { removed }
  await ledger.prune(isoTime(clock.nowMs() - limits.receiptAgeMs))
  const before = isoTime(clock.nowMs() - limits.auditAgeMs)
  await audit.prune({ before, keepPerDevice: limits.auditPerDevice })
  return { removed }
}

/** Applies the limits now and then until disposed. */
export const startRetention = (parts: RetentionParts): Disposable => {
  const limits = { ...RETENTION, ...parts.limits }
  const logger = parts.logger.part('retention')
  const stop = new AbortController()
  let busy = false
  const apply = async (): Promise<void> => {
    if (busy) return
    busy = true
    try {
      const { removed } = await applyRetention(parts, stop.signal)
      if (removed > 0) logger.info('old events were forgotten', { removed })
    } catch (error) {
      logger.error('old events could not be forgotten', { error })
    } finally {
      busy = false
    }
  }
  const timer = setInterval(() => void apply(), limits.everyMs).unref()
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer)
      stop.abort()
    },
  }
}
