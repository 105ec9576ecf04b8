/** A held permission hook as the ask a phone shows. Pure. */
import { type Ask, BOUNDS, cut, type Question, type Suggestion } from '@bellhop/core'
import { type Fields, fieldsOf, listOf, textOf } from './lines.ts'
import { isAllShown } from './shown-fields.ts'
import { suggestionWords } from './suggestion-words.ts'
import { carriedInput, fit, toolDetail, wholeDetail } from './tool-detail.ts'

const suggestionsMax = 50

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
export function suggestionsOf(hook: Fields): ReadonlyMap<string, unknown> {
  const given = listOf(hook.permission_suggestions).slice(0, suggestionsMax)
  return new Map(given.map((suggestion, index) => [`s${index}`, suggestion]))
}

/** What the hook asks of a person. Any shape gives an ask; what is not understood is shown whole. */
export function askOf(hook: Fields): Ask {
  const name = textOf(hook.tool_name) ?? 'unknown'
  const input = fieldsOf(hook.tool_input) ?? { input: textOf(hook.tool_input) ?? '' }
  if (name === 'AskUserQuestion') {
    const questions = questionsOf(input)
    if (questions.length > 0) return { kind: 'question', questions }
  }
  if (name === 'ExitPlanMode') {
    const plan = fit(textOf(input.plan) ?? '', BOUNDS.plan)
    return { kind: 'plan', plan, modes: [...planModes] }
  }
  const suggestions: Suggestion[] = [...suggestionsOf(hook)].map(([suggestionId, suggestion]) => ({
    suggestionId,
    ...suggestionWords(suggestion),
  }))
  const tool = isAllShown(name, input) ? toolDetail(name, input) : wholeDetail(name, input)
  return { kind: 'tool', tool, input: carriedInput(input), suggestions }
}
