import {
  firstLine,
  maskSecrets,
  type ParsedRequestOf,
  RelayError,
  type ResponseOf,
  type SessionId,
  type StartRequest,
} from '@bellhop/core'
import { isoTime } from '../clock.ts'
import { actorOf, type Principal, requireScope } from '../principal.ts'
import type { Act } from '../sessions/audit-log.ts'
import { asTold } from '../sessions/told-words.ts'
import type { DomainParts } from './app-parts.ts'
import { start } from './source-calls.ts'

type Parts = Pick<
  DomainParts,
  'audit' | 'guard' | 'sources' | 'sessions' | 'devices' | 'logger' | 'clock'
>

/** A page of the audit log, each entry with its session’s title of today, and whether it is held. [AL-6] */
export const readAudit = async (
  { audit, sessions }: Parts,
  { limit, before, sessionId }: ParsedRequestOf<'auditLog'>,
): Promise<ResponseOf<'auditLog'>> => {
  const page = await audit.read({
    limit,
    ...(before !== undefined && { before }),
    ...(sessionId !== undefined && { sessionId }),
  })
  const titles = new Map<SessionId, string | null>()
  for (const { sessionId: id } of page.entries) {
    if (id && !titles.has(id)) titles.set(id, (await sessions.get(id))?.title ?? null)
  }
  const isOpen = page.entries.some(({ outcome }) => outcome === 'pending')
  const held = isOpen ? await heldCommands(sessions) : new Set()
  const entries = page.entries.map((entry) => ({
    ...entry,
    sessionTitle: (entry.sessionId && titles.get(entry.sessionId)) ?? null,
    ...(entry.outcome === 'pending' && held.has(entry.commandId) && { held: true as const }),
  }))
  return { entries, hasMore: page.hasMore }
}

/** The ids of the commands that wait for a person; a joined session’s wait with the one it is joined to. */
const heldCommands = async (sessions: Parts['sessions']): Promise<ReadonlySet<unknown>> => {
  const waits = (await sessions.list()).sessions.flatMap((session) => session.waits)
  return new Set(waits.map(({ ask }) => ask.kind === 'agent' && ask.command.commandId))
}

/** Starts a session, and writes down before that it was asked for and after what came of it. [AL-2] [AL-4] */
export const notedStart = async (
  parts: Parts,
  principal: Principal,
  request: StartRequest,
  signal: AbortSignal,
): Promise<SessionId> => {
  const { audit, guard, clock } = parts
  const { commandId } = request
  const act: Act = {
    commandId,
    commandType: 'start',
    sessionId: null,
    by: actorOf(principal),
    about: firstLine(maskSecrets(request.text)),
    at: isoTime(clock.nowMs()),
  }
  const refusal = (error: unknown) => {
    const { code, message } = error instanceof RelayError ? error : new RelayError('internal')
    return { commandId, state: 'refused', code, text: message } as const
  }
  try {
    requireScope(principal, 'drive')
    // How much it asks is answered in advance. [CM-2]
    if (request.permissionMode !== undefined) requireScope(principal, 'answer')
    if (principal.agent?.asksFirst) throw new RelayError('agent_must_ask')
    act.by = actorOf(principal, await guard.check(principal, request))
    // It may have been looked at for a while: what was said of the device meanwhile counts.
    const device = parts.devices.get(principal.deviceId)
    if (device?.revokedAt) throw new RelayError('device_removed')
    if (device?.agent?.asksFirst) throw new RelayError('agent_must_ask')
  } catch (error) {
    await audit.note(act, refusal(error))
    throw error
  }
  await audit.note(act)
  try {
    const sessionId = await start(parts, asTold(request, act.by), signal)
    await audit.settle({ commandId, state: 'done' }, isoTime(clock.nowMs()), sessionId)
    return sessionId
  } catch (error) {
    await audit.settle(refusal(error), isoTime(clock.nowMs()))
    throw error
  }
}
