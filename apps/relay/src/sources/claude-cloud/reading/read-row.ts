/** The list’s word on a session. */
import type { SourceId } from '@bellhop/core'
import type { CloudRow } from '../cloud-api.ts'
import { choicesOf } from '../commands/initialize-session.ts'
import { withdrawPrompts } from './read-control.ts'
import type { ReadingState } from './reading-state.ts'
import { machineOf } from './row-facts.ts'
import { digestOf } from './session-facts.ts'
import { line, type Telling } from './telling.ts'

type Told = { sourceId: SourceId; machine: string | undefined }

/** Says what is new of the session as a whole: that it exists, once, then what changed. */
export function tellFacts(
  { facts, row, place }: Pick<ReadingState, 'facts' | 'row' | 'place'>,
  telling: Telling,
  { sourceId, machine }: Told,
): void {
  const { sessionId, at } = telling
  // What was never told of by itself is not while it is shown as another one.
  if (!facts.isStarted && place.sessionId !== sessionId) return
  const news = facts.takeNews()
  if (!facts.isStarted) {
    facts.isStarted = true
    telling.drafts.unshift({
      ...{ sessionId, at, type: 'session.started', sourceId, machine: machineOf(row, machine) },
      ...(row?.lastLine && { lastLine: line(row.lastLine) }),
      ...facts.known,
      choices: choicesOf(),
      dedupeKey: 'started',
    })
  } else if (news && !facts.isEnded) {
    const dedupeKey = `facts:${at}:${facts.changes}:${digestOf(news)}`
    telling.drafts.push({ sessionId, at, type: 'session.changed', ...news, dedupeKey })
  }
}

/** A flag that says working is not believed for longer than this: without a call under way, and with one. */
const staleMs = 15 * 60_000
const staleCallMs = 90 * 60_000

/** A session claims to work and nothing has happened for so long that nobody does. */
function endStale(state: ReadingState, telling: Telling, row: CloudRow): void {
  const { turns, prompts, calls, clock, recordMs } = state
  const { worker, connection, lastEventAtMs } = row
  if (!turns.isOpen || worker !== 'running' || connection !== 'connected') return
  // What the list speaks of has to have been read: the end of it may stand there.
  if (lastEventAtMs === undefined || recordMs === undefined || recordMs < lastEventAtMs) return
  const quietMs = clock.nowMs() - lastEventAtMs
  if (prompts.all.size > 0 || quietMs < (calls.isAnyOpen ? staleCallMs : staleMs)) return
  calls.breakOff(telling)
  turns.endEarly(telling, { outcome: 'interrupted' })
}

/** Prompts the list names are open; those it named and names no more lapse. */
function followPrompts(state: ReadingState, telling: Telling, row: CloudRow): void {
  const isThere = row.connection !== 'disconnected'
  state.prompts.canTake(isThere, state.clock.nowMs())
  if (!isThere) return
  for (const asked of state.prompts.follow(row, state.clock.nowMs()))
    state.prompts.tell(telling, asked, state.place)
}

export function tellRow(state: ReadingState, telling: Telling, about: Told, row: CloudRow): void {
  const { facts, clock, turns } = state
  const { sessionId, at } = telling
  const wasStarted = facts.isStarted
  facts.learnRow(row, clock.nowMs())
  if (!wasStarted) {
    const startedAtMs = row.createdAtMs ?? clock.nowMs()
    const start: Telling = { ...telling, at: new Date(startedAtMs).toISOString() }
    tellFacts(state, start, about)
  }
  if (row.isArchived) {
    if (facts.isEnded) return
    withdrawPrompts(state, telling)
    state.calls.endOrphans(telling)
    if (turns.isOpen) state.calls.breakOff(telling)
    turns.endEarly(telling, { outcome: 'interrupted' })
    tellFacts(state, telling, about)
    facts.isEnded = true
    if (!facts.isStarted) return
    const reason = state.isLeaving ? 'exited' : 'stopped'
    telling.drafts.push({ sessionId, at, type: 'session.ended', reason, dedupeKey: `ended:${at}` })
    return
  }
  // The same id comes back after hours, or from the archive, and goes on.
  if (facts.isEnded) {
    facts.isEnded = false
    facts.takeNews()
    telling.drafts.push({
      ...{ sessionId, at, type: 'session.resumed' },
      ...facts.known,
      dedupeKey: `resumed:${at}`,
    })
  } else tellFacts(state, telling, about)
  followPrompts(state, telling, row)
  state.need.follow(row, state.prompts.all.size > 0, clock.nowMs())
  const isAtRest = row.worker === 'idle' && row.connection === 'connected'
  turns.rests(isAtRest, row.lastEventAtMs ?? clock.nowMs())
  endStale(state, telling, row)
}
