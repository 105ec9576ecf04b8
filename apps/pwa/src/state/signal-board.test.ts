import type { SessionEvent, SessionId, Signal } from '@bellhop/core'
import { expect, test } from 'vitest'
import { overtake, postSignals } from './signal-board.ts'

const sessionId = 'ses_a' as SessionId
const partial = (text: string): Signal => ({ type: 'text.partial', sessionId, text })
const activity = (text: string): Signal => ({ type: 'activity', sessionId, text })
const event = (type: string) => ({ type, sessionId }) as unknown as SessionEvent

test('[SI-1] the latest of a kind stands, an empty one takes it down', () => {
  const board = postSignals(new Map(), [partial('He'), partial('Hello'), activity('Writing')])
  expect([...board.values()]).toEqual([partial('Hello'), activity('Writing')])
  expect(postSignals(board, [partial('')]).size).toBe(1)
})

test('[SI-2] words that have been said replace the words being said', () => {
  const board = postSignals(new Map(), [partial('Hello'), activity('Writing')])
  expect([...overtake(board, [event('message.agent')]).values()]).toEqual([activity('Writing')])
  expect(overtake(board, [event('turn.ended')]).size).toBe(0)
  expect(overtake(board, [event('tool.started')])).toBe(board)
})
