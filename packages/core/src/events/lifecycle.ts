import * as v from 'valibot'
import { lineSchema, pathSchema, reasonSchema } from '../bounds.ts'
import { capabilitiesSchema } from '../capabilities.ts'
import { isoTimeSchema, sessionIdSchema, sourceIdSchema } from '../ids.ts'
import { choicesSchema } from '../session-settings.ts'
import { event } from './event.ts'

/** Facts about a session that may change while it runs; a field that is absent did not change. */
const facts = {
  title: v.optional(lineSchema),
  cwd: v.optional(pathSchema),
  /** The folder's name as people say it. */
  project: v.optional(lineSchema),
  branch: v.optional(v.nullable(lineSchema)),
  model: v.optional(lineSchema),
  permissionMode: v.optional(lineSchema),
  capabilities: v.optional(capabilitiesSchema),
  /** What other sources may know the same run by, an opaque text; null takes it back. */
  runKey: v.optional(v.nullable(lineSchema)),
  /** Since when the program that runs it has been out of reach; null while it can be reached. */
  offlineSince: v.optional(v.nullable(isoTimeSchema)),
  /** The newest of it in one line, where its events have not been read. */
  lastLine: v.optional(lineSchema),
  /** How much of what the model can hold is taken, from 0 to 1. */
  contextUsed: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  /** What its settings can be set to. */
  choices: v.optional(choicesSchema),
}

/** A session exists. The first event of every session. */
export const sessionStarted = event('session.started', {
  sourceId: sourceIdSchema,
  machine: lineSchema,
  ...facts,
})

/** Something about a session changed. */
export const sessionChanged = event('session.changed', facts)

/** The session is over; `reason` is one of few words, `text` says more to people. */
export const sessionEnded = event('session.ended', {
  reason: v.picklist(['exited', 'cleared', 'died', 'stopped']),
  text: v.optional(reasonSchema),
})

/** A session that had ended goes on. */
export const sessionResumed = event('session.resumed', facts)

/**
 * This session is the same run as another one, which is shown in its place; null shows it by itself
 * again.
 */
export const sessionJoined = event('session.joined', { into: v.nullable(sessionIdSchema) })

/** Another source reaches the session too; no capabilities means that it no longer does. */
export const sessionRoad = event('session.road', {
  roadSourceId: sourceIdSchema,
  capabilities: capabilitiesSchema,
})

/** Whether a source the session is reached by is followed at all, as the owner has set the relay up. */
export const sessionFollowed = event('session.followed', {
  followedSourceId: sourceIdSchema,
  isFollowed: v.boolean(),
})
