import { createHash, randomUUID } from 'node:crypto'
import { BOUNDS, type Choices, cut, type SessionId } from '@bellhop/core'
import { fieldsOf, listOf, textOf } from '../../../claude-format/lines.ts'
import { isoTime, type Timing } from '../../../clock.ts'
import type { Fields } from '../cloud-api.ts'
import type { FollowedSession } from '../parts.ts'
import { queryWorker, resultOf } from './ask-worker.ts'
import { patienceFor } from './patience.ts'

const listed = 40
const line = (value: unknown) => cut(textOf(value) ?? '', BOUNDS.line).text

/** The modes workers take, in words. One that a session does not allow it refuses itself. */
const permissionModes = [
  { value: 'default', words: 'Ask before each change' },
  { value: 'acceptEdits', words: 'Change files without asking' },
  { value: 'plan', words: 'Only plan' },
  { value: 'auto', words: 'Let auto mode decide what needs asking' },
  { value: 'dontAsk', words: 'Never ask; refuse what no rule allows' },
]
const thinking = [
  { value: '0', words: 'No thinking' },
  { value: '4000', words: 'A little' },
  { value: '10000', words: 'More' },
  { value: '31999', words: 'As much as it can' },
]
/** Terminals name no models; these names every worker knows. */
const usualModels = [
  { value: 'default', words: 'The usual one' },
  { value: 'opus', words: 'Opus' },
  { value: 'sonnet', words: 'Sonnet' },
  { value: 'haiku', words: 'Haiku' },
]

const modelsIn = (result: Fields): NonNullable<Choices['models']> =>
  listOf(result.models)
    .slice(0, listed)
    .flatMap((value) => {
      const fields = fieldsOf(value) ?? {}
      const id = line(fields.value ?? fields.id ?? value)
      return id ? [{ value: id, words: line(fields.displayName ?? fields.display_name) || id }] : []
    })

/** What a session’s settings can be set to, by what its worker says; without its word, what is usual. Pure. */
export const choicesOf = (result: Fields = {}): Choices => {
  const models = modelsIn(result)
  return {
    models: models.length > 0 ? models : usualModels,
    permissionModes,
    thinking,
  }
}

/** The prompts an answer lists; undefined where the worker is one that does not list them. */
const pendingIn = (response: Fields): readonly unknown[] | undefined => {
  const listedThere =
    response.pending_permission_requests ?? resultOf(response).pending_permission_requests
  return Array.isArray(listedThere) ? listedThere : undefined
}

const once = (requests: readonly unknown[]): unknown[] => {
  const byId = new Map<string, unknown>()
  for (const request of requests) {
    const id = textOf(fieldsOf(request)?.request_id)
    if (id && !byId.has(id)) byId.set(id, request)
  }
  return [...byId.values()]
}

export type InitializeParts = {
  timing: Timing
  /** The session it is shown as, where that is another one. */
  shownAs?: SessionId
}

/** The choices each session was last told to have. */
const told = new WeakMap<FollowedSession, string>()
const underWay = new WeakMap<FollowedSession, Promise<boolean>>()

/**
 * Asks the worker what it waits for and what it can be set to, and tells both; false when it does not
 * say. Asked again while it is under way, it is the same asking. Never rejects over the worker’s or
 * the network’s refusal: what it would have told comes by the record as well.
 */
export const initializeSession = (
  session: FollowedSession,
  parts: InitializeParts,
  signal: AbortSignal,
): Promise<boolean> => {
  const known = underWay.get(session)
  if (known) return known
  const asked = initialize(session, parts, signal).finally(() => underWay.delete(session))
  underWay.set(session, asked)
  return asked
}

const initialize = async (
  session: FollowedSession,
  { timing, shownAs = session.sessionId }: InitializeParts,
  signal: AbortSignal,
): Promise<boolean> => {
  const ids = { uuid: randomUUID(), requestId: randomUUID() }
  const { waitMs } = patienceFor(session.row)
  let response: Fields | undefined
  try {
    // No dialog kinds are declared: what would come could not be answered from here.
    const request = { subtype: 'initialize' }
    response = await queryWorker(session, request, { ids, waitMs, timing }, signal)
  } catch {
    return false
  }
  if (!response) return false
  const pending = pendingIn(response)
  if (pending) await session.take(session.reader.readPending(once(pending)))
  const choices = choicesOf(resultOf(response))
  const text = JSON.stringify([shownAs, choices])
  if (told.get(session) === text) return true
  const at = isoTime(timing.nowMs())
  const digest = createHash('sha256').update(text).digest('base64url').slice(0, 16)
  await session.append([
    {
      type: 'session.changed',
      sessionId: shownAs,
      at,
      dedupeKey: `choices:${digest}:${at}`,
      choices,
    },
  ])
  told.set(session, text)
  return true
}
