import type { SessionEvent } from '@bellhop/core'
import { expect, test } from 'vitest'
import { NO_STORIES, tellStories, wordsStage } from './command-stories.ts'

const event = (fields: object) => ({ at: '2026-01-01T09:00:00Z', ...fields }) as SessionEvent
const progressed = (stage: string, at = '2026-01-01T09:00:00Z') =>
  event({ type: 'command.progressed', commandId: 'a', stage, at })
const steps = (...events: SessionEvent[]) => tellStories(NO_STORIES, events).get('a') ?? []

test('[CM-8] the stages of a command are told in the order they came, each with its time', () => {
  const doubt = { type: 'command.settled', commandId: 'a', outcome: 'unconfirmed', text: 'Asleep.' }
  expect(
    steps(progressed('stored'), event(doubt), progressed('received', '2026-01-01T09:05:00Z')),
  ).toEqual([
    { stage: 'stored', at: '2026-01-01T09:00:00Z' },
    { stage: 'unconfirmed', at: '2026-01-01T09:00:00Z', text: 'Asleep.' },
    { stage: 'received', at: '2026-01-01T09:05:00Z' },
  ])
  expect(tellStories(NO_STORIES, [event({ type: 'turn.started' })])).toBe(NO_STORIES)
})

test('[CM-8] words that stand in the transcript count as taken unless their story says they only lie stored', () => {
  const echoedAt = '2026-01-01T09:00:01Z'
  const doubt = (at: string) =>
    event({ type: 'command.settled', commandId: 'a', outcome: 'unconfirmed', at })
  expect(wordsStage([], echoedAt)).toBe('taken')
  expect(wordsStage(steps(progressed('stored')), echoedAt)).toBe('stored')
  expect(wordsStage(steps(progressed('stored'), progressed('received')), echoedAt)).toBe('taken')
  expect(wordsStage(steps(progressed('processing')), echoedAt)).toBe('processing')
  expect(wordsStage(steps(doubt('2026-01-01T09:00:20Z')), echoedAt)).toBe('unconfirmed')
  expect(wordsStage(steps(doubt('2026-01-01T09:00:00Z')), echoedAt)).toBe('taken')
  expect(wordsStage(steps(doubt('2026-01-01T09:00:20Z'), progressed('received')), echoedAt)).toBe(
    'taken',
  )
})
