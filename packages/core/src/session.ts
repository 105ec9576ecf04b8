import * as v from 'valibot'
import { heldCommandSchema, lineSchema, pathSchema, reasonSchema } from './bounds.ts'
import { capabilitiesSchema } from './capabilities.ts'
import {
  cursorSchema,
  isoTimeSchema,
  permissionIdSchema,
  sessionIdSchema,
  sourceIdSchema,
} from './ids.ts'
import { type AnyAsk, askSchema } from './permission.ts'
import { choicesSchema } from './session-settings.ts'
import { subagentSchema } from './tools.ts'

/** Any ask: one that is not known here must not cost its reader the whole list. [I8] */
const anyAskSchema = v.union([
  askSchema,
  v.pipe(
    heldCommandSchema,
    v.transform((raw): AnyAsk => ({ kind: 'unknown', raw })),
  ),
])

/** A permission that waits for someone, as a list row and a sheet need it. */
export const openPermissionSchema = v.object({
  permissionId: permissionIdSchema,
  ask: anyAskSchema,
  askedAt: isoTimeSchema,
  subagent: v.optional(subagentSchema),
  expiresAt: v.optional(isoTimeSchema),
  /** The source that asks and takes the answer; absent when it is the session’s own. */
  sourceId: v.optional(sourceIdSchema),
  toolCallId: v.optional(v.pipe(v.string(), v.maxLength(200))),
})
export type OpenPermission = v.InferOutput<typeof openPermissionSchema>

/** One way to a session: a source, and what can be asked through it. */
export const roadSchema = v.object({
  sourceId: sourceIdSchema,
  capabilities: capabilitiesSchema,
  /** Since when the relay has not been following this source; absent while it does. */
  unfollowedSince: v.optional(isoTimeSchema),
})
export type Road = v.InferOutput<typeof roadSchema>

/** `waiting`: needs a person; `working`: the agent works; `idle`: it is the person's move; `ended`: over. */
export const SESSION_STATUSES = ['waiting', 'working', 'idle', 'ended'] as const
export type SessionStatus = (typeof SESSION_STATUSES)[number]

/** All that is known of a session: the fold of its events, nothing else. [EV-3] [I4] */
export const sessionSchema = v.object({
  sessionId: sessionIdSchema,
  sourceId: sourceIdSchema,
  machine: lineSchema,
  title: v.nullable(lineSchema),
  cwd: v.nullable(pathSchema),
  project: v.nullable(lineSchema),
  branch: v.nullable(lineSchema),
  model: v.nullable(lineSchema),
  permissionMode: v.nullable(lineSchema),
  /** Everything it can be asked, by whatever road. */
  capabilities: capabilitiesSchema,
  /** Its own source’s road first; absent when there is no other. */
  roads: v.optional(v.pipe(v.array(roadSchema), v.maxLength(10))),
  /** What other sources may know the same run by. */
  runKey: v.optional(lineSchema),
  /** The session that is shown in its place, because both are the same run. */
  joinedTo: v.optional(sessionIdSchema),
  /** Since when the program that runs it has been out of reach. */
  offlineSince: v.optional(isoTimeSchema),
  /** How much of what the model can hold is taken, from 0 to 1. */
  contextUsed: v.optional(v.number()),
  choices: v.optional(choicesSchema),
  status: v.picklist(SESSION_STATUSES),
  /** What `status` would be without the agents’ commands that wait for a person; only while one does. [HC-3] */
  ownStatus: v.optional(v.picklist(SESSION_STATUSES)),
  /** Since when `status` has been what it is. */
  statusAt: isoTimeSchema,
  startedAt: isoTimeSchema,
  lastEventAt: isoTimeSchema,
  /** The newest words or tool call, in one line; null before there are any. */
  lastLine: v.nullable(lineSchema),
  /** How the last turn ended; null while none has. */
  lastOutcome: v.nullable(v.picklist(['finished', 'failed', 'interrupted'])),
  lastError: v.nullable(reasonSchema),
  /** Oldest first. */
  waits: v.array(openPermissionSchema),
  /** The place of the newest event folded in. */
  cursor: cursorSchema,
})
export type Session = v.InferOutput<typeof sessionSchema>
