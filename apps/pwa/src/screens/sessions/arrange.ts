import { type AnyAsk, askLine, outOfReachSince, type Session } from '@bellhop/core'
import { shortPath, withoutFolder } from '../../platform/paths.ts'
import type { StateShape } from '../../ui/state-glyph.tsx'

/** The list in its parts. Waiting and working sessions stand oldest first, so that a new one never pushes another away. */
export type Arrangement = {
  waiting: readonly Session[]
  working: readonly Session[]
  /** Changed since they were last opened, newest first. */
  fresh: readonly Session[]
  earlier: readonly Session[]
}

const by = (key: (session: Session) => string) => (a: Session, b: Session) =>
  key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.sessionId < b.sessionId ? -1 : 1
const oldestAskFirst = by((session) => session.waits[0]?.askedAt ?? session.statusAt)
const oldestFirst = by((session) => session.statusAt)
const newestFirst = (a: Session, b: Session) => oldestFirst(b, a)

/** Pure. `since` answers up to when a session has been seen. */
export function arrange(
  sessions: Iterable<Session>,
  since: (sessionId: string) => string,
): Arrangement {
  const all = [...sessions]
  // What a machine without a word does just now nobody knows, so it is not said to work.
  const works = (session: Session) =>
    session.status === 'working' && outOfReachSince(session) === undefined
  const rest = all.filter((session) => session.status !== 'waiting' && !works(session))
  const isFresh = (session: Session) => session.statusAt > since(session.sessionId)
  return {
    waiting: all.filter(({ status }) => status === 'waiting').sort(oldestAskFirst),
    working: all.filter(works).sort(oldestFirst),
    fresh: rest.filter(isFresh).sort(newestFirst),
    earlier: rest.filter((session) => !isFresh(session)).sort(newestFirst),
  }
}

/**
 * The newer sessions in the older order as far as it goes: nothing moves under a finger. What waits stays as it was to
 * the letter, because a slip that changes what it asks or goes away would put another under the tap.
 */
export function holdOrder(held: Arrangement, fresh: Arrangement): Arrangement {
  const now = new Map(
    Object.values(fresh)
      .flat()
      .map((session) => [session.sessionId, session]),
  )
  const hold = (part: readonly Session[]) =>
    part.map((session) => now.get(session.sessionId) ?? session)
  return {
    waiting: held.waiting,
    working: hold(held.working),
    fresh: hold(held.fresh),
    earlier: hold(held.earlier),
  }
}

/** The glyph of a session that nobody waits for. */
export function shapeOf(session: Session): StateShape {
  if (session.status === 'working') return 'working'
  if (session.lastOutcome === 'failed') return 'failed'
  if (session.lastOutcome === 'finished') return 'done'
  return session.status === 'ended' ? 'ended' : 'idle'
}

export const titleOf = (session: Session): string =>
  session.title ?? session.lastLine ?? session.project ?? 'New session'

/** What a row says a session does or did, in words. */
export function lineOf(session: Session, activity: string | undefined): string {
  const last = session.lastLine && plainWords(withoutFolder(session.lastLine, session.cwd))
  if (session.status === 'working')
    return (activity && withoutFolder(activity, session.cwd)) ?? last ?? 'Working'
  if (session.lastOutcome === 'failed') return `Stopped: ${session.lastError ?? 'no reason given'}`
  if (session.status === 'ended') return last || 'Ended'
  if (session.lastOutcome === 'interrupted') return 'Stopped by you'
  return last || 'Nothing said yet'
}

/** The one line an ask is about; a file is named from the session's folder, a command stays to the letter. */
export function askedLine(ask: AnyAsk, cwd: string | null): string {
  const line = askLine(ask)
  return ask.kind === 'tool' && 'path' in ask.tool ? shortPath(line, cwd) : line
}

/** A line without the marks of bold and code. */
const plainWords = (line: string) =>
  line.replace(/\*\*([^*]+)\*\*/g, '$1').replace(/`([^`]+)`/g, '$1')

/** `3 need you`, `1 needs you`, `All quiet`, or the same about the past. */
export function headline(waiting: number, isCurrent: boolean): string {
  if (waiting === 0) return isCurrent ? 'All quiet' : 'Was quiet'
  if (!isCurrent) return `${waiting} needed you`
  return waiting === 1 ? '1 needs you' : `${waiting} need you`
}

/** `2 working, 1 failed`, or undefined when there is nothing to count. */
export function tally(arrangement: Arrangement): string | undefined {
  const failed = arrangement.fresh.filter((session) => session.lastOutcome === 'failed').length
  const parts = [
    arrangement.working.length > 0 && `${arrangement.working.length} working`,
    failed > 0 && `${failed} failed`,
  ].filter(Boolean)
  return parts.length > 0 ? parts.join(', ') : undefined
}
