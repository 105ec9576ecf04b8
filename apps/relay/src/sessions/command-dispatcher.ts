import {
  COMMANDS,
  type Command,
  type CommandId,
  type CommandRule,
  canonicalJson,
  type EventDraft,
  isAnswer,
  type Receipt,
  RelayError,
  type Scope,
  scopesToAnswer,
  sha256,
  toBase64Url,
  utf8,
} from '@bellhop/core'
import { type Clock, isoTime } from '../clock.ts'
import type { Logger } from '../logger.ts'
import { actorOf, type Principal, requireScope } from '../principal.ts'
import { aboutCommand, heldAbout } from './about-command.ts'
import { AGENT_REFUSALS, type AgentGuard } from './agent-guard.ts'
import type { AuditLog } from './audit-log.ts'
import { checkAnswer, checkPerson, chooseRoad, openWait } from './command-checks.ts'
import type { CommandLedger, LedgerEntry } from './command-ledger.ts'
import type { EventLog, SessionIndex } from './event-log.ts'
import { createHeldCommands, HELD_WORDS, type HeldParts, type Resumed } from './held-commands.ts'
import { isStoredDecision } from './held-past.ts'
import type { Ingest } from './ingest.ts'
import { createOnce } from './once.ts'
import { notOpen, settledBefore, wordsOf } from './past.ts'
import type { SessionSource, SourceCommand, Unconfirmed } from './session-source.ts'
import { asTold } from './told-words.ts'

/** The way in: takes commands for sessions, checks them, and has their sources do them. */
export interface CommandDispatcher {
  /**
   * Does a command once and answers how far it got. Throws `scope_missing` and `command_reused`;
   * every other refusal is a receipt. Waits a few seconds at most, then answers `pending`; what came
   * of it follows as `command.settled`. [CM-5] [CM-6]
   */
  dispatch(principal: Principal, command: Command): Promise<Receipt>
  /**
   * Settles what a crash interrupted as refused, but for what waits for a person: that goes on
   * waiting, and is what it answers. Called once, before anything is dispatched. [CM-7] [HC-4]
   */
  recover(): Promise<readonly CommandId[]>
  /** Carries out what had been allowed before the last stop; once the sources can be asked. [HC-4] */
  goOn(): void
  /** Stops waiting for sources; what is open then is settled by the next start. */
  stop(): void
}

export type DispatcherParts = {
  ledger: CommandLedger
  audit: Pick<AuditLog, 'note'>
  guard: AgentGuard
  sessions: Pick<SessionIndex, 'get'>
  log: Pick<EventLog, 'readBack' | 'onAppend'>
  devices: HeldParts['devices']
  ingest: Ingest
  sources: { find(sourceId: string): SessionSource | undefined }
  clock: Clock
  logger: Logger
  /** How long a caller is kept before it is told `pending`. */
  waitMs?: number
  /** How long a source has before its command counts as not taken. */
  performLimitMs?: number
}

const WAIT_MS = 4_000
const PERFORM_LIMIT_MS = 60_000

export const createCommandDispatcher = (parts: DispatcherParts): CommandDispatcher => {
  const { ledger, audit, guard, sessions, log, ingest, clock, logger } = parts
  const { waitMs = WAIT_MS, performLimitMs = PERFORM_LIMIT_MS } = parts
  const stopped = new AbortController()
  /** Commands under way, so that a repeat waits for the same outcome. [CM-1] */
  const underWay = new Map<string, Promise<Receipt>>()
  /** Permissions an answer is on its way to, or has reached; the log may not know yet. [PE-3] */
  const answered = createOnce<string>()
  /** What had been allowed when the relay stopped. */
  const allowed: [Command, LedgerEntry][] = []

  /** Checks a command, and finds who does it and what it answers. Reads top to bottom. */
  const prepare = async (command: Command, by: LedgerEntry['by'], scopes?: readonly Scope[]) => {
    if (command.expiresAt !== undefined && Date.parse(command.expiresAt) <= clock.nowMs()) {
      throw new RelayError('command_expired', { expiresAt: command.expiresAt })
    }
    // It may have been looked at, or held, for a while: whoever was removed meanwhile is refused.
    if (parts.devices.get(by.deviceId)?.revokedAt) throw new RelayError('device_removed')
    const session = await sessions.get(command.sessionId)
    if (!session) throw new RelayError('session_not_found', { sessionId: command.sessionId })
    if (session.status === 'ended') throw new RelayError('session_ended')
    const wait = isAnswer(command) ? openWait(command, session) : undefined
    if (isAnswer(command) && !wait) throw await notOpen(log, command)
    if (wait?.ask.kind === 'agent') checkPerson(wait.ask, by, scopes)
    const { sourceId } = chooseRoad(command, session, wait)
    if (isAnswer(command) && wait) await checkAnswer(command, wait.ask)
    return { wait, sourceId }
  }

  /** Has a command done that passes every check, or throws why not. */
  const run = async (
    command: Command,
    by: LedgerEntry['by'],
    scopes?: readonly Scope[],
  ): Promise<Unconfirmed | undefined> => {
    const { wait, sourceId } = await prepare(command, by, scopes)
    const isHeld = wait?.ask.kind === 'agent'
    if (isHeld && command.type === 'decide_permission') {
      await held.decide(command, by)
      return undefined
    }
    const source = parts.sources.find(sourceId)
    if (!source) throw new RelayError('source_unreachable', { sourceId })
    if (!isAnswer(command)) {
      return perform(source, { command: asTold(command, by), by } as SourceCommand)
    }

    const { permissionId } = command
    // Two sessions may each have one of the same name.
    const key = `${command.sessionId} ${permissionId}`
    if (!answered.take(key)) {
      throw new RelayError('permission_already_decided', { permissionId })
    }
    try {
      return await perform(source, { command: asTold(command, by), by } as SourceCommand)
    } catch (error) {
      // It was not applied, so the next answer may be.
      answered.release(key)
      throw error
    }
  }

  const perform = async (
    source: SessionSource,
    command: SourceCommand,
  ): Promise<Unconfirmed | undefined> => {
    const limit = AbortSignal.timeout(performLimitMs)
    const signal = AbortSignal.any([limit, stopped.signal])
    const gaveUp = new Promise<never>((_, reject) => {
      const giveUp = () => reject(new RelayError('source_unreachable'))
      signal.addEventListener('abort', giveUp, { once: true })
    })
    return (await Promise.race([source.perform(command, signal), gaveUp])) ?? undefined
  }

  const receiptFor = (command: Command, error: unknown): Receipt => {
    const { commandId } = command
    if (error instanceof RelayError) {
      return { commandId, state: 'refused', code: error.code, text: wordsOf(error) }
    }
    const reference = commandId.slice(-6)
    logger.error('a command failed', { commandId, type: command.type, reference, error })
    const { message } = new RelayError('internal')
    return {
      commandId,
      state: 'refused',
      code: 'internal',
      text: `${message} Reference ${reference}.`,
    }
  }

  /** Keeps the outcome and tells everyone who follows the session. [CM-6] */
  const settle = async (entry: LedgerEntry, receipt: Receipt): Promise<Receipt> => {
    try {
      await tell(entry, receipt)
      await ledger.settle(receipt, isoTime(clock.nowMs()))
    } catch (error) {
      // The outcome is what it is; the next start finds the command open and settles it.
      logger.error('an outcome was not kept', { commandId: receipt.commandId, error })
    }
    return receipt
  }

  const tell = async (entry: LedgerEntry, receipt: Receipt): Promise<void> => {
    const session = await sessions.get(entry.sessionId)
    if (!session) return
    const { commandId, commandType, sessionId, by } = entry
    const event: EventDraft = {
      type: 'command.settled',
      sessionId,
      at: isoTime(clock.nowMs()),
      dedupeKey: `command ${commandId}`,
      causedBy: commandId,
      commandId,
      commandType,
      outcome: receipt.state === 'pending' ? 'refused' : receipt.state,
      by,
      ...(receipt.code !== undefined && { code: receipt.code }),
      ...(receipt.text !== undefined && { text: receipt.text }),
    }
    await ingest.append(session.sourceId, [event])
  }

  const carryOut = async (
    command: Command,
    entry: LedgerEntry,
    scopes?: readonly Scope[],
  ): Promise<Receipt> => {
    let receipt: Receipt = { commandId: command.commandId, state: 'done' }
    try {
      const doubt = await run(command, entry.by, scopes)
      if (doubt) {
        receipt = { ...receipt, state: 'unconfirmed', text: doubt.unconfirmed }
      }
    } catch (error) {
      receipt = receiptFor(command, error)
    }
    // A relay that is going down settles nothing: it cannot know what the source still does. [CM-7]
    if (stopped.signal.aborted) return { commandId: command.commandId, state: 'pending' }
    await settle(entry, receipt)
    // Only now: what is allowed is carried out once, whatever happens to this relay. [HC-4]
    if (!stopped.signal.aborted) held.release(command.commandId)
    return receipt
  }

  /** Carries out so that the same command again waits for the same outcome. [CM-1] */
  const begin = (command: Command, entry: LedgerEntry, scopes?: readonly Scope[]) => {
    const { commandId } = command
    const outcome = carryOut(command, entry, scopes).finally(() => underWay.delete(commandId))
    underWay.set(commandId, outcome)
    return outcome
  }

  const held = createHeldCommands({
    ...parts,
    carryOut: (command, entry) => void begin(command, entry),
    refuse: settle,
  })

  /** Has a person asked first, where the command can be carried out at all. [HC-1] */
  const hold = async (command: Command, entry: LedgerEntry): Promise<Receipt> => {
    const { commandId } = command
    try {
      const { wait } = await prepare(command, entry.by)
      await held.hold(command, entry, heldAbout(command, wait?.ask))
      return { commandId, state: 'pending', text: HELD_WORDS }
    } catch (error) {
      return settle(entry, receiptFor(command, error))
    }
  }

  /** Takes a command, or refuses it and writes that down. [AL-4] */
  const admit = async (
    principal: Principal,
    command: Command,
    entry: LedgerEntry,
  ): Promise<Receipt | undefined> => {
    const session = isAnswer(command) ? await sessions.get(command.sessionId) : undefined
    const ask = session && isAnswer(command) ? openWait(command, session)?.ask : undefined
    const about = aboutCommand(command, ask)
    try {
      const { scope, alsoNeeds }: CommandRule = COMMANDS[command.type]
      const needed = ask?.kind === 'agent' ? scopesToAnswer(ask) : [scope, alsoNeeds ?? scope]
      for (const one of needed) requireScope(principal, one)
      entry.by = actorOf(principal, await guard.check(principal, command))
      return await ledger.claim(entry, about)
    } catch (error) {
      if (!(error instanceof RelayError)) throw error
      const { fingerprint: _, ...act } = entry
      const receipt = receiptFor(command, error)
      await audit.note({ ...act, about }, receipt)
      if (AGENT_REFUSALS.includes(error.code)) return receipt
      throw error
    }
  }

  const orPending = async (command: Command, outcome: Promise<Receipt>): Promise<Receipt> => {
    const { promise, resolve } = Promise.withResolvers<Receipt>()
    const pending: Receipt = { commandId: command.commandId, state: 'pending' }
    const timer = setTimeout(() => resolve(pending), waitMs)
    try {
      return await Promise.race([outcome, promise])
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    dispatch: async (principal, command) => {
      const { commandId, sessionId } = command
      const entry: LedgerEntry = {
        commandId,
        commandType: command.type,
        sessionId,
        by: actorOf(principal),
        fingerprint: toBase64Url(await sha256(utf8(canonicalJson(command)))),
        at: isoTime(clock.nowMs()),
      }
      const known = await admit(principal, command, entry)
      const going = underWay.get(commandId)
      if (known && !going) return held.isHeld(commandId) ? { ...known, text: HELD_WORDS } : known
      if (going) return orPending(command, going)
      // It may have been told to ask while its command was looked at.
      const { agent = principal.agent } = parts.devices.get(principal.deviceId) ?? {}
      if (agent?.asksFirst) {
        const holding = hold(command, entry).finally(() => underWay.delete(commandId))
        underWay.set(commandId, holding)
        return orPending(command, holding)
      }
      return orPending(command, begin(command, entry, principal.scopes))
    },
    recover: async () => {
      const open = await ledger.pending()
      const stands = new Map<CommandId, Resumed | undefined>()
      for (const entry of open) stands.set(entry.commandId, await held.resume(entry))
      const kept: CommandId[] = []
      for (const entry of open) {
        const { commandId } = entry
        const stand = stands.get(commandId)
        const before = await settledBefore(log, entry)
        if (before) await settle(entry, before)
        else if (stand?.state === 'refused') await settle(entry, { commandId, ...stand })
        else if (stand?.state === 'held') kept.push(commandId)
        else if (stand?.state === 'allowed') {
          kept.push(commandId)
          allowed.push([stand.command, entry])
        } else if (
          entry.commandType === 'decide_permission' &&
          (await isStoredDecision(log, entry))
        ) {
          await settle(entry, { commandId, state: 'done' })
        } else {
          const { code, message } = new RelayError('source_unreachable')
          const text = `The relay was restarted meanwhile, so it is not known whether this was taken. ${message}`
          await settle(entry, { commandId, state: 'refused', code, text })
        }
      }
      return kept
    },
    goOn: () => {
      for (const [command, entry] of allowed.splice(0)) void begin(command, entry)
    },
    stop: () => {
      held.stop()
      stopped.abort()
    },
  }
}
