import * as v from 'valibot'
import { lineSchema } from './bounds.ts'
import { cursorSchema, eventIdSchema, isoTimeSchema, sessionIdSchema } from './ids.ts'

/** Who or what said the words that are found, in few kinds. [SE-1] */
export const SEARCH_KINDS = [
  'person',
  'peer',
  'agent',
  'thinking',
  'command',
  'change',
  'read',
  'tool',
  'output',
  'note',
  'question',
  'plan',
  'answer',
] as const
export type SearchKind = (typeof SEARCH_KINDS)[number]

/** How much of a search is taken and given at a time. [SE-5] */
export const SEARCH_BOUNDS = { words: 200, hits: 100, snippet: 300 } as const

export const searchRequestSchema = v.object({
  /** As a person types them: words, "phrases", and the beginning of the last word. [SE-2] */
  words: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(SEARCH_BOUNDS.words)),
  /** Looks in this session alone, with those that are joined to it. */
  sessionId: v.optional(sessionIdSchema),
  /** Looks at words of these kinds alone. */
  kinds: v.optional(v.pipe(v.array(v.picklist(SEARCH_KINDS)), v.minLength(1), v.maxLength(20))),
  /** Goes on from the `next` of an answer before. */
  before: v.optional(cursorSchema),
  /** At most so many hits. */
  limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(SEARCH_BOUNDS.hits)),
})
export type SearchRequest = v.InferOutput<typeof searchRequestSchema>

/** One place that was found. */
export const searchHitSchema = v.object({
  /** The session the event is of; it may be joined to the one it is shown under. */
  sessionId: sessionIdSchema,
  eventId: eventIdSchema,
  cursor: cursorSchema,
  at: isoTimeSchema,
  kind: v.picklist(SEARCH_KINDS),
  /** The device it was sent from, where one is known. */
  deviceName: v.optional(lineSchema),
  /** The agent that sent it through Bellhop. [MC-7] */
  agentName: v.optional(lineSchema),
  /** The words around the first place that fits, as one line. */
  text: v.pipe(v.string(), v.maxLength(SEARCH_BOUNDS.snippet)),
  /** What fits in `text`: from and up to which character, in order, never overlapping. */
  marks: v.array(v.tuple([v.number(), v.number()])),
})
export type SearchHit = v.InferOutput<typeof searchHitSchema>

export const searchAnswerSchema = v.object({
  /** The session of the newest hit first; one of an answer before may come again with older hits. */
  sessions: v.array(
    v.object({
      /** The session the hits are shown under. */
      sessionId: sessionIdSchema,
      /** In how many events the words were found, those without a hit here among them. */
      places: v.number(),
      /** The newest first; without `sessionId` the newest three. */
      hits: v.array(searchHitSchema),
    }),
  ),
  /** How many sessions were looked through. */
  searched: v.number(),
  /** There may be older places: take it to go on. */
  next: v.optional(cursorSchema),
})
export type SearchAnswer = v.InferOutput<typeof searchAnswerSchema>
