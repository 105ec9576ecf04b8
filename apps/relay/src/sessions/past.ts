import {
  type Actor,
  type AnswerCommand,
  type Cursor,
  type Receipt,
  RelayError,
  type SessionEvent,
  type SessionId,
} from '@bellhop/core'
import type { LedgerEntry } from './command-ledger.ts'
import type { EventLog } from './event-log.ts'

/** How far back is looked for something: whoever asks for older things gets a plainer answer. [I6] */
const PAGES = 8
const PAGE = 250

/** The newest event of a session that fits, as far back as it is worth looking. */
export const findBack = async <Found>(
  log: Pick<EventLog, 'readBack'>,
  sessionId: SessionId,
  fits: (event: SessionEvent) => Found | undefined,
): Promise<Found | undefined> => {
  let before: Cursor | undefined
  for (let pages = 0; pages < PAGES; pages++) {
    const page = await log.readBack({ sessionId, limit: PAGE, ...(before && { before }) })
    for (const event of page.events.toReversed()) {
      const found = fits(event)
      if (found !== undefined) return found
    }
    before = page.events[0]?.cursor
    if (!page.hasMore || !before) return undefined
  }
  return undefined
}

/** Why an answer to a permission that is not open is refused, and who was first. [PE-3] */
export const notOpen = async (
  log: Pick<EventLog, 'readBack'>,
  { sessionId, permissionId }: AnswerCommand,
): Promise<RelayError> => {
  const past = await findBack(log, sessionId, (event) => {
    const isIts = 'permissionId' in event && event.permissionId === permissionId
    if (!isIts) return undefined
    if (event.type === 'permission.resolved') return { outcome: event.outcome, ...nameOf(event.by) }
    return {}
  })
  return past === undefined
    ? new RelayError('permission_not_found', { permissionId })
    : new RelayError('permission_already_decided', { permissionId, ...past })
}

const nameOf = (by: Actor) =>
  by.kind === 'device'
    ? { by: `on ${by.name}` }
    : by.kind === 'terminal' && { by: 'at the terminal' }

/** A refusal in words, with who was first or what does not fit where that is known. */
export const wordsOf = ({ code, details, message }: RelayError): string => {
  const { outcome, by, issue } = details
  if (code === 'invalid_request' && typeof issue === 'string') return `This does not fit: ${issue}.`
  if (code !== 'permission_already_decided' || outcome === undefined) return message
  if (outcome === 'withdrawn') return 'This is no longer asked. What you tapped was not applied.'
  return `Already ${outcome}${by === undefined ? '' : `, ${by}`}. What you tapped was not applied.`
}

/** The outcome of a command that was told before the relay could note it. [CM-7] */
export const settledBefore = (
  log: Pick<EventLog, 'readBack'>,
  { sessionId, commandId }: LedgerEntry,
): Promise<Receipt | undefined> =>
  findBack(log, sessionId, (event) => {
    if (event.type !== 'command.settled' || event.commandId !== commandId) return undefined
    const { outcome: state, code, text } = event
    return {
      commandId,
      state,
      ...(code !== undefined && { code }),
      ...(text !== undefined && { text }),
    }
  })
