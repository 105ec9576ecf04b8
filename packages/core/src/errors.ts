import * as v from 'valibot'

type ErrorEntry = { readonly status: number; readonly retry: boolean; readonly text: string }

/**
 * Every way Bellhop refuses, once: its HTTP status, whether the same call can succeed later, and a
 * sentence that tells a person what to do. Codes never change; sentences may. Clients branch on the
 * code only. [ER-1]
 */
export const ERRORS = {
  invalid_request: {
    status: 400,
    retry: false,
    text: 'The relay could not read this. Update the app, then try again.',
  },
  body_too_large: { status: 413, retry: false, text: 'That is too large to send. Shorten it.' },
  host_refused: {
    status: 421,
    retry: false,
    text: 'This address is not one the relay answers to. Start it with --public-url and this address.',
  },
  origin_refused: {
    status: 403,
    retry: false,
    text: 'Another web page tried to use the relay. Open Bellhop itself.',
  },
  not_found: { status: 404, retry: false, text: 'There is nothing here.' },
  rate_limited: {
    status: 429,
    retry: true,
    text: 'Too many tries. Wait a moment, then try again.',
  },
  not_paired: {
    status: 401,
    retry: false,
    text: 'This device is not paired. Run `bellhop pair` and scan the code.',
  },
  device_removed: {
    status: 401,
    retry: false,
    text: 'This device was removed. Run `bellhop pair` to let it in again.',
  },
  token_invalid: {
    status: 401,
    retry: true,
    text: 'The sign-in ran out. It is renewed by itself.',
  },
  proof_nonce_needed: {
    status: 401,
    retry: true,
    text: 'The relay wants a fresh proof. It is sent by itself.',
  },
  proof_invalid: {
    status: 401,
    retry: false,
    text: 'The proof that came with this does not fit. Check the clock of this device, then pair again.',
  },
  proof_replayed: {
    status: 401,
    retry: false,
    text: 'This proof was used before. What it asked for was not done again.',
  },
  scope_missing: {
    status: 403,
    retry: false,
    text: 'This device may not do that. Pair it again with the scope it needs.',
  },
  agent_refused: {
    status: 403,
    retry: false,
    text: 'Only a person can do that, from a device of their own.',
  },
  agent_not_allowed: { status: 403, retry: false, text: 'A person said no to this.' },
  agent_not_answered: {
    status: 409,
    retry: true,
    text: 'Nobody said yes or no to this in time, so it was not done.',
  },
  agent_must_ask: {
    status: 403,
    retry: false,
    text: 'This agent asks a person first, and a start cannot be asked for. Start it yourself, or run `bellhop mcp ask-me <name> off`.',
  },
  own_session: {
    status: 409,
    retry: false,
    text: 'This is the session you run in. What you say here reaches it already.',
  },
  agent_too_deep: {
    status: 409,
    retry: false,
    text: 'Too many agents in a row have passed this on. Leave it to a person to go on.',
  },
  pairing_expired: {
    status: 410,
    retry: false,
    text: 'This code is wrong, used or too old. Run `bellhop pair` for a new one.',
  },
  pairing_refused: { status: 403, retry: false, text: 'The terminal said no to this device.' },
  pairing_unknown: {
    status: 404,
    retry: false,
    text: 'No such pairing waits. Run `bellhop pair` for a new code.',
  },
  name_taken: {
    status: 409,
    retry: false,
    text: 'An agent has this name already. Remove it first, or take another name.',
  },
  device_not_found: {
    status: 404,
    retry: false,
    text: 'No such device. `bellhop devices` lists them.',
  },
  session_not_found: { status: 404, retry: false, text: 'The relay does not know this session.' },
  session_ended: { status: 409, retry: false, text: 'This session has ended.' },
  not_supported: { status: 409, retry: false, text: 'This session cannot be asked to do that.' },
  permission_not_found: {
    status: 404,
    retry: false,
    text: 'The relay does not know this permission.',
  },
  permission_already_decided: {
    status: 409,
    retry: false,
    text: 'This was already decided. What you tapped was not applied.',
  },
  shown_input_differs: {
    status: 409,
    retry: false,
    text: 'What is asked has changed since you saw it. Read it again.',
  },
  suggestion_unknown: {
    status: 409,
    retry: false,
    text: 'That rule was not among the ones offered. Read the permission again.',
  },
  command_expired: {
    status: 409,
    retry: false,
    text: 'It was too late to do this, so it was not done.',
  },
  command_reused: {
    status: 409,
    retry: false,
    text: 'This id was used for something else before.',
  },
  source_unreachable: {
    status: 503,
    retry: true,
    text: 'The machine that runs this session cannot be reached.',
  },
  agent_login_needed: {
    status: 503,
    retry: true,
    text: 'The sign-in of the coding agent on the relay’s machine has ended or does not cover this. Sign in there again.',
  },
  place_unknown: {
    status: 404,
    retry: false,
    text: 'Sessions cannot be started there (any more).',
  },
  source_refused: { status: 409, retry: false, text: 'The session did not take it.' },
  push_endpoint_refused: {
    status: 400,
    retry: false,
    text: 'The relay does not send to this push service.',
  },
  push_not_subscribed: {
    status: 409,
    retry: false,
    text: 'This device has no push subscription. Switch notifications on first.',
  },
  push_failed: { status: 502, retry: true, text: 'The push service did not take the message.' },
  port_taken: {
    status: 500,
    retry: false,
    text: 'Another program uses this port. Choose one with --port.',
  },
  data_folder_unusable: {
    status: 500,
    retry: false,
    text: 'The data folder cannot be written. Fix its permissions or choose one with --data-dir.',
  },
  database_newer: {
    status: 500,
    retry: false,
    text: 'The database was written by a newer Bellhop. Update this one; nothing was changed.',
  },
  database_broken: {
    status: 500,
    retry: false,
    text: 'The database cannot be read. Restore it from a backup or move it away; nothing was changed.',
  },
  relay_not_running: {
    status: 503,
    retry: true,
    text: 'No relay answers here. Start it with `bellhop up`.',
  },
  relay_already_running: {
    status: 409,
    retry: false,
    text: 'A relay already runs on this data folder.',
  },
  config_invalid: { status: 500, retry: false, text: 'The settings do not fit together.' },
  agent_not_found: {
    status: 500,
    retry: false,
    text: 'No coding agent was found on this machine.',
  },
  agent_failed: {
    status: 502,
    retry: true,
    text: 'The coding agent’s own program did not do what it was asked.',
  },
  internal: { status: 500, retry: true, text: 'Bellhop made a mistake.' },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERRORS
export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code)

/** Facts that go with an error; never a token, a proof, a prompt or file content. [I12] */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** A refusal with a code from the table. Everything else thrown is a bug and becomes `internal`. */
export class RelayError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails
  constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
    super(ERRORS[code].text, cause === undefined ? undefined : { cause })
    this.name = 'RelayError'
    this.code = code
    this.details = details
  }
}

/** An error on the wire. */
export const errorBodySchema = v.object({
  error: v.object({
    code: v.string(),
    text: v.string(),
    details: v.optional(v.record(v.string(), v.unknown())),
    /** Finds the cause in the relay's own log; only with `internal`. */
    reference: v.optional(v.string()),
  }),
})
export type ErrorBody = v.InferOutput<typeof errorBodySchema>

export const toErrorBody = (error: RelayError, reference?: string): ErrorBody => ({
  error: {
    code: error.code,
    text: error.message,
    ...(Object.keys(error.details).length > 0 && { details: { ...error.details } }),
    ...(reference !== undefined && { reference }),
  },
})
