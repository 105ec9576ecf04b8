import {
  BELLHOP_VERSION,
  type Device,
  type DeviceId,
  PROTOCOL_VERSION,
  RelayError,
  type SessionId,
  wireEvent,
} from '@bellhop/core'
import { calculateJwkThumbprint } from 'jose'
import type { DeviceRecord } from '../devices/device-registry.ts'
import { toDevice } from '../devices/devices.ts'
import type { Logger } from '../logger.ts'
import { requireScope } from '../principal.ts'
import type { DomainParts } from './app-parts.ts'
import { notedStart, readAudit } from './audit-calls.ts'
import type { Handlers } from './endpoint.ts'
import type { OpenStreams } from './open-streams.ts'
import { heldPoll } from './poll-answer.ts'
import { mcpServers, pastOf, places, readPast } from './source-calls.ts'
import { streamResponse } from './stream-response.ts'

const done = { ok: true } as const
/** What lists show an agent runs on. */
const AGENT_PLATFORM = 'MCP client'

/** What each endpoint does, in terms of the domain. */
export const createHandlers = (
  parts: DomainParts,
  streams: OpenStreams,
  logger: Logger,
): Handlers => {
  const { about, clock, devices, pairing, push } = parts

  const pushReaches = async (deviceId: DeviceId) => {
    const { subscribed, last } = await push.state(deviceId)
    return subscribed && last?.outcome !== 'failed' && last?.outcome !== 'gone'
  }

  const shown = async (device: DeviceRecord, asking: DeviceId): Promise<Device> =>
    toDevice(device, {
      current: device.deviceId === asking,
      push: await pushReaches(device.deviceId),
    })

  const own = (deviceId: DeviceId): DeviceRecord => {
    const device = devices.get(deviceId)
    if (!device) throw new RelayError('not_paired')
    return device
  }

  const forget = async (deviceId: DeviceId) => {
    await devices.revoke(deviceId)
    await push.subscribe(deviceId, null)
    return done
  }

  const sessionOf = async (sessionId: SessionId) => {
    const session = await parts.sessions.get(sessionId)
    if (!session) throw new RelayError('session_not_found', { sessionId })
    return session
  }

  return {
    health: () => ({
      ok: true,
      instanceId: about.instanceId,
      version: BELLHOP_VERSION,
      protocol: PROTOCOL_VERSION,
    }),

    pair: ({ input, key }) => pairing.claim(input, key),
    pairWait: ({ input, key, signal }) =>
      pairing.claimState(input.pairingId, key.thumbprint, signal),
    token: async ({ key }) => {
      const device = devices.byThumbprint(key.thumbprint)
      if (!device) throw new RelayError('not_paired')
      if (device.revokedAt !== null) throw new RelayError('device_removed')
      const issued = await parts.tokens.issue(device)
      return { ...issued, deviceId: device.deviceId, scopes: [...device.scopes] }
    },

    relay: async ({ principal }) => ({
      machine: about.machine,
      version: BELLHOP_VERSION,
      protocol: PROTOCOL_VERSION,
      instanceId: about.instanceId,
      publicUrl: about.publicUrl(),
      startedAt: about.startedAt,
      sources: [...parts.sources.states()],
      device: await shown(own(principal.deviceId), principal.deviceId),
    }),

    sessions: async () => {
      const { sessions, cursor } = await parts.sessions.list()
      return { sessions: [...sessions], cursor }
    },
    history: async ({ input, signal }) => {
      const { sessionId, before, limit, past } = input
      const session = await sessionOf(sessionId)
      parts.focus.look(session.joinedTo ?? sessionId)
      if (past !== undefined) return readPast(parts, session, { past, limit }, signal)
      const page = await parts.log.readBack({ sessionId, limit, ...(before && { before }) })
      // What came between the two reads is left to the stream, which starts at the session’s cursor.
      const last = page.events.findLastIndex((event) => event.cursor === session.cursor)
      const events = last < 0 ? [...page.events] : page.events.slice(0, last + 1)
      return {
        events: events.map(wireEvent),
        hasMore: page.hasMore,
        session,
        cursor: session.cursor,
        ...(!page.hasMore && pastOf(parts, session)),
      }
    },
    search: ({ input }) => parts.search.search(input),
    stream: ({ input, principal, tokenExpiresAtMs }) =>
      streamResponse({
        open: (signal) => parts.feed.open(input, signal),
        deviceId: principal.deviceId,
        endsInMs: tokenExpiresAtMs - clock.nowMs(),
        streams,
        onError: (error) => logger.error('a stream failed', { error }),
      }),
    poll: ({ input, principal, signal }) =>
      heldPoll({
        open: (stop) => parts.feed.open(input, stop),
        deviceId: principal.deviceId,
        streams,
        caller: signal,
        hold: input.hold ?? true,
      }),

    command: ({ input, principal }) => parts.dispatcher.dispatch(principal, input),
    mcpServers: async ({ input, signal }) => ({
      servers: await mcpServers(parts, await sessionOf(input.sessionId), signal),
    }),
    places: async ({ signal }) => ({ places: await places(parts, signal) }),
    start: async ({ input, principal, signal }) => ({
      sessionId: await notedStart(parts, principal, input, signal),
    }),
    auditLog: ({ input }) => readAudit(parts, input),

    presence: ({ input, principal }) => {
      if (input.visible && input.sessionId !== null) parts.focus.look(input.sessionId)
      else if (input.visible) parts.focus.lookAtList()
      parts.presence.report(principal.deviceId, input)
      return done
    },

    pushState: ({ principal }) => push.state(principal.deviceId),
    pushSubscribe: ({ input, principal }) =>
      push.subscribe(principal.deviceId, input.subscription, input.level),
    pushTest: ({ input, principal }) => {
      const { deviceId = principal.deviceId } = input
      if (deviceId !== principal.deviceId) requireScope(principal, 'admin')
      if (devices.get(deviceId)?.revokedAt !== null) throw new RelayError('device_not_found')
      return push.test(deviceId)
    },

    renameSelf: async ({ input, principal }) =>
      shown(await devices.rename(principal.deviceId, input.name), principal.deviceId),
    forgetSelf: ({ principal }) => forget(principal.deviceId),
    devices: async ({ principal }) => ({
      devices: await Promise.all(devices.list().map((device) => shown(device, principal.deviceId))),
    }),
    revoke: ({ input }) => forget(input.deviceId),

    addAgent: async ({ input, principal }) => {
      const { name, scopes, asksFirst, publicKey, tokenHash } = input
      const thumbprint = await calculateJwkThumbprint(publicKey)
      const device = await devices.addAgent({
        name,
        scopes,
        publicKey,
        thumbprint,
        tokenHash,
        platform: AGENT_PLATFORM,
        local: false,
        agent: { asksFirst },
      })
      return shown(device, principal.deviceId)
    },
    setAgent: async ({ input: { deviceId, asksFirst }, principal }) =>
      shown(await devices.setAgent(deviceId, { asksFirst }), principal.deviceId),

    offer: ({ input }) => pairing.offer(input),
    offerWait: ({ input, signal }) => pairing.offerState(input.pairingId, input.known, signal),
    offerDecide: ({ input }) => pairing.decide(input.pairingId, input.allow),
  }
}
