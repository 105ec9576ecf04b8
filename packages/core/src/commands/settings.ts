import * as v from 'valibot'
import { lineSchema } from '../bounds.ts'
import { command } from './command.ts'
import { RULES } from './rules.ts'

/** Goes on with another model; null means the default one. */
export const setModelCommand = command('set_model', RULES.set_model, {
  model: v.nullable(v.pipe(lineSchema, v.minLength(1))),
})

/** Asks for leave more or less often from now on: that is answering in advance, so it takes both scopes. [CM-2] */
export const setPermissionModeCommand = command('set_permission_mode', RULES.set_permission_mode, {
  mode: v.pipe(lineSchema, v.minLength(1)),
})

/** Thinks with at most so many tokens; 0 not at all, null as it would by itself. */
export const setThinkingCommand = command('set_thinking', RULES.set_thinking, {
  tokens: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000))),
})

/** Gives the session another title. */
export const renameCommand = command('rename', RULES.rename, {
  title: v.pipe(
    lineSchema,
    v.check((title) => title.trim() !== '', 'no title'),
  ),
})

/** Ends the session and puts it away. */
export const archiveCommand = command('archive', RULES.archive, {})
