import { expect, test } from 'vitest'
import { CloudFailure } from '../cloud-failure.ts'
import { createAccountHealth } from './account-health.ts'

const START_MS = Date.parse('2026-11-21T09:00:00.000Z')
const failure = (kind: 'edge' | 'unreachable' | 'login') => new CloudFailure(kind, `words: ${kind}`)

const open = () => {
  let nowMs = START_MS
  const health = createAccountHealth({ nowMs: () => nowMs })
  const pass = (seconds: number) => {
    nowMs += seconds * 1_000
  }
  return { health, pass }
}

test('[A-5] what was borne for a while is told with when it began, not with when patience ended', () => {
  const { health, pass } = open()
  health.worked('list')
  pass(60)
  health.failed('list', failure('edge'))
  pass(100)
  health.failed('list', failure('edge'))
  expect(health.worst()).toBeUndefined()
  pass(100)
  expect(health.worst()).toEqual({
    state: 'degraded',
    text: 'words: edge',
    sinceMs: START_MS + 60_000,
  })
})

test('[A-5] [A-91] troubles that take turns are one trouble, which lasts until a call works', () => {
  const { health, pass } = open()
  for (let at = 0; at < 12; at += 1) {
    health.failed('list', failure(at % 2 === 0 ? 'edge' : 'unreachable'))
    pass(15)
  }
  expect(health.worst()).toMatchObject({ state: 'down', sinceMs: START_MS })
  health.failed('list', failure('edge'))
  expect(health.worst()).toMatchObject({ state: 'degraded', sinceMs: START_MS })
  health.worked('list')
  expect(health.worst()).toBeUndefined()
  health.failed('list', failure('edge'))
  expect(health.worst()).toBeUndefined()
})

test('[A-11] a login that ended is told at once', () => {
  const { health } = open()
  health.failed('session', failure('login'))
  expect(health.worst()).toMatchObject({ state: 'down', text: 'words: login' })
})
