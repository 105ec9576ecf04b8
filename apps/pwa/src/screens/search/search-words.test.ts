import type { SearchAnswer, SearchHit } from '@bellhop/core'
import { expect, test } from 'vitest'
import { foundWords, hitWords, joinAnswers, noneWords, pieces } from './search-words.ts'

const hit = (text: string, fields: Partial<SearchHit> = {}) =>
  ({ kind: 'agent', at: '2026-03-01T09:15:00', text, marks: [], ...fields }) as SearchHit
const answer = (places: Record<string, number>, next?: string) =>
  ({
    sessions: Object.entries(places).map(([sessionId, count]) => ({
      sessionId,
      places: count,
      hits: [hit(`${sessionId} ${count}`)],
    })),
    searched: 212,
    ...(next && { next }),
  }) as unknown as SearchAnswer

test('[SE-7] marks cut a text into pieces, and nothing of it is lost', () => {
  const cut = pieces({ text: 'a <b> c', marks: [[2, 5]] })
  expect(cut).toEqual([
    { text: 'a ', isMarked: false },
    { text: '<b>', isMarked: true },
    { text: ' c', isMarked: false },
  ])
  expect(pieces({ text: 'all', marks: [[0, 3]] })).toEqual([{ text: 'all', isMarked: true }])
})

test('[SE-5] an older answer goes on where the one before ended', () => {
  const joined = joinAnswers(
    answer({ ses_a: 2, ses_b: 1 }, 'loga.7'),
    answer({ ses_b: 4, ses_c: 1 }),
  )
  expect(joined.sessions.map(({ sessionId, places }) => [sessionId, places])).toEqual([
    ['ses_a', 2],
    ['ses_b', 5],
    ['ses_c', 1],
  ])
  expect(joined.sessions[1]?.hits.map(({ text }) => text)).toEqual(['ses_b 1', 'ses_b 4'])
  expect(joined.next).toBeUndefined()
})

test('what was found is said in numbers, and what was not too', () => {
  expect(foundWords(answer({ ses_a: 22, ses_b: 1 }))).toBe('23 places in 2 sessions')
  expect(foundWords(answer({ ses_a: 1 }, 'loga.7'))).toBe('The newest 1 place in 1 session')
  expect(noneWords(answer({}))).toBe(' in it. Searched 212 sessions.')
})

test('a hit says who and when: the clock on its session’s newest day, else the day', () => {
  const newestMs = Date.parse('2026-03-01T18:00:00')
  const nowMs = Date.parse('2026-03-20T18:00:00')
  expect(hitWords(hit('x'), newestMs, nowMs)).toBe('Reply, 9:15')
  const before = hit('x', { at: '2026-02-27T09:15:00', kind: 'change' })
  expect(hitWords(before, newestMs, nowMs)).toBe('Changed a file, 27 Feb')
})
