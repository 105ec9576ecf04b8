import * as v from 'valibot'
import {
  BOUNDS,
  heldCommandSchema,
  type Json,
  type JsonObject,
  jsonObjectSchema,
  lineSchema,
  reasonSchema,
} from './bounds.ts'
import { deviceIdSchema } from './ids.ts'
import { toolDetailSchema } from './tools.ts'

/** A standing rule the agent offers with a permission, and the same in plain words. [PE-5] */
export const suggestionSchema = v.object({
  suggestionId: lineSchema,
  /** What the rule would do, said in full: "Run any command that starts with `npm run`, in this project". */
  words: reasonSchema,
  /** How long it lasts and where it is written, in words. */
  lasts: v.optional(lineSchema),
})
export type Suggestion = v.InferOutput<typeof suggestionSchema>

export const questionSchema = v.object({
  /** The question itself; it is also its key in the answer. */
  question: reasonSchema,
  header: v.optional(lineSchema),
  multiple: v.boolean(),
  choices: v.pipe(
    v.array(
      v.object({
        label: reasonSchema,
        description: v.optional(reasonSchema),
        preview: v.optional(reasonSchema),
      }),
    ),
    v.maxLength(50),
  ),
})
export type Question = v.InferOutput<typeof questionSchema>

/** What a permission asks for: leave to run one tool, an answer, a word on a plan, or leave for an agent. */
export const askSchema = v.variant('kind', [
  v.object({
    kind: v.literal('tool'),
    tool: toolDetailSchema,
    /** The exact input as the tool would get it; what `input` of an edited answer replaces. */
    input: jsonObjectSchema,
    suggestions: v.pipe(v.array(suggestionSchema), v.maxLength(50)),
    /** True when a yes is not to be had in passing: no single tap or key for it, none preselected. */
    careful: v.optional(v.boolean()),
  }),
  v.object({
    kind: v.literal('question'),
    questions: v.pipe(v.array(questionSchema), v.minLength(1), v.maxLength(20)),
  }),
  v.object({
    kind: v.literal('plan'),
    plan: v.pipe(v.string(), v.maxLength(BOUNDS.plan)),
    /** True when it can be approved or sent back, but not changed. */
    fixed: v.optional(v.boolean()),
    /** Permission modes one may approve into, in words; the first is what a plain approval means. */
    modes: v.pipe(v.array(v.object({ mode: lineSchema, words: lineSchema })), v.maxLength(10)),
  }),
  /** Another agent, one that asks first, wants something of the session. [HC-1] */
  v.object({
    kind: v.literal('agent'),
    deviceId: deviceIdSchema,
    agentName: lineSchema,
    /** The whole command as it was sent: what is carried out when a person says yes. */
    command: heldCommandSchema,
    /** What it would do, where that is no text: the answer and what it is to, the new value. */
    about: v.optional(lineSchema),
  }),
])
export type Ask = v.InferOutput<typeof askSchema>
/** An ask of a kind or shape this reader does not know, carried whole so that it can be shown. [I8] */
export type UnknownAsk = { kind: 'unknown'; raw: JsonObject }
export type AnyAsk = Ask | UnknownAsk
export type ToolAsk = Extract<Ask, { kind: 'tool' }>
export type QuestionAsk = Extract<Ask, { kind: 'question' }>
export type PlanAsk = Extract<Ask, { kind: 'plan' }>
export type AgentAsk = Extract<Ask, { kind: 'agent' }>

/** Who settled something: a device by name, the person at the terminal, or the source itself. */
export const actorSchema = v.variant('kind', [
  v.object({
    kind: v.literal('device'),
    deviceId: deviceIdSchema,
    name: lineSchema,
    /** Present where the device is an agent. [MC-1] */
    agent: v.optional(
      v.object({
        /** Of a message, how many agents in a row said it on, this one counted; else 0. [MC-7] */
        depth: v.pipe(v.number(), v.integer(), v.minValue(0)),
      }),
    ),
  }),
  v.object({ kind: v.literal('terminal') }),
  /** `name`: where it was done, when the source can tell. */
  v.object({ kind: v.literal('source'), name: v.optional(lineSchema) }),
])
export type Actor = v.InferOutput<typeof actorSchema>

export const PERMISSION_OUTCOMES = [
  'allowed',
  'denied',
  'answered',
  'approved',
  'rejected',
  'withdrawn',
] as const
export type PermissionOutcome = (typeof PERMISSION_OUTCOMES)[number]

/**
 * The text whose hash stands for what a person saw: JSON with sorted keys, so that both ends write
 * the same bytes. [PE-2]
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value as Record<string, Json | undefined>)
      .filter(([, entry]) => entry !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => `${JSON.stringify(key)}:${canonicalJson(entry)}`)
    return `{${entries.join(',')}}`
  }
  return JSON.stringify(value)
}
