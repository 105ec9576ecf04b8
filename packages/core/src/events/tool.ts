import * as v from 'valibot'
import { lineSchema } from '../bounds.ts'
import { toolDetailSchema, toolResultSchema } from '../tools.ts'
import { event } from './event.ts'

const toolCallIdSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(200))

/** The agent called a tool; it may first have to ask leave. */
export const toolStarted = event('tool.started', {
  toolCallId: toolCallIdSchema,
  tool: toolDetailSchema,
})

/** A tool call is over. `tool` is present when what ran differs from what was called, as after an edit. */
export const toolEnded = event('tool.ended', {
  toolCallId: toolCallIdSchema,
  outcome: v.picklist(['ok', 'failed', 'denied', 'interrupted']),
  result: toolResultSchema,
  tool: v.optional(toolDetailSchema),
})

/** The agent's task list as it stands now, whole. */
export const tasksChanged = event('tasks.changed', {
  tasks: v.pipe(
    v.array(v.object({ text: lineSchema, state: v.picklist(['open', 'working', 'done']) })),
    v.maxLength(200),
  ),
})
