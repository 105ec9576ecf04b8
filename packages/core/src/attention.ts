import { scopesToAnswer } from './answer-scopes.ts'
import type { SessionEvent } from './events/index.ts'
import type { PermissionId, SessionId } from './ids.ts'
import { maskSecrets } from './mask-secrets.ts'
import type { AnyAsk } from './permission.ts'
import { fitPush, type PushLevel, type PushMessage } from './push.ts'
import { firstLine, ownStatus } from './reduce-session.ts'
import type { Scope } from './scopes.ts'
import type { Session } from './session.ts'
import { askLine, askWords } from './tool-words.ts'

/** A reason to ring: somebody is asked, or a session stopped. */
export type Attention =
  | {
      kind: 'permission' | 'question' | 'plan'
      sessionId: SessionId
      permissionId: PermissionId
      tag: string
      at: string
      /** What a device has to hold to answer it, where that is not `answer`. [PU-10] */
      needs?: readonly Scope[]
    }
  | { kind: 'finished' | 'failed'; sessionId: SessionId; tag: string; at: string }

/**
 * Whether an event needs a person. A subagent’s end does not, an interruption by the person does
 * not, and neither does the end of a turn before `since`: that is old news being read in. Whoever
 * asks counts however old the asking is; whether it is still open, `stillNeeded` tells. Pure. [PU-3]
 */
export const attentionOf = (event: SessionEvent, since?: string): Attention | undefined => {
  const { sessionId, at } = event
  if (event.type === 'permission.requested') {
    const { permissionId } = event
    const { ask } = event
    return { kind: askKind(ask), sessionId, permissionId, tag: permissionId, at, ...needsOf(ask) }
  }
  if (event.type === 'turn.ended' && !event.subagent && event.outcome !== 'interrupted') {
    if (since !== undefined && Date.parse(at) < Date.parse(since)) return undefined
    return { kind: event.outcome, sessionId, tag: sessionId, at }
  }
  // Whether it had work under way then, `stillNeeded` tells.
  if (event.type === 'session.ended' && event.reason === 'died') {
    if (since !== undefined && Date.parse(at) < Date.parse(since)) return undefined
    return { kind: 'failed', sessionId, tag: sessionId, at }
  }
  return undefined
}

const askKind = ({ kind }: AnyAsk) => (kind === 'question' || kind === 'plan' ? kind : 'permission')

const needsOf = (ask: AnyAsk) => (ask.kind === 'agent' ? { needs: scopesToAnswer(ask) } : {})

/** What the session waits for as it stands now, for a reader that did not see the events. Pure. [PU-3] */
export const openAttentions = (session: Session): Attention[] =>
  session.waits.map(({ permissionId, ask, askedAt }) => ({
    kind: askKind(ask),
    sessionId: session.sessionId,
    permissionId,
    tag: permissionId,
    at: askedAt,
    ...needsOf(ask),
  }))

/** Whether the session, as it stands now, still needs what the attention was about. Pure. [PU-4] */
export const stillNeeded = (attention: Attention, session: Session | undefined): boolean => {
  // What is shown as another session rings as that one.
  if (session === undefined || session.joinedTo !== undefined) return false
  if ('permissionId' in attention) {
    return session.waits.some((wait) => wait.permissionId === attention.permissionId)
  }
  const atRest =
    ownStatus(session) === 'idle' || (session.status === 'ended' && attention.kind === 'failed')
  return atRest && session.lastOutcome === attention.kind
}

/** Where a tap on the notification leads, as a path of the app. */
export const attentionPath = (attention: Attention): string =>
  'permissionId' in attention
    ? `/#/s/${attention.sessionId}/${attention.permissionId}`
    : `/#/s/${attention.sessionId}`

/**
 * The push for an attention, saying as much as the device’s level allows. It sounds again over one
 * that still stands when it is a reminder or tells of a later turn. Pure. [PU-1] [PU-5]
 */
export const pushFor = (
  attention: Attention,
  session: Session,
  level: PushLevel,
  place: { publicUrl: string; waiting: number; reminder?: boolean },
): PushMessage => {
  const navigate = place.publicUrl.replace(/\/+$/, '') + attentionPath(attention)
  const { title, body } = words(attention, session, level)
  const asks = 'permissionId' in attention
  const review = level === 'private' ? 'Open' : REVIEW[attention.kind]
  return fitPush({
    web_push: 8030,
    notification: {
      title: shown(title),
      body: shown(body),
      navigate,
      tag: attention.tag,
      lang: 'en',
      dir: 'auto',
      silent: false,
      renotify: !asks || place.reminder === true,
      timestamp: Date.parse(attention.at),
      app_badge: String(place.waiting),
      data: {
        kind: attention.kind,
        sessionId: attention.sessionId,
        ...(asks && { permissionId: attention.permissionId }),
      },
      actions: asks ? [{ action: 'open', title: review, navigate }] : [],
    },
    app_badge: place.waiting,
    mutable: false,
  })
}

/** The push a person sends to see whether pushes arrive. */
export const testPush = (place: {
  publicUrl: string
  at: string
  waiting: number
}): PushMessage => ({
  web_push: 8030,
  notification: {
    title: 'Bellhop',
    body: 'A test. Rings reach this device.',
    navigate: `${place.publicUrl.replace(/\/+$/, '')}/#/settings`,
    tag: 'test',
    lang: 'en',
    dir: 'auto',
    silent: false,
    renotify: true,
    timestamp: Date.parse(place.at),
    app_badge: String(place.waiting),
    data: { kind: 'test' },
    actions: [],
  },
  app_badge: place.waiting,
  mutable: false,
})

/**
 * Text as it may stand on a lock screen: one line, and a box in place of each character that
 * would hide or reorder others.
 */
const shown = (text: string): string =>
  firstLine(text.toWellFormed().slice(0, CONSIDERED_MAX)).replaceAll(HIDDEN, '▯')

const HIDDEN = /[\p{Cc}\p{Cs}\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu
/** More than a notification ever shows; the rest of a long input is not even looked at. */
const CONSIDERED_MAX = 2_000

const REVIEW = {
  permission: 'Review',
  question: 'Answer',
  plan: 'Read',
  finished: 'Open',
  failed: 'Open',
}
const TITLES = {
  permission: 'needs you',
  question: 'needs you',
  plan: 'needs you',
  finished: 'finished',
  failed: 'stopped',
}
const PRIVATE = {
  permission: 'A session needs you.',
  question: 'A session needs you.',
  plan: 'A session needs you.',
  finished: 'A session finished.',
  failed: 'A session stopped.',
}

const masked = (text: string) => maskSecrets(text.slice(0, CONSIDERED_MAX))

const words = (
  attention: Attention,
  session: Session,
  level: PushLevel,
): { title: string; body: string } => {
  const plain = PRIVATE[attention.kind]
  if (level === 'private') return { title: 'Bellhop', body: plain }
  const name = session.project ?? session.title ?? session.machine
  const title = `${name} ${TITLES[attention.kind]}`
  if (!('permissionId' in attention)) {
    const line =
      attention.kind === 'failed'
        ? session.lastError
        : level === 'full'
          ? (session.lastLine ?? session.title)
          : session.title
    return { title, body: masked(line ?? '') || plain }
  }
  const wait = session.waits.find((one) => one.permissionId === attention.permissionId)
  if (wait === undefined) return { title, body: plain }
  const asked = askWords(wait.ask)
  const line = masked(askLine(wait.ask))
  if (level === 'brief') {
    return { title, body: wait.ask.kind === 'plan' && line ? `${asked}: ${line}` : asked }
  }
  return {
    title: `${name}: ${wait.ask.kind === 'agent' ? asked : asked.charAt(0).toLowerCase() + asked.slice(1)}`,
    body: line || plain,
  }
}
