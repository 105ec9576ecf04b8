import type { SessionEvent } from './events/index.ts'
import type { PermissionId, SessionId } from './ids.ts'
import { fitPush, type PushLevel, type PushMessage } from './push.ts'
import { firstLine } from './reduce-session.ts'
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
    }
  | { kind: 'finished' | 'failed'; sessionId: SessionId; tag: string; at: string }

/**
 * Whether an event needs a person. A subagent’s end does not, an interruption by the person does
 * not, and neither does what happened before `since`, which is history being read in. Pure. [PU-3]
 */
export const attentionOf = (event: SessionEvent, since?: string): Attention | undefined => {
  if (since !== undefined && event.at < since) return undefined
  const { sessionId, at } = event
  if (event.type === 'permission.requested') {
    const { permissionId } = event
    const kind = event.ask.kind === 'tool' ? 'permission' : event.ask.kind
    return { kind, sessionId, permissionId, tag: permissionId, at }
  }
  if (event.type === 'turn.ended' && !event.subagent && event.outcome !== 'interrupted') {
    return { kind: event.outcome, sessionId, tag: sessionId, at }
  }
  return undefined
}

/** Whether the session, as it stands now, still needs what the attention was about. Pure. [PU-4] */
export const stillNeeded = (attention: Attention, session: Session | undefined): boolean => {
  if (session === undefined) return false
  if ('permissionId' in attention) {
    return session.waits.some((wait) => wait.permissionId === attention.permissionId)
  }
  return session.status === 'idle' && session.lastOutcome === attention.kind
}

/** Where a tap on the notification leads, as a path of the app. */
export const attentionPath = (attention: Attention): string =>
  'permissionId' in attention
    ? `/#/s/${attention.sessionId}/${attention.permissionId}`
    : `/#/s/${attention.sessionId}`

/** The push for an attention, saying as much as the device’s level allows. Pure. [PU-1] [PU-5] */
export const pushFor = (
  attention: Attention,
  session: Session,
  level: PushLevel,
  place: { publicUrl: string; waiting: number },
): PushMessage => {
  const navigate = place.publicUrl + attentionPath(attention)
  const { title, body } = words(attention, session, level)
  const asks = 'permissionId' in attention
  return fitPush({
    web_push: 8030,
    notification: {
      title,
      body,
      navigate,
      tag: attention.tag,
      lang: 'en',
      dir: 'auto',
      silent: false,
      app_badge: String(place.waiting),
      data: {
        kind: attention.kind,
        sessionId: attention.sessionId,
        ...(asks && { permissionId: attention.permissionId }),
      },
      actions: asks ? [{ action: 'open', title: REVIEW[attention.kind], navigate }] : [],
    },
    app_badge: place.waiting,
    mutable: false,
  })
}

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

const words = (
  attention: Attention,
  session: Session,
  level: PushLevel,
): { title: string; body: string } => {
  if (level === 'private') return { title: 'Bellhop', body: PRIVATE[attention.kind] }
  const name = session.project ?? session.title ?? session.machine
  const wait =
    'permissionId' in attention
      ? session.waits.find((one) => one.permissionId === attention.permissionId)
      : undefined
  const summary = wait
    ? askWords(wait.ask)
    : attention.kind === 'failed'
      ? (session.lastError ?? '')
      : (session.title ?? '')
  if (level === 'brief' || !wait) {
    const body =
      level === 'full' && attention.kind === 'finished' ? (session.lastLine ?? summary) : summary
    return {
      title: `${name} ${TITLES[attention.kind]}`,
      body: firstLine(body || PRIVATE[attention.kind]),
    }
  }
  return {
    title: `${name}: ${summary.charAt(0).toLowerCase()}${summary.slice(1)}`,
    body: firstLine(maskSecrets(askLine(wait.ask))),
  }
}

/** Covers what looks like a secret in text bound for a lock screen; rather too much than too little. */
export const maskSecrets = (text: string): string =>
  text
    .replaceAll(
      /\b((?:[A-Z0-9_]*(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PWD)[A-Z0-9_]*)\s*[=:]\s*)\S+/gi,
      '$1••••',
    )
    .replaceAll(/(--?(?:password|token|secret|api-key|auth)[= ])\S+/gi, '$1••••')
    .replaceAll(/\b(?:Bearer|Basic)\s+\S+/gi, '••••')
    .replaceAll(/(:\/\/[^/\s:@]+:)[^@\s/]+@/g, '$1••••@')
    .replaceAll(/\b(?:sk|pk|ghp|gho|ghs|github_pat|xox[abpr]|AKIA|eyJ)[-_A-Za-z0-9.]{12,}/g, '••••')
