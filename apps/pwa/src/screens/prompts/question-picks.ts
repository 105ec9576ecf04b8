import type { CommandOf, Question } from '@bellhop/core'

/** What has been chosen for one question so far. */
export type Picks = {
  readonly choices: readonly string[]
  readonly other: boolean
  readonly text: string
}

export const emptyPicks: Picks = { choices: [], other: false, text: '' }

/** Chooses or unchooses a choice; where only one may stand, the others go. */
export function pick(picks: Picks, label: string, checked: boolean, multiple: boolean): Picks {
  if (!multiple) return checked ? { ...picks, choices: [label], other: false } : picks
  const rest = picks.choices.filter((choice) => choice !== label)
  return { ...picks, choices: checked ? [...rest, label] : rest }
}

/** Chooses own words, or changes them; words once written are kept though another choice is tried. */
export function write(picks: Picks, other: boolean, text: string, multiple: boolean): Picks {
  return { choices: multiple || !other ? picks.choices : [], other, text }
}

export const isAnswered = (picks: Picks): boolean =>
  picks.other ? picks.text.trim() !== '' : picks.choices.length > 0

type Answers = Extract<CommandOf<'answer_question'>['answer'], { kind: 'answers' }>['answers']

/** The answers as they go out, choices in the order they were offered. */
export function toAnswers(questions: readonly Question[], picks: readonly Picks[]): Answers {
  return questions.map((question, at) => {
    const own = picks[at] ?? emptyPicks
    const text = own.other ? own.text.trim() : ''
    return {
      question: question.question,
      choices: question.choices
        .map(({ label }) => label)
        .filter((label) => own.choices.includes(label)),
      ...(text && { text }),
    }
  })
}
