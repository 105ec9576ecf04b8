import * as v from 'valibot'
import { addAgentSchema } from './agents.ts'
import { auditEntrySchema } from './audit.ts'
import { lineSchema } from './bounds.ts'
import { commandSchema } from './commands/index.ts'
import { receiptSchema } from './commands/receipt.ts'
import type { Endpoint } from './endpoint.ts'
import {
  cursorSchema,
  deviceIdSchema,
  isoTimeSchema,
  pairingIdSchema,
  sessionIdSchema,
  sourceIdSchema,
} from './ids.ts'
import {
  deviceSchema,
  pairAnswerSchema,
  pairClaimSchema,
  pairingOfferSchema,
  pairingStateSchema,
} from './pairing.ts'
import { mcpServerSchema, placeSchema, startRequestSchema } from './places.ts'
import { PUSH_LEVELS, pushStateSchema, pushSubscriptionSchema } from './push.ts'
import { scopesSchema } from './scopes.ts'
import { searchAnswerSchema, searchRequestSchema } from './search.ts'
import { sessionSchema } from './session.ts'
import { pollAnswerSchema, streamRequestSchema } from './stream.ts'

/** Where to read on before the log, in the source’s own words. */
const pastSchema = v.pipe(v.string(), v.maxLength(200))
const done = v.object({ ok: v.literal(true) })
const sourceStateSchema = v.object({
  sourceId: sourceIdSchema,
  title: lineSchema,
  state: v.picklist(['ok', 'degraded', 'down']),
  text: lineSchema,
  /** Since when it has been in this state. */
  since: v.optional(isoTimeSchema),
  /** How it works just now, in lines for whoever looks into it. */
  details: v.optional(v.pipe(v.array(lineSchema), v.maxLength(40))),
})

/** Every HTTP endpoint of the relay, once. The relay mounts from it, the client calls by it. [EP-1] */
export const ENDPOINTS = {
  health: {
    method: 'GET',
    path: '/healthz',
    access: 'public',
    request: null,
    errors: [],
    does: 'Says that this relay is up and which one it is.',
    response: v.object({
      ok: v.literal(true),
      instanceId: v.string(),
      version: v.string(),
      protocol: v.number(),
    }),
  },
  pair: {
    method: 'POST',
    path: '/v1/pair',
    access: 'device',
    request: pairClaimSchema,
    response: pairAnswerSchema,
    errors: ['pairing_expired', 'rate_limited'],
    does: 'Claims a pairing code for the key that signed the call.',
  },
  pairWait: {
    method: 'POST',
    path: '/v1/pair/wait',
    access: 'device',
    request: v.object({ pairingId: pairingIdSchema }),
    response: pairAnswerSchema,
    errors: ['pairing_refused', 'pairing_expired', 'pairing_unknown', 'rate_limited'],
    does: 'Waits up to 25 s for the terminal to answer the claim of this key.',
  },
  token: {
    method: 'POST',
    path: '/v1/token',
    access: 'device',
    request: null,
    response: v.object({
      accessToken: v.string(),
      expiresInS: v.number(),
      deviceId: deviceIdSchema,
      scopes: scopesSchema,
    }),
    errors: ['not_paired', 'device_removed', 'rate_limited'],
    does: 'Gives the device that signed the call a token for five minutes.',
  },
  relay: {
    method: 'GET',
    path: '/v1/relay',
    access: 'watch',
    request: null,
    errors: [],
    does: 'Tells about the relay, its sources and the device that asks.',
    response: v.object({
      machine: lineSchema,
      version: lineSchema,
      protocol: v.number(),
      instanceId: v.string(),
      publicUrl: v.string(),
      startedAt: isoTimeSchema,
      sources: v.array(sourceStateSchema),
      device: deviceSchema,
    }),
  },
  sessions: {
    method: 'GET',
    path: '/v1/sessions',
    access: 'watch',
    request: null,
    response: v.object({ sessions: v.array(sessionSchema), cursor: cursorSchema }),
    errors: [],
    does: 'All sessions, and the cursor they are true at.',
  },
  history: {
    method: 'POST',
    path: '/v1/history',
    access: 'watch',
    request: v.object({
      sessionId: sessionIdSchema,
      before: v.optional(cursorSchema),
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)),
      /** From an answer before: reads what lies before everything the log holds, at its source. [ST-10] */
      past: v.optional(pastSchema),
    }),
    errors: ['session_not_found', 'source_unreachable', 'source_refused', 'agent_login_needed'],
    does: 'The events of one session before a cursor (absent: the newest), or with `past` those before all of them, in their order.',
    response: v.object({
      events: v.array(v.unknown()),
      hasMore: v.boolean(),
      session: sessionSchema,
      cursor: cursorSchema,
      /** There is more at the session’s source before the first of these events; take it to read on. */
      past: v.optional(pastSchema),
    }),
  },
  search: {
    method: 'POST',
    path: '/v1/search',
    access: 'watch',
    request: searchRequestSchema,
    response: searchAnswerSchema,
    errors: ['session_not_found'],
    does: 'Finds words in the transcripts the log holds, the newest first.',
  },
  stream: {
    method: 'POST',
    path: '/v1/stream',
    access: 'watch',
    request: streamRequestSchema,
    response: null,
    errors: [],
    does: 'Streams frames from a cursor on.',
  },
  poll: {
    method: 'POST',
    path: '/v1/poll',
    access: 'watch',
    request: streamRequestSchema,
    response: pollAnswerSchema,
    errors: [],
    does: 'The same frames by long poll, for lines that hold a stream back; held up to 25 s.',
  },
  command: {
    method: 'POST',
    path: '/v1/commands',
    access: 'watch',
    request: commandSchema,
    response: receiptSchema,
    errors: [
      'scope_missing',
      'session_not_found',
      'session_ended',
      'not_supported',
      'permission_not_found',
      'permission_already_decided',
      'shown_input_differs',
      'suggestion_unknown',
      'command_expired',
      'command_reused',
      'source_unreachable',
      'source_refused',
      'agent_login_needed',
      'rate_limited',
      'own_session',
      'agent_too_deep',
      'agent_refused',
      'agent_not_allowed',
      'agent_not_answered',
      'device_removed',
    ],
    does: 'Asks a session for something; the command’s own scope is checked too.',
  },
  mcpServers: {
    method: 'POST',
    path: '/v1/sessions/mcp',
    access: 'watch',
    request: v.object({ sessionId: sessionIdSchema }),
    response: v.object({ servers: v.pipe(v.array(mcpServerSchema), v.maxLength(200)) }),
    errors: [
      'session_not_found',
      'session_ended',
      'not_supported',
      'source_unreachable',
      'source_refused',
      'agent_login_needed',
    ],
    does: 'Asks a session which MCP servers it has and how they are.',
  },
  places: {
    method: 'GET',
    path: '/v1/places',
    access: 'drive',
    request: null,
    response: v.object({ places: v.pipe(v.array(placeSchema), v.maxLength(200)) }),
    errors: [],
    does: 'Where sessions can be started.',
  },
  start: {
    method: 'POST',
    path: '/v1/start',
    access: 'watch',
    request: startRequestSchema,
    response: v.object({ sessionId: sessionIdSchema }),
    errors: [
      'scope_missing',
      'place_unknown',
      'command_reused',
      'source_unreachable',
      'source_refused',
      'agent_login_needed',
      'rate_limited',
      'agent_too_deep',
      'agent_must_ask',
    ],
    does: 'Starts a session; answers once it exists. The same command again gives the same session. Like a command it needs `drive`.',
  },
  auditLog: {
    method: 'POST',
    path: '/v1/log',
    access: 'watch',
    request: v.object({
      /** Only entries before this number; absent means the newest. */
      before: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
      sessionId: v.optional(sessionIdSchema),
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200)),
    }),
    response: v.object({ entries: v.array(auditEntrySchema), hasMore: v.boolean() }),
    errors: [],
    does: 'Who asked for what, when, and what came of it; newest first.',
  },
  presence: {
    method: 'POST',
    path: '/v1/presence',
    access: 'watch',
    people: true,
    request: v.object({
      visible: v.boolean(),
      sessionId: v.nullable(sessionIdSchema),
      shown: v.nullable(cursorSchema),
    }),
    response: done,
    errors: [],
    does: 'Says what is on the screen, and up to which place it has been shown.',
  },
  pushState: {
    method: 'GET',
    path: '/v1/push',
    access: 'watch',
    people: true,
    request: null,
    response: pushStateSchema,
    errors: [],
    does: 'How pushes to this device stand.',
  },
  pushSubscribe: {
    method: 'POST',
    path: '/v1/push',
    access: 'watch',
    people: true,
    request: v.object({
      subscription: v.nullable(pushSubscriptionSchema),
      level: v.optional(v.picklist(PUSH_LEVELS)),
    }),
    response: pushStateSchema,
    errors: ['push_endpoint_refused'],
    does: 'Sets or, with null, removes this device’s push subscription.',
  },
  pushTest: {
    method: 'POST',
    path: '/v1/push/test',
    access: 'watch',
    people: true,
    request: v.object({ deviceId: v.optional(deviceIdSchema) }),
    response: v.object({ outcome: v.picklist(['sent', 'gone', 'failed']), detail: lineSchema }),
    errors: ['push_not_subscribed', 'push_failed', 'device_not_found', 'rate_limited'],
    does: 'Sends a test push to this device, or with admin to another, and says what the push service answered.',
  },
  renameSelf: {
    method: 'POST',
    path: '/v1/device',
    access: 'watch',
    people: true,
    request: v.object({ name: v.pipe(lineSchema, v.minLength(1)) }),
    response: deviceSchema,
    errors: [],
    does: 'Renames the device that asks.',
  },
  forgetSelf: {
    method: 'POST',
    path: '/v1/device/forget',
    access: 'watch',
    request: null,
    response: done,
    errors: [],
    does: 'Removes the device that asks, at once.',
  },
  devices: {
    method: 'GET',
    path: '/v1/devices',
    access: 'admin',
    request: null,
    response: v.object({ devices: v.array(deviceSchema) }),
    errors: [],
    does: 'All paired devices.',
  },
  revoke: {
    method: 'POST',
    path: '/v1/devices/revoke',
    access: 'admin',
    request: v.object({ deviceId: deviceIdSchema }),
    response: done,
    errors: ['device_not_found'],
    does: 'Removes a device at once and closes its streams.',
  },
  addAgent: {
    method: 'POST',
    path: '/v1/agents',
    access: 'admin',
    request: addAgentSchema,
    response: deviceSchema,
    errors: ['name_taken'],
    does: 'Lets an agent in as a device of its own.',
  },
  setAgent: {
    method: 'POST',
    path: '/v1/agents/set',
    access: 'admin',
    request: v.object({ deviceId: deviceIdSchema, asksFirst: v.boolean() }),
    response: deviceSchema,
    errors: ['device_not_found'],
    does: 'Says whether an agent has to ask a person first.',
  },
  offer: {
    method: 'POST',
    path: '/v1/pairings',
    access: 'admin',
    request: v.object({ scopes: v.optional(scopesSchema), confirm: v.optional(v.boolean()) }),
    response: pairingOfferSchema,
    errors: [],
    does: 'Makes a new pairing code; an older open one stops working. `confirm: false` lets a scanned code in unasked.',
  },
  offerWait: {
    method: 'POST',
    path: '/v1/pairings/wait',
    access: 'admin',
    request: v.object({ pairingId: pairingIdSchema, known: v.optional(v.string()) }),
    response: pairingStateSchema,
    errors: ['pairing_unknown'],
    does: 'Waits up to 25 s for the offer to be in another state than the known one.',
  },
  offerDecide: {
    method: 'POST',
    path: '/v1/pairings/decide',
    access: 'admin',
    request: v.object({ pairingId: pairingIdSchema, allow: v.boolean() }),
    response: pairingStateSchema,
    errors: ['pairing_unknown', 'pairing_expired'],
    does: 'Lets the claimed device in, or does not.',
  },
} as const satisfies Record<string, Endpoint>

export type EndpointName = keyof typeof ENDPOINTS
export type RequestOf<Name extends EndpointName> =
  (typeof ENDPOINTS)[Name]['request'] extends infer S extends v.GenericSchema
    ? v.InferInput<S>
    : null
export type ParsedRequestOf<Name extends EndpointName> =
  (typeof ENDPOINTS)[Name]['request'] extends infer S extends v.GenericSchema
    ? v.InferOutput<S>
    : null
export type ResponseOf<Name extends EndpointName> =
  (typeof ENDPOINTS)[Name]['response'] extends infer S extends v.GenericSchema
    ? v.InferOutput<S>
    : null
