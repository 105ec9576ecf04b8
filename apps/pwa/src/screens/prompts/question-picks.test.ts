import type { Question } from '@bellhop/core'
import { expect, test } from 'vitest'
import { emptyPicks, isAnswered, pick, toAnswers, write } from './question-picks.ts'

const question = (fields: Partial<Question>): Question => ({
  question: 'Which?',
  multiple: false,
  choices: [{ label: 'a' }, { label: 'b' }],
  ...fields,
})

test('nothing is chosen beforehand, and nothing goes out unchosen', () => {
  expect(isAnswered(emptyPicks)).toBe(false)
  expect(isAnswered(write(emptyPicks, true, '  ', false))).toBe(false)
})

test('where one may be chosen, a choice replaces the other and own words', () => {
  const words = write(pick(emptyPicks, 'a', true, false), true, 'mine', false)
  expect(words).toEqual({ choices: [], other: true, text: 'mine' })
  expect(pick(pick(emptyPicks, 'a', true, false), 'b', true, false).choices).toEqual(['b'])
  expect(pick(words, 'b', true, false)).toEqual({ choices: ['b'], other: false, text: 'mine' })
})

test('where any number may be chosen, they add up and go out in the order they were offered', () => {
  let picks = pick(pick(emptyPicks, 'b', true, true), 'a', true, true)
  picks = write(picks, true, ' and mine ', true)
  expect(toAnswers([question({ multiple: true })], [picks])).toEqual([
    { question: 'Which?', choices: ['a', 'b'], text: 'and mine' },
  ])
  expect(pick(picks, 'b', false, true).choices).toEqual(['a'])
})
