import type { AuditLog, AuditPage } from '../../sessions/audit-log.ts'

type Entry = AuditPage['entries'][number]

/** An audit log as long as the process lives, oldest first. */
export const createMemoryAudit = (): AuditLog => {
  let entries: Entry[] = []
  let last = 0
  const isOpen = ({ outcome }: Entry) => outcome === 'pending'
  const replace = (old: Entry, settled: Entry) => {
    entries = entries.map((entry) => (entry === old ? settled : entry))
  }

  return {
    note: async ({ commandId, by, at, ...act }, receipt) => {
      const isKnown = entries.some(
        (entry) =>
          entry.commandId === commandId &&
          entry.by.kind === 'device' &&
          entry.by.deviceId === by.deviceId &&
          entry.commandType === act.commandType &&
          entry.outcome !== 'refused',
      )
      if (isKnown && !receipt) return
      last += 1
      const { state: outcome = 'pending', ...rest } = receipt ?? {}
      const settledAt = receipt && { settledAt: at }
      entries.push({ number: last, at, by, ...act, ...rest, commandId, outcome, ...settledAt })
    },
    askedBy: async (commandId) =>
      entries.find((entry) => entry.commandId === commandId && entry.outcome !== 'refused')?.by,
    settle: async ({ commandId, state, ...rest }, at, sessionId) => {
      const open = entries.findLast((entry) => entry.commandId === commandId && isOpen(entry))
      if (!open) return
      const found = sessionId !== undefined && { sessionId }
      replace(open, { ...open, ...rest, ...found, outcome: state, settledAt: at })
    },
    closeOpen: async (text, at, waiting = []) => {
      for (const open of entries.filter(isOpen)) {
        if (waiting.includes(open.commandId)) continue
        replace(open, { ...open, outcome: 'unconfirmed', text, settledAt: at })
      }
    },
    read: async ({ before = Number.POSITIVE_INFINITY, sessionId, limit }) => {
      const fits = entries
        .filter((entry) => entry.number < before)
        .filter((entry) => sessionId === undefined || entry.sessionId === sessionId)
        .reverse()
      return { entries: fits.slice(0, limit), hasMore: fits.length > limit }
    },
    prune: async ({ before, keepPerDevice }) => {
      const isRefused = ({ outcome }: Entry) => Number(outcome === 'refused')
      const counts = new Map<string, number>()
      const kept = new Set<Entry>()
      for (const entry of entries.toReversed().sort((a, b) => isRefused(a) - isRefused(b))) {
        const device = entry.by.kind === 'device' ? entry.by.deviceId : ''
        const count = (counts.get(device) ?? 0) + 1
        counts.set(device, count)
        if (count <= keepPerDevice && entry.at >= before) kept.add(entry)
      }
      entries = entries.filter((entry) => kept.has(entry))
    },
  }
}
