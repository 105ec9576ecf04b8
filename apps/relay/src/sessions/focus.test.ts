import type { SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createFocus, FOCUS_LIFE_MS } from './focus.ts'

const id = (name: string) => `ses_${name}` as SessionId

test('[I6] a session somebody looks at is told at once and let go when nobody does any more', () => {
  let nowMs = 0
  const told: string[][] = []
  const focus = createFocus({
    clock: { nowMs: () => nowMs },
    onChange: (ids) => told.push([...ids]),
  })
  focus.look(id('a'))
  nowMs = FOCUS_LIFE_MS - 1
  focus.look(id('b'))
  focus.look(id('a'))
  focus.tidy()
  expect(told).toEqual([['ses_a'], ['ses_a', 'ses_b']])
  nowMs += FOCUS_LIFE_MS + 1
  focus.tidy()
  expect(told.at(-1)).toEqual([])
})

test('[I6] beyond its limit the session looked at longest ago is forgotten', () => {
  let last: ReadonlySet<SessionId> = new Set()
  const focus = createFocus({ clock: { nowMs: () => 0 }, onChange: (ids) => (last = ids) })
  for (let at = 0; at < 250; at++) focus.look(id(`${at}`))
  expect(last.size).toBe(200)
  expect(last.has(id('49'))).toBe(false)
  expect(last.has(id('249'))).toBe(true)
})

test('[I6] whoever has the list open is told of too, and when they have left', () => {
  let nowMs = 0
  const told: boolean[] = []
  const focus = createFocus({
    clock: { nowMs: () => nowMs },
    onChange: (_, isListOpen) => told.push(isListOpen),
  })
  focus.lookAtList()
  focus.lookAtList()
  focus.tidy()
  expect(told).toEqual([true])
  nowMs += FOCUS_LIFE_MS + 1
  focus.tidy()
  expect(told).toEqual([true, false])
})
