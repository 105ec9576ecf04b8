import * as v from 'valibot'
import { lineSchema, pathSchema, reasonSchema } from './bounds.ts'
import { capabilitiesSchema } from './capabilities.ts'
import {
  cursorSchema,
  isoTimeSchema,
  permissionIdSchema,
  sessionIdSchema,
  sourceIdSchema,
} from './ids.ts'
import { askSchema } from './permission.ts'
import { subagentSchema } from './tools.ts'

/** A permission that waits for someone, as a list row and a sheet need it. */
export const openPermissionSchema = v.object({
  permissionId: permissionIdSchema,
  ask: askSchema,
  askedAt: isoTimeSchema,
  subagent: v.optional(subagentSchema),
  expiresAt: v.optional(isoTimeSchema),
})
export type OpenPermission = v.InferOutput<typeof openPermissionSchema>

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
  capabilities: capabilitiesSchema,
  status: v.picklist(SESSION_STATUSES),
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
