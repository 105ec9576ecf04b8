import * as v from 'valibot'
import { lineSchema } from './bounds.ts'
import { promptCommand } from './commands/prompt.ts'
import { commandIdSchema, placeIdSchema, sourceIdSchema } from './ids.ts'
import { choicesSchema } from './session-settings.ts'

/** A place sessions can be started in: a machine, a cloud environment. */
export const placeSchema = v.object({
  placeId: placeIdSchema,
  sourceId: sourceIdSchema,
  title: lineSchema,
  detail: v.optional(lineSchema),
  /** Whether a session there works on a repository that has to be named. */
  takesRepository: v.boolean(),
  /** Addresses of repositories used there before, the last one first. */
  repositories: v.pipe(v.array(lineSchema), v.maxLength(50)),
  choices: choicesSchema,
})
export type Place = v.InferOutput<typeof placeSchema>

/** What a session is started with. */
export const startRequestSchema = v.object({
  /** Made by whoever asks; the same one again gives the same session. [CM-1] */
  commandId: commandIdSchema,
  placeId: placeIdSchema,
  /** The first message. */
  text: promptCommand.schema.entries.text,
  title: v.optional(lineSchema),
  repository: v.optional(lineSchema),
  branch: v.optional(lineSchema),
  model: v.optional(lineSchema),
  permissionMode: v.optional(lineSchema),
  fromSession: promptCommand.schema.entries.fromSession,
})
export type StartRequest = v.InferOutput<typeof startRequestSchema>

/** An MCP server as a session has it. */
export const mcpServerSchema = v.object({
  name: lineSchema,
  /** As the session says it, such as `connected` or `failed`. */
  status: lineSchema,
  detail: v.optional(lineSchema),
})
export type McpServer = v.InferOutput<typeof mcpServerSchema>
