import * as v from 'valibot'
import { lineSchema, reasonSchema } from '../bounds.ts'
import { commandIdSchema } from '../ids.ts'
import { actorSchema } from '../permission.ts'
import { event } from './event.ts'

/** What came of a command. Everyone who follows the session learns it the same way. [CM-6] */
export const commandSettled = event('command.settled', {
  commandId: commandIdSchema,
  commandType: lineSchema,
  /** `unconfirmed`: handed on, and the session has not said in time whether it took it. */
  outcome: v.picklist(['done', 'refused', 'unconfirmed']),
  /** The code from the error table; only with `refused`. */
  code: v.optional(lineSchema),
  text: v.optional(reasonSchema),
  by: actorSchema,
})

/** How far a command has come on its way: kept where it is going, at its machine, being worked on, done with. [CM-8] */
export const COMMAND_STAGES = ['stored', 'received', 'processing', 'processed'] as const
export type CommandStage = (typeof COMMAND_STAGES)[number]

/** A command got further. Later than `command.settled` it tells what came of an unconfirmed one. [CM-8] */
export const commandProgressed = event('command.progressed', {
  commandId: commandIdSchema,
  stage: v.picklist(COMMAND_STAGES),
})

/** Something the source could not make sense of, kept so that nothing is lost. [EV-5] [I8] */
export const sourceNote = event('source.note', {
  text: reasonSchema,
  raw: v.optional(v.pipe(v.string(), v.maxLength(20_000))),
})
