import { expect, test } from 'vitest'
import { trailOf } from './trail.ts'

test('[CM-8] a trail stands in the order of the way, with the times of the events where there are any', () => {
  const at = (minute: number) => `2026-01-01T09:0${minute}:00.000Z`
  const ms = (minute: number) => Date.parse(at(minute))
  const seen = [
    { stage: 'kept', atMs: ms(1) },
    { stage: 'relay', atMs: ms(2) },
    { stage: 'taken', atMs: ms(9) },
  ] as const
  const story = [
    { stage: 'stored', at: at(0) },
    { stage: 'received', at: at(3) },
    { stage: 'done', at: at(4) },
    { stage: 'processing', at: at(5) },
  ] as const
  expect(trailOf(seen, story)).toEqual([
    { words: 'Written', atMs: ms(1) },
    { words: 'With the relay', atMs: ms(2) },
    { words: 'Stored for the session', atMs: ms(0) },
    { words: 'Taken by the session', atMs: ms(3) },
    { words: 'Being worked on', atMs: ms(5) },
  ])
})
