import type { Cursor, DeviceId, SessionId } from '@bellhop/core'
import type { Clock } from '../clock.ts'

/** How long a report counts; a device that still shows a session says so again before this is over. */
export const PRESENCE_LIFE_MS = 45_000
/** Devices remembered; beyond it the one that reported longest ago is forgotten. [I6] */
const DEVICES_KEPT = 500

/** What a device says is on its screen, and up to which place it has shown it. */
export type PresenceReport = {
  visible: boolean
  sessionId: SessionId | null
  shown: Cursor | null
}

/** Who is provably looking. Kept in memory alone: after a restart nobody is, until they say so. [I7] */
export interface Presence {
  report(deviceId: DeviceId, report: PresenceReport): void
  /**
   * Whether this very device has, since the moment and recently enough, reported the session
   * visible and shown up to the place. In every doubt the answer is no: a push too many is a buzz,
   * one too few is an agent that waits all night. [PU-4]
   */
  isShown(deviceId: DeviceId, sessionId: SessionId, cursor: Cursor, sinceMs: number): boolean
}

export const createPresence = ({ clock }: { clock: Clock }): Presence => {
  const reports = new Map<DeviceId, PresenceReport & { atMs: number }>()
  return {
    report: (deviceId, report) => {
      // Set anew, so that the map’s order is the order of last reports.
      reports.delete(deviceId)
      reports.set(deviceId, { ...report, atMs: clock.nowMs() })
      if (reports.size > DEVICES_KEPT) {
        for (const oldest of reports.keys()) {
          reports.delete(oldest)
          break
        }
      }
    },
    isShown: (deviceId, sessionId, cursor, sinceMs) => {
      const last = reports.get(deviceId)
      if (last === undefined || !last.visible || last.sessionId !== sessionId) return false
      const ageMs = clock.nowMs() - last.atMs
      if (ageMs < 0 || ageMs > PRESENCE_LIFE_MS || last.atMs < sinceMs) return false
      return last.shown !== null && reaches(last.shown, cursor)
    },
  }
}

/** Whether a place is at or past another one of the same log. */
const reaches = (shown: Cursor, cursor: Cursor): boolean => {
  const [shownLog, shownAt] = split(shown)
  const [log, at] = split(cursor)
  return shownLog === log && shownAt >= at
}

const split = (cursor: Cursor): [string, number] => {
  const dot = cursor.lastIndexOf('.')
  return [cursor.slice(0, dot), Number(cursor.slice(dot + 1))]
}
