import {
  type Actor,
  type Agent,
  type AgentAsk,
  BOUNDS,
  type Command,
  type CommandId,
  type CommandOf,
  check,
  commandSchema,
  type DeviceId,
  type ErrorCode,
  type EventDraft,
  isAnswer,
  type JsonObject,
  type PermissionId,
  type PermissionOutcome,
  type Receipt,
  RelayError,
  type Session,
  type SessionId,
} from '@bellhop/core'
import { type Clock, isoTime } from '../clock.ts'
import type { Logger } from '../logger.ts'
import { openWait } from './command-checks.ts'
import type { LedgerEntry } from './command-ledger.ts'
import type { EventLog, SessionIndex } from './event-log.ts'
import { heldInLog, type PastHeld } from './held-past.ts'
import type { Ingest } from './ingest.ts'
import { createMinuteCounts } from './minute-counts.ts'
import { notOpen } from './past.ts'

/** How much may wait for a person, and how long. [HC-5] [HC-6] [I6] */
const HELD_BOUNDS = {
  perAgent: 5,
  perSession: 20,
  /** Characters of all that waits for one agent: each is told whole with its session, in every list. */
  perAgentChars: 400_000,
  /** What one agent has a person asked a minute, answered or not: each may ring a phone. */
  perMinute: 10,
  lifeMs: 10 * 60_000,
  /** How often is looked whether one has run out. */
  lookMs: 1_000,
  /** How long after something happened is looked whether it matters: much happens at once. */
  soonMs: 50,
}

/** What an agent is told of a command that is held. */
export const HELD_WORDS = 'Waits for a person’s yes on the phone.'

/** Commands of agents that ask first, until a person says yes or no, or nobody can any more. */
export interface HeldCommands {
  /** Shows the command as a permission of its session. Refuses beyond the bounds. [HC-1] [HC-6] */
  hold(command: Command, entry: LedgerEntry, about: string): Promise<void>
  isHeld(commandId: CommandId): boolean
  /** Stores a person’s answer; what follows from it waits for `release`. [HC-4] */
  decide(command: CommandOf<'decide_permission'>, by: Actor): Promise<void>
  /** The answer has been settled: what was allowed is carried out, what was denied is refused. */
  release(decisionId: CommandId): void
  /** How a command that was open at the last stop stands; what still waits is held on. [HC-4] */
  resume(entry: LedgerEntry): Promise<Resumed | undefined>
  stop(): void
}

/** `held`: it goes on waiting; `allowed`: it is to be carried out; `refused`: it is over. */
export type Resumed =
  | { state: 'held' }
  | { state: 'allowed'; command: Command }
  | { state: 'refused'; code: string; text: string }

export type HeldParts = {
  sessions: Pick<SessionIndex, 'get'>
  log: Pick<EventLog, 'readBack' | 'onAppend'>
  ingest: Ingest
  devices: {
    get(deviceId: DeviceId): { revokedAt: string | null; agent?: Agent } | undefined
    onRevoked(listener: (deviceId: DeviceId) => void): Disposable
  }
  clock: Clock
  logger: Logger
  /** Carries the command out as its agent’s own. */
  carryOut(command: Command, entry: LedgerEntry): void
  /** Keeps that it was refused, and tells. */
  refuse(entry: LedgerEntry, receipt: Receipt): Promise<unknown>
}

type Held = {
  entry: LedgerEntry
  command: Command
  ask: AgentAsk
  permissionId: PermissionId
  /** The session it is shown in. */
  home: SessionId
  expiresAt: string
  isOver: boolean
  /** One thing at a time happens to it. */
  turn: Promise<unknown>
}

const charsOf = (command: Command): number => JSON.stringify(command).length

/** No source’s permission has such an id, and no other command this one. */
const heldPermissionId = (commandId: CommandId): PermissionId =>
  `per_held-${commandId.slice('cmd_'.length)}` as PermissionId

export const createHeldCommands = (parts: HeldParts): HeldCommands => {
  const { sessions, log, ingest, devices, clock, logger } = parts
  const open = new Map<PermissionId, Held>()
  const decided = new Map<CommandId, { held: Held; no?: Receipt }>()
  const asked = createMinuteCounts(clock.nowMs)
  let timer: ReturnType<typeof setInterval> | undefined
  let soon: ReturnType<typeof setTimeout> | undefined
  let looking = false
  let again = false

  /** The session that is shown for this one. [EV-7] */
  const homeOf = async (session: Session): Promise<SessionId> => {
    const { joinedTo } = session
    const shown = joinedTo === undefined ? undefined : await sessions.get(joinedTo)
    return shown && shown.status !== 'ended' ? shown.sessionId : session.sessionId
  }

  const append = async (drafts: readonly (EventDraft & { sessionId: SessionId })[]) => {
    const bySession = Map.groupBy(drafts, (draft) => draft.sessionId)
    for (const [sessionId, some] of bySession) {
      const session = await sessions.get(sessionId)
      if (session) await ingest.append(session.sourceId, some)
    }
  }

  const requested = (held: Held, dedupeKey: string): EventDraft => ({
    type: 'permission.requested',
    sessionId: held.home,
    at: isoTime(clock.nowMs()),
    dedupeKey,
    causedBy: held.entry.commandId,
    permissionId: held.permissionId,
    ask: held.ask,
    expiresAt: held.expiresAt,
  })

  const resolved = (
    held: Held,
    outcome: PermissionOutcome,
    said: { by: Actor; text?: string | undefined; causedBy?: CommandId },
  ): EventDraft => {
    const { text, ...rest } = said
    return {
      type: 'permission.resolved',
      sessionId: held.home,
      at: isoTime(clock.nowMs()),
      dedupeKey: `held ${held.entry.commandId} ${outcome} ${isoTime(clock.nowMs())}`,
      permissionId: held.permissionId,
      outcome,
      ...rest,
      ...(text !== undefined && { text: text.slice(0, BOUNDS.reason) }),
    }
  }

  const inTurn = <T>(held: Held, act: () => Promise<T>): Promise<T> => {
    const next = held.turn.then(act)
    held.turn = next.catch(() => {})
    return next
  }

  const add = (held: Held) => {
    open.set(held.permissionId, held)
    timer ??= setInterval(look, HELD_BOUNDS.lookMs).unref()
  }
  const drop = (held: Held) => {
    open.delete(held.permissionId)
    if (open.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  /** Ends it, once: `store` first, so that nothing happens that the log does not hold. */
  const end = async (held: Held, store: EventDraft): Promise<void> => {
    held.isOver = true
    try {
      await append([store])
    } catch (error) {
      held.isOver = false
      throw error
    }
    drop(held)
  }

  const withdraw = (held: Held, why: RelayError): Promise<void> =>
    inTurn(held, async () => {
      if (held.isOver) return
      const text = WITHDRAWN[why.code] ?? why.message
      await end(held, resolved(held, 'withdrawn', { by: { kind: 'source' }, text }))
      const { commandId } = held.entry
      await parts.refuse(held.entry, { commandId, state: 'refused', code: why.code, text })
    })

  const move = (held: Held, home: SessionId): Promise<void> =>
    inTurn(held, async () => {
      if (held.isOver) return
      const text = 'It is shown with the session this one was joined to.'
      const leave = resolved(held, 'withdrawn', { by: { kind: 'source' }, text })
      held.home = home
      const key = `held ${held.entry.commandId} ${isoTime(clock.nowMs())}`
      await append([requested(held, key), leave])
    })

  /** Whether it can still be answered, and where. */
  const lookAt = async (held: Held): Promise<void> => {
    const { command, entry } = held
    if (devices.get(entry.by.deviceId)?.revokedAt) {
      return withdraw(held, new RelayError('device_removed'))
    }
    const session = await sessions.get(entry.sessionId)
    if (!session || session.status === 'ended') {
      return withdraw(held, new RelayError('session_ended'))
    }
    if (Date.parse(held.expiresAt) <= clock.nowMs()) {
      return withdraw(held, new RelayError('agent_not_answered'))
    }
    if (isAnswer(command) && !openWait(command, session)) {
      return withdraw(held, await notOpen(log, command))
    }
    const home = await homeOf(session)
    if (home !== held.home) await move(held, home)
  }

  const look = async (): Promise<void> => {
    again = true
    if (looking) return
    looking = true
    while (again) {
      again = false
      for (const held of open.values()) {
        await lookAt(held).catch((error: unknown) => {
          logger.warn('a held command was not looked at', { id: held.entry.commandId, error })
        })
      }
    }
    looking = false
  }
  const lookSoon = () => {
    if (open.size === 0 || soon !== undefined) return
    soon = setTimeout(() => {
      soon = undefined
      void look()
    }, HELD_BOUNDS.soonMs).unref()
  }
  const heard = [log.onAppend(lookSoon), devices.onRevoked(lookSoon)]

  const checkRoom = (command: Command, entry: LedgerEntry, home: SessionId): void => {
    const all = [...open.values()]
    const own = all.filter((one) => one.entry.by.deviceId === entry.by.deviceId)
    const ofAgent = own.length
    const ofSession = all.filter((one) => one.home === home).length
    const chars = [command, ...own.map((one) => one.command)].map(charsOf)
    const isLong = chars.reduce((sum, one) => sum + one, 0) > HELD_BOUNDS.perAgentChars
    if (ofAgent >= HELD_BOUNDS.perAgent || ofSession >= HELD_BOUNDS.perSession || isLong) {
      throw new RelayError('rate_limited', { waiting: Math.max(ofAgent, ofSession) })
    }
    if (!asked.take(entry.by.deviceId, HELD_BOUNDS.perMinute)) throw new RelayError('rate_limited')
  }

  return {
    hold: async (command, entry, about) => {
      const { commandId, by } = entry
      const session = await sessions.get(command.sessionId)
      if (!session) throw new RelayError('session_not_found', { sessionId: command.sessionId })
      if (charsOf(command) > BOUNDS.heldCommand) {
        throw new RelayError('body_too_large')
      }
      const home = await homeOf(session)
      checkRoom(command, entry, home)
      const untilMs = clock.nowMs() + HELD_BOUNDS.lifeMs
      const given = command.expiresAt === undefined ? untilMs : Date.parse(command.expiresAt)
      const held: Held = {
        entry,
        command,
        ask: {
          kind: 'agent',
          deviceId: by.deviceId,
          agentName: by.name,
          command: { ...command } as unknown as JsonObject,
          ...(about !== '' && { about }),
        },
        permissionId: heldPermissionId(commandId),
        home,
        expiresAt: isoTime(Math.min(untilMs, given)),
        isOver: false,
        turn: Promise.resolve(),
      }
      add(held)
      await inTurn(held, () => append([requested(held, `held ${commandId}`)])).catch((error) => {
        drop(held)
        throw error
      })
      // What happened while it was stored counts too.
      lookSoon()
    },

    isHeld: (commandId) => open.has(heldPermissionId(commandId)),

    decide: async ({ permissionId, decision, commandId }, by) => {
      const held = open.get(permissionId)
      if (!held) throw new RelayError('permission_already_decided', { permissionId })
      await inTurn(held, async () => {
        if (held.isOver) throw new RelayError('permission_already_decided', { permissionId })
        // A machine that slept through it looks a moment later than it ran out.
        if (Date.parse(held.expiresAt) <= clock.nowMs()) throw new RelayError('agent_not_answered')
        const said = { by, causedBy: commandId }
        if (decision.behavior === 'allow') {
          await end(held, resolved(held, 'allowed', said))
          decided.set(commandId, { held })
          return
        }
        const { reason } = decision
        await end(held, resolved(held, 'denied', { ...said, text: reason }))
        const no = {
          commandId: held.entry.commandId,
          state: 'refused',
          ...refusalOf(reason),
        } as const
        decided.set(commandId, { held, no })
      })
    },

    release: (decisionId) => {
      const known = decided.get(decisionId)
      if (!known) return
      decided.delete(decisionId)
      const { held, no } = known
      if (no) void parts.refuse(held.entry, no)
      else parts.carryOut(held.command, held.entry)
    },

    resume: async (entry) => {
      const session = await sessions.get(entry.sessionId)
      if (!session || !entry.by.agent) return undefined
      const permissionId = heldPermissionId(entry.commandId)
      for (const place of new Set([await homeOf(session), session.sessionId])) {
        const shown = (await sessions.get(place))?.waits.find(
          (wait) => wait.permissionId === permissionId,
        )
        if (shown?.ask.kind !== 'agent') continue
        const { ask, expiresAt = isoTime(clock.nowMs()) } = shown
        const read = check(commandSchema, ask.command)
        const turn = Promise.resolve()
        const command = read.ok ? read.value : (ask.command as Command)
        // What this version cannot carry out runs out at once, and is said to have.
        const until = read.ok ? expiresAt : isoTime(0)
        add({
          entry,
          command,
          ask,
          permissionId,
          home: place,
          expiresAt: until,
          isOver: false,
          turn,
        })
        return { state: 'held' }
      }
      return resumedFrom(await heldInLog(log, [session, session.joinedTo], permissionId))
    },

    stop: () => {
      clearInterval(timer)
      clearTimeout(soon)
      for (const one of heard) one[Symbol.dispose]()
    },
  }
}

/** Why nobody is asked any more, where the code’s own sentence is for whoever tapped. */
const WITHDRAWN: Partial<Record<ErrorCode, string>> = {
  device_removed: 'The agent was removed, so this was not done.',
  permission_already_decided: 'What it would answer was decided meanwhile, so this was not done.',
}

const refusedAs = (code: ErrorCode) => {
  const { message } = new RelayError(code)
  return { code, text: message }
}

const refusalOf = (reason: string | undefined) => {
  const { code, text } = refusedAs('agent_not_allowed')
  return { code, text: reason === undefined ? text : `A person said no: ${reason}` }
}

/** What follows from how the log says it ended. */
const resumedFrom = (past: PastHeld | undefined): Resumed | undefined => {
  if (!past) return undefined
  const { ask, outcome, text, isSettled } = past
  if (outcome === 'denied') return { state: 'refused', ...refusalOf(text) }
  if (outcome !== 'allowed') return { state: 'refused', ...refusedAs('agent_not_answered') }
  const read = check(commandSchema, ask.command)
  // Once the answer was settled the command may have gone out: it is not done a second time.
  return isSettled || !read.ok ? undefined : { state: 'allowed', command: read.value }
}
