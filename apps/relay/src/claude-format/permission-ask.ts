/** A call that needs leave, as the ask a phone shows. Pure. */
import {
  type Ask,
  BOUNDS,
  cut,
  type PermissionOutcome,
  type Question,
  type Suggestion,
} from '@bellhop/core'
import { type Fields, fieldsOf, listOf, textOf } from './lines.ts'
import { isAllShown } from './shown-fields.ts'
import { isSayable, suggestionWords } from './suggestion-words.ts'
import { carriedInput, fit, toolDetail, wholeDetail } from './tool-detail.ts'

const suggestionsMax = 50

/** What asks for leave, whichever way it was told: the fields as they came, of any shape. */
export interface AskedCall {
  name: unknown
  input: unknown
  /** Standing rules offered with it. */
  suggestions?: unknown
}

/** Modes a plan can be approved into; the first is what a plain approval means. */
export const planModes = [
  { mode: 'default', words: 'Ask before each change' },
  { mode: 'acceptEdits', words: 'Change files without asking' },
] as const

const reason = (value: unknown) => cut(textOf(value) ?? '', BOUNDS.reason).text

function questionsOf(input: Fields): Question[] {
  return listOf(input.questions)
    .slice(0, 20)
    .flatMap((value) => {
      const fields = fieldsOf(value)
      if (!fields || !textOf(fields.question)) return []
      const choices = listOf(fields.options)
        .slice(0, 50)
        .map((option) => fieldsOf(option) ?? {})
      return {
        question: reason(fields.question),
        ...(textOf(fields.header) && { header: cut(String(fields.header), BOUNDS.line).text }),
        multiple: fields.multiSelect === true,
        choices: choices.map((option) => ({
          label: reason(option.label),
          ...(textOf(option.description) && { description: reason(option.description) }),
          ...(textOf(option.preview) && { preview: reason(option.preview) }),
        })),
      }
    })
}

/** The suggestions as sent, each under the id its words go by. */
export function suggestionsOf(asked: AskedCall): ReadonlyMap<string, unknown> {
  const given = listOf(asked.suggestions).slice(0, suggestionsMax)
  return new Map(given.map((suggestion, index) => [`s${index}`, suggestion]))
}

/** What is asked of a person. Any shape gives an ask; what is not understood is shown whole. */
export function askOf(asked: AskedCall): Ask {
  const name = textOf(asked.name) ?? 'unknown'
  const input = fieldsOf(asked.input) ?? { input: textOf(asked.input) ?? '' }
  if (name === 'AskUserQuestion') {
    const questions = questionsOf(input)
    if (questions.length > 0) return { kind: 'question', questions }
  }
  if (name === 'ExitPlanMode') {
    const plan = fit(textOf(input.plan) ?? '', BOUNDS.plan)
    return { kind: 'plan', plan, modes: [...planModes] }
  }
  const suggestions: Suggestion[] = [...suggestionsOf(asked)]
    .filter(([, suggestion]) => isSayable(suggestion))
    .map(([suggestionId, suggestion]) => ({ suggestionId, ...suggestionWords(suggestion) }))
  const tool = isAllShown(name, input) ? toolDetail(name, input) : wholeDetail(name, input)
  return { kind: 'tool', tool, input: carriedInput(input), suggestions }
}

/** What a yes to a call of this name comes to. */
export const yesOutcome = (name: unknown): PermissionOutcome =>
  name === 'AskUserQuestion' ? 'answered' : name === 'ExitPlanMode' ? 'approved' : 'allowed'

/** What a no to a call of this name comes to. */
export const noOutcome = (name: unknown): PermissionOutcome =>
  name === 'ExitPlanMode' ? 'rejected' : 'denied'
