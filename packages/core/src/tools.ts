import * as v from 'valibot'
import { BOUNDS, jsonObjectSchema, lineSchema, pathSchema } from './bounds.ts'

const inputText = v.pipe(v.string(), v.maxLength(BOUNDS.input))

const tool = <const Kind extends string, Entries extends v.ObjectEntries>(
  kind: Kind,
  entries: Entries,
) =>
  v.object({
    kind: v.literal(kind),
    /** The tool's own name where it comes from, such as `Bash`. */
    name: lineSchema,
    ...entries,
  })

/**
 * One tool call in the words a screen needs. The known kinds are few on purpose; whatever else
 * there is arrives as `other` with its whole input.
 */
export const toolDetailSchema = v.variant('kind', [
  tool('shell', {
    command: inputText,
    description: v.optional(inputText),
    background: v.optional(v.boolean()),
  }),
  tool('edit', {
    path: pathSchema,
    edits: v.pipe(
      v.array(
        v.object({ before: inputText, after: inputText, everywhere: v.optional(v.boolean()) }),
      ),
      v.maxLength(BOUNDS.list),
    ),
  }),
  tool('write', { path: pathSchema, content: inputText }),
  tool('read', {
    path: pathSchema,
    fromLine: v.optional(v.number()),
    lines: v.optional(v.number()),
  }),
  tool('search', {
    pattern: inputText,
    path: v.optional(pathSchema),
    looksAt: v.picklist(['contents', 'names']),
  }),
  tool('fetch', { url: inputText, prompt: v.optional(inputText) }),
  tool('web_search', { query: inputText }),
  tool('subagent', {
    description: inputText,
    prompt: v.optional(inputText),
    agentType: v.optional(lineSchema),
  }),
  tool('mcp', { server: lineSchema, input: jsonObjectSchema }),
  tool('other', { input: jsonObjectSchema }),
])
export type ToolDetail = v.InferOutput<typeof toolDetailSchema>

/** Changed lines of one file, as unified hunks; each line starts with `+`, `-` or a space. */
const fileDiffSchema = v.object({
  path: pathSchema,
  hunks: v.pipe(
    v.array(
      v.object({
        oldStart: v.number(),
        oldLines: v.number(),
        newStart: v.number(),
        newLines: v.number(),
        lines: v.pipe(v.array(v.pipe(v.string(), v.maxLength(10_000))), v.maxLength(5_000)),
      }),
    ),
    v.maxLength(BOUNDS.list),
  ),
})
export type FileDiff = v.InferOutput<typeof fileDiffSchema>

/** What came out of a tool call. */
export const toolResultSchema = v.object({
  /** Output as it came, ANSI colours included; at most `BOUNDS.output` characters. */
  text: v.optional(v.pipe(v.string(), v.maxLength(BOUNDS.output))),
  /** How many characters of output are not in `text`; absent when it is whole. */
  cutChars: v.optional(v.number()),
  diff: v.optional(fileDiffSchema),
  durationMs: v.optional(v.number()),
})
export type ToolResult = v.InferOutput<typeof toolResultSchema>

/** The subagent an event belongs to; absent on the session's own events. */
export const subagentSchema = v.object({
  agentId: lineSchema,
  agentType: v.optional(lineSchema),
  description: v.optional(lineSchema),
})
export type Subagent = v.InferOutput<typeof subagentSchema>
