import {
  type AnswerCommand,
  agentWords,
  BOUNDS,
  bareWords,
  type Command,
  canonicalJson,
  type DeviceId,
  type ErrorCode,
  isAnswer,
  ownStatus,
  RelayError,
  readAgentWords,
  type Session,
  type SessionId,
  type StartRequest,
  sha256,
  toBase64Url,
  utf8,
} from '@bellhop/core'
import type { Clock } from '../clock.ts'
import type { Principal } from '../principal.ts'
import { isCalled, isSameRun, isSending, rootOf, type Sent } from './agent-origin.ts'
import type { AuditLog } from './audit-log.ts'
import type { EventLog, SessionIndex } from './event-log.ts'
import { createLastWords, type PersonWord } from './last-words.ts'
import { createMinuteCounts } from './minute-counts.ts'
import { isMessage, type Message } from './told-words.ts'

/** How much agents may say. [MC-7] */
export const AGENT_BOUNDS = {
  /** Messages of one agent a minute. */
  perAgent: 20,
  /** Everything else one agent asks for a minute: answers, stops, settings. */
  perAgentElse: 60,
  /** Messages of all agents to one session a minute. */
  perSession: 20,
  /** Agents in a row a message is passed on by; a person’s word begins anew. */
  depth: 3,
  /** How long a call that was just made may take to stand in the log. */
  lookMs: 800,
  /** How long an agent that was looked for in vain is not waited for again. */
  outsideMs: 60_000,
  /** Messages kept in mind, so that one sent again is not counted again. */
  remembered: 1_000,
}

/** Keeps agents from flooding sessions and from talking in circles. A person is never held up. */
export interface AgentGuard {
  /**
   * Lets a command or a start pass, and answers how many agents in a row a message has come through,
   * 0 for all else. Refuses with one of `AGENT_REFUSALS`, and with `command_reused` what comes under
   * an id that stood for something else. [MC-7] [CM-1]
   */
  check(principal: Principal, asked: Command | StartRequest): Promise<number>
}

/** What it refuses with. */
export const AGENT_REFUSALS: readonly ErrorCode[] = [
  'agent_refused',
  'rate_limited',
  'own_session',
  'agent_too_deep',
  'body_too_large',
  'invalid_request',
]

export type GuardParts = {
  sessions: Pick<SessionIndex, 'get' | 'list'>
  log: Pick<EventLog, 'readBack' | 'onAppend'>
  audit: Pick<AuditLog, 'askedBy' | 'read'>
  clock: Clock
  bounds?: Partial<typeof AGENT_BOUNDS>
}

const refusal = (code: ErrorCode, words: string) =>
  Object.assign(new RelayError(code, { why: words }), { message: words })

const tooFree = () =>
  refusal('agent_refused', 'How much a session asks is for a person to set, from their own device.')

/** Whether it would say how much a session asks from then on, be it along with an answer. Pure. */
const setsAsking = (command: Command): boolean => {
  switch (command.type) {
    case 'set_permission_mode':
      return true
    case 'decide_permission':
      return command.decision.behavior === 'allow' && !!command.decision.suggestionIds?.length
    case 'decide_plan':
      return command.decision.behavior === 'approve' && command.decision.mode !== undefined
    default:
      return false
  }
}

const isOpen = ({ status }: Session) => status !== 'ended'
const isBusy = (session: Session) => ['working', 'waiting'].includes(ownStatus(session))

export const createAgentGuard = (parts: GuardParts): AgentGuard => {
  const { sessions, log, audit, clock } = parts
  const bounds = { ...AGENT_BOUNDS, ...parts.bounds }
  const byAgent = createMinuteCounts(clock.nowMs)
  const toSession = createMinuteCounts(clock.nowMs)
  const lastWord = createLastWords(log)
  const outsideAtMs = new Map<DeviceId, number>()
  const passed = new Map<string, { what: string; verdict: Promise<number> }>()

  const depthOfWord = async ({ sessionId, causedBy, text }: PersonWord) => {
    const by = causedBy && (await audit.askedBy(causedBy))
    if (by) return by.kind === 'device' ? (by.agent?.depth ?? 0) : 0
    if (!readAgentWords(text)) return 0
    // Nobody knows which command it came of; then it was the newest that fits.
    const { entries } = await audit.read({ sessionId, limit: 50 })
    for (const { by: one, outcome } of entries) {
      const depth = one.kind === 'device' ? one.agent?.depth : undefined
      if (depth && outcome !== 'refused') return depth
    }
    return 1
  }

  /** How many agents in a row what a run works on has come through. */
  const depthOf = async (session: Session, all: readonly Session[]): Promise<number> => {
    const rows = all.filter((one) => isOpen(one) && isSameRun(one, session))
    const words = (await Promise.all(rows.map(lastWord))).filter((word) => word !== undefined)
    const newest = words.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))[0]
    const same = words.filter(({ text }) => text === newest?.text)
    return Math.max(0, ...(await Promise.all(same.map(depthOfWord))))
  }

  const sendingNow = async (among: readonly Session[], sent: Sent) => {
    const found: Session[] = []
    for (const one of among) if (await isSending(log, one, sent)) found.push(one)
    return found
  }

  /**
   * The sessions among these whose agent sends this, given a moment to show in the log. Who was found
   * in no session is an agent from elsewhere, and is not made to wait again each time.
   */
  const lookFor = async (
    deviceId: DeviceId,
    among: () => Promise<readonly Session[]>,
    sent: Sent,
    busy: readonly Session[],
  ): Promise<Session[]> => {
    if (clock.nowMs() - (outsideAtMs.get(deviceId) ?? -Infinity) < bounds.outsideMs) return []
    const suspects = await among()
    if (suspects.length === 0) return []
    const untilMs = performance.now() + bounds.lookMs
    for (;;) {
      const found = await sendingNow(suspects, sent)
      if (found.length > 0) return found
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0) break
      await nextAppend(log, leftMs)
    }
    const isInside = (await sendingNow(busy, sent)).length > 0
    if (!isInside) outsideAtMs.set(deviceId, clock.nowMs())
    return []
  }

  /** Sessions it would matter to know that a message comes from. */
  const suspectsOf = async (busy: readonly Session[], target: Session | undefined) => {
    const isSuspect = async (one: Session) =>
      (target !== undefined && isSameRun(one, target)) || (await depthOf(one, busy)) > 0
    const verdicts = await Promise.all(busy.map(isSuspect))
    return busy.filter((_, at) => verdicts[at])
  }

  /** Where an agent runs, as its program says, or else as the log shows, given a moment to. */
  const originsOf = async (
    deviceId: DeviceId,
    message: Message,
    all: readonly Session[],
    target: Session | undefined,
  ): Promise<Session[]> => {
    const { fromSession } = message
    const busy = all.filter(isBusy)
    const declared = all.filter((one) => fromSession !== undefined && isCalled(one, fromSession))
    const rows = all.filter((one) => target !== undefined && isSameRun(one, target))
    const sent = { message, toIds: new Set<string>(rows.map(({ sessionId }) => sessionId)) }
    const seen = await sendingNow(busy, sent)
    if (seen.length > 0) outsideAtMs.delete(deviceId)
    if (declared.length + seen.length > 0) return [...declared, ...seen]
    return lookFor(deviceId, () => suspectsOf(busy, target), sent, busy)
  }

  const checkMessage = async (principal: Principal, message: Message): Promise<number> => {
    const { deviceId, name } = principal
    if ('permissionMode' in message && message.permissionMode !== undefined) throw tooFree()
    const by = await audit.askedBy(message.commandId)
    // Whose words they are is read from the id later.
    if (by?.kind === 'device' && by.deviceId !== deviceId) throw new RelayError('command_reused')
    if (!byAgent.take(deviceId, bounds.perAgent)) {
      throw refusal(
        'rate_limited',
        `An agent sends at most ${bounds.perAgent} messages a minute. Wait, then try again.`,
      )
    }
    const told = agentWords(name, message.text)
    if (told.length > BOUNDS.message) {
      throw refusal('body_too_large', 'That is too long for one message.')
    }
    if (bareWords(told).trim() === '') {
      throw refusal('invalid_request', 'There is nothing in it that can be said.')
    }
    const all = (await sessions.list()).sessions
    const to: SessionId | undefined = 'sessionId' in message ? message.sessionId : undefined
    const target = all.find(({ sessionId }) => sessionId === to)
    const origins = await originsOf(deviceId, message, all.filter(isOpen), target)
    if (target && origins.some((one) => isSameRun(one, target))) {
      throw refusal(
        'own_session',
        'This is the session you run in. What you say here reaches it already.',
      )
    }
    const depths = await Promise.all(origins.map((one) => depthOf(one, all)))
    const depth = Math.max(0, ...depths) + 1
    if (depth > bounds.depth) {
      throw refusal(
        'agent_too_deep',
        `This has been passed on by ${bounds.depth} agents in a row already. Leave it to a person to go on.`,
      )
    }
    if (target && !toSession.take(rootOf(target), bounds.perSession)) {
      throw refusal(
        'rate_limited',
        `Agents send at most ${bounds.perSession} messages a minute to one session. Wait, then try again.`,
      )
    }
    return depth
  }

  /** Whether an agent answers for the session it runs in, as its program says, or else the log. */
  const isOwnAnswer = async (deviceId: DeviceId, answer: AnswerCommand): Promise<boolean> => {
    const all = (await sessions.list()).sessions
    const target = all.find(({ sessionId }) => sessionId === answer.sessionId)
    if (!target) return false
    const rows = all.filter((one) => isSameRun(one, target))
    const { fromSession } = answer
    if (fromSession !== undefined) return rows.some((one) => isCalled(one, fromSession))
    const sent = {
      message: answer,
      toIds: new Set<string>(rows.map(({ sessionId }) => sessionId)),
    }
    const seen = await sendingNow(rows, sent)
    if (seen.length > 0) outsideAtMs.delete(deviceId)
    if (seen.length > 0) return true
    const busy = all.filter(isBusy)
    return (await lookFor(deviceId, async () => rows, sent, busy)).length > 0
  }

  const checkElse = async ({ deviceId, agent }: Principal, command: Command): Promise<number> => {
    // Being asked less often answers for the person in advance, so the person has to say it. [MC-7]
    if (setsAsking(command) && !agent?.asksFirst) throw tooFree()
    if (!byAgent.take(`${deviceId} else`, bounds.perAgentElse)) {
      throw refusal(
        'rate_limited',
        `An agent asks for at most ${bounds.perAgentElse} things a minute beside messages. Wait, then try again.`,
      )
    }
    if (isAnswer(command) && (await isOwnAnswer(deviceId, command))) {
      throw refusal('own_session', 'This is the session you run in. What it asks is not for you.')
    }
    return 0
  }

  return {
    check: async (principal, asked) => {
      if (!principal.agent) return 0
      const key = `${principal.deviceId} ${asked.commandId}`
      const what = toBase64Url(await sha256(utf8(canonicalJson(asked))))
      const known = passed.get(key)
      if (known && known.what !== what) throw new RelayError('command_reused')
      if (known) return known.verdict
      const verdict = isMessage(asked)
        ? checkMessage(principal, asked)
        : checkElse(principal, asked)
      passed.set(key, { what, verdict })
      if (passed.size > bounds.remembered) passed.delete([...passed.keys()][0] ?? '')
      verdict.catch(() => passed.delete(key))
      return verdict
    },
  }
}

/** Resolves after the next append, or in time. */
const nextAppend = async (log: Pick<EventLog, 'onAppend'>, withinMs: number): Promise<void> => {
  const next = Promise.withResolvers<void>()
  const timer = setTimeout(next.resolve, withinMs)
  using _ = log.onAppend(next.resolve)
  await next.promise
  clearTimeout(timer)
}
