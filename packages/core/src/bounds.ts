import * as v from 'valibot'

/** How much of anything from outside is accepted, in characters or entries. [EV-6] */
export const BOUNDS = {
  line: 500,
  path: 4096,
  message: 200_000,
  output: 64_000,
  plan: 200_000,
  input: 200_000,
  heldCommand: 300_000,
  reason: 8_000,
  list: 500,
} as const

/** One line of words: a title, a name, a branch. */
export const lineSchema = v.pipe(v.string(), v.maxLength(BOUNDS.line))
export const pathSchema = v.pipe(v.string(), v.maxLength(BOUNDS.path))
/** Prose of a person or an agent. */
export const messageTextSchema = v.pipe(v.string(), v.maxLength(BOUNDS.message))
export const reasonSchema = v.pipe(v.string(), v.maxLength(BOUNDS.reason))

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

const jsonObjectOf = (maxChars: number) =>
  v.custom<JsonObject>((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
    try {
      return JSON.stringify(value).length <= maxChars
    } catch {
      return false
    }
  }, 'not a JSON object of a permitted size')

/** A JSON object as a tool takes it, at most `BOUNDS.input` characters when written out. */
export const jsonObjectSchema = jsonObjectOf(BOUNDS.input)
/** A whole command as it was sent: its text at its longest, written out, has to fit. */
export const heldCommandSchema = jsonObjectOf(BOUNDS.heldCommand)

/** Cuts text to a bound and says how many characters went, so that a cut is never silent. */
export const cut = (text: string, max: number): { text: string; cutChars?: number } =>
  text.length <= max ? { text } : { text: text.slice(0, max), cutChars: text.length - max }
