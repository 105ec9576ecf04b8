import * as v from 'valibot'
import {
  commandIdSchema,
  cursorSchema,
  eventIdSchema,
  isoTimeSchema,
  sessionIdSchema,
} from '../ids.ts'
import { subagentSchema } from '../tools.ts'

/** What a source says about any event, before the relay has stored it. */
const draftEntries = {
  sessionId: sessionIdSchema,
  /** When it happened, by the source's clock. */
  at: isoTimeSchema,
  /** The command this came of; absent when nobody here asked for it. */
  causedBy: v.optional(commandIdSchema),
  /** The subagent it belongs to; absent on the session's own events. */
  subagent: v.optional(subagentSchema),
}

/** What the relay adds when it stores an event. [EV-1] */
const storedEntries = { eventId: eventIdSchema, cursor: cursorSchema }

/** Defines one kind of event: its stored schema, and its draft schema as a source hands it in. */
export const event = <const Type extends string, Entries extends v.ObjectEntries>(
  type: Type,
  entries: Entries,
) => ({
  stored: v.object({ ...storedEntries, ...draftEntries, type: v.literal(type), ...entries }),
  draft: v.object({
    ...draftEntries,
    /** What makes this event this event: a second draft with the same key is not stored. [EV-2] [I5] */
    dedupeKey: v.pipe(v.string(), v.minLength(1), v.maxLength(300)),
    type: v.literal(type),
    ...entries,
  }),
})
