import * as v from 'valibot'
import { lineSchema, reasonSchema } from '../bounds.ts'
import { commandIdSchema } from '../ids.ts'
import { actorSchema } from '../permission.ts'
import { event } from './event.ts'

/** What came of a command. Everyone who follows the session learns it the same way. [CM-6] */
export const commandSettled = event('command.settled', {
  commandId: commandIdSchema,
  commandType: lineSchema,
  outcome: v.picklist(['done', 'refused']),
  /** The code from the error table; absent when done. */
  code: v.optional(lineSchema),
  text: v.optional(reasonSchema),
  by: actorSchema,
})

/** Something the source could not make sense of, kept so that nothing is lost. [EV-5] [I8] */
export const sourceNote = event('source.note', {
  text: reasonSchema,
  raw: v.optional(v.pipe(v.string(), v.maxLength(20_000))),
})
