import { entryOf, textOf } from '../../../claude-format/lines.ts'
import type { Fields } from '../cloud-api.ts'
import { CloudFailure, type FailureFacts } from '../cloud-failure.ts'
import { LOGIN_WORDS } from '../login/read-login.ts'
import { type Answer, asFields, parseJson } from './answer.ts'
import { clockOffMs, clockOffWords } from './clock-off.ts'

export type RefusalContext = {
  nowMs: number
  /** Whether the call was about one session, which may be gone. */
  isAboutSession: boolean
  /** Whether this server has answered this route before, and so has it. */
  isRouteKnown: boolean
}

/** What an organisation may ask of a sign-in, by `error.resource`. [A-89] */
const RESOURCES: Readonly<Record<string, string>> = {
  untrusted_device:
    'The organisation lets only trusted devices in, and the relay’s machine is none; ask its administrator.',
  session_stale_relogin:
    'The organisation asks for a fresh sign-in; run `claude auth login` on the relay’s machine.',
  session_security_tier_below_org_policy:
    'The organisation asks for a stronger sign-in; run `claude auth login` on the relay’s machine and follow what it asks.',
}

/** A word of theirs, fit to be shown: one line, no control characters, nothing like a token. */
const shown = (message: unknown): string =>
  typeof message === 'string'
    ? (message.split(/[\r\n]/)[0] ?? '')
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
        .replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '')
        .replaceAll(/sk-ant-[\w-]+/g, '••••')
        .slice(0, 200)
    : ''

/** Whether an answer is a word of the API, or of something in front of it. [A-5] */
const isFromApi = ({ headers }: Answer, body: Fields | undefined): boolean =>
  !headers.has('cf-mitigated') &&
  (/^req_/.test(headers.get('request-id') ?? '') ||
    typeof body?.request_id === 'string' ||
    (body?.type === 'error' && asFields(body.error) !== undefined))

/** Nobody is left alone for longer than this, whatever they ask. */
const MOST_ASKED_MS = 60 * 60_000

/** How long to leave them alone, by `Retry-After` in either form, on their own clock. [A-90] */
export const retryAfterMs = (headers: Headers, nowMs: number): number | undefined => {
  const text = headers.get('retry-after')?.trim()
  if (!text) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(MOST_ASKED_MS, Number(text) * 1_000)
  const atMs = Date.parse(text)
  if (Number.isNaN(atMs)) return undefined
  const leftMs = atMs - nowMs - (clockOffMs(headers, nowMs) ?? 0)
  return Math.min(MOST_ASKED_MS, Math.max(0, leftMs))
}

const loginWords = (message: string, answer: Answer, nowMs: number): string => {
  const off = clockOffWords(clockOffMs(answer.headers, nowMs))
  if (off)
    return `The relay’s clock is off by ${off}: set it right, and where that does not help run \`claude auth login\` on the relay’s machine.`
  return /expired/i.test(message) ? LOGIN_WORDS.expired : LOGIN_WORDS.ended
}

const ofApi = (
  answer: Answer,
  body: Fields | undefined,
  context: RefusalContext,
  facts: FailureFacts,
): CloudFailure | undefined => {
  const error = asFields(body?.error)
  const message = shown(error?.message)
  const said = message && `: “${message}”`
  switch (answer.status) {
    case 401:
      return new CloudFailure('login', loginWords(message, answer, context.nowMs), facts)
    case 403: {
      const resource = entryOf(RESOURCES, textOf(error?.resource))
      if (resource) return new CloudFailure('login', resource, facts)
      if (/\bscope/i.test(message)) return new CloudFailure('login', LOGIN_WORDS.lacksScope, facts)
      return new CloudFailure('refused', `Anthropic’s server does not allow this${said}.`, facts)
    }
    case 404: {
      const isVague = message === '' || /^not found\.?$/i.test(message)
      const isGone = context.isAboutSession && (context.isRouteKnown || !isVague)
      return isGone
        ? new CloudFailure('gone', 'This session is gone, or belongs to another account.', facts)
        : absent(facts)
    }
    case 409:
      return new CloudFailure('conflict', `The session is archived or not active${said}.`, facts)
    case 410:
      return new CloudFailure('expired', 'The place to go on from is too old.', facts)
    default:
      return undefined
  }
}

const absent = (facts: FailureFacts) =>
  new CloudFailure('absent', 'Anthropic’s server does not offer this call to this account.', facts)

/** Why an answer is a refusal, and of which kind. */
export const refusalOf = (answer: Answer, context: RefusalContext): CloudFailure => {
  const { status, headers } = answer
  const body = asFields(parseJson(answer.text))
  const facts: FailureFacts = { status }
  if (status === 429)
    return new CloudFailure(
      'limited',
      'Anthropic’s server asks for fewer calls; the relay waits and goes on by itself.',
      { ...facts, ...retryFacts(headers, context.nowMs) },
    )
  if (isFromApi(answer, body)) {
    const known = ofApi(answer, body, context, facts)
    if (known) return known
  } else {
    if (status === 404) return absent(facts)
    if (headers.has('cf-mitigated') || [401, 403, 407, 451].includes(status))
      return new CloudFailure(
        'edge',
        `The relay is turned away before it reaches Anthropic’s server (${status}); that passes by itself, unless a proxy or VPN does it.`,
        facts,
      )
  }
  if (status === 405 || status === 501) return absent(facts)
  if (status >= 300 && status < 400)
    return new CloudFailure(
      'unreachable',
      `Something on the way sends the relay elsewhere (${status}); sign in to the network of its machine.`,
      facts,
    )
  if (status >= 500 || status === 408 || status === 425)
    return new CloudFailure('unreachable', `Anthropic’s server has trouble (${status}).`, {
      ...facts,
      maybeDone: !NOT_BEGUN.includes(status),
      ...retryFacts(headers, context.nowMs),
    })
  const message = shown(asFields(body?.error)?.message)
  return new CloudFailure(
    'refused',
    `Anthropic’s server did not take this (${status})${message && `: “${message}”`}.`,
    facts,
  )
}

/** Answers of a server that did not begin with what it was asked: too late, too early, too busy. */
const NOT_BEGUN = [408, 425, 503, 529]

const retryFacts = (headers: Headers, nowMs: number): FailureFacts => {
  const ms = retryAfterMs(headers, nowMs)
  return ms === undefined ? {} : { retryAfterMs: ms }
}

/** An answer that says yes and makes no sense, as of a hotel’s network. */
export const senseless = (status: number): CloudFailure =>
  new CloudFailure(
    'unreachable',
    'What came back is not an answer of Anthropic’s server; a proxy or the sign-in page of a network may be in between.',
    { status, maybeDone: true },
  )
