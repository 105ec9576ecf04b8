import { ENDPOINTS, ERRORS, type ErrorCode } from '@bellhop/core'
import { expect, test } from 'vitest'
import { agentSentence } from './agent-sentences.ts'

const USED = ['sessions', 'history', 'search', 'command', 'places', 'start'] as const
const ALWAYS = ['invalid_request', 'body_too_large', 'rate_limited', 'not_paired', 'device_removed']

test('[MC-3] no refusal of what agents may ask for speaks to a person at a screen', () => {
  const codes = [...ALWAYS, ...USED.flatMap((name) => [...ENDPOINTS[name].errors])] as ErrorCode[]
  for (const code of new Set([...codes, 'scope_missing'] as const)) {
    const { text } = ERRORS[code]
    expect(agentSentence(code, text)).not.toMatch(/\b(app|tapped|scan|pair|device|pairing)\b/i)
  }
})

test('[MC-3] what the relay says beyond the code’s own sentence is handed on', () => {
  const text = 'An agent sends at most 20 messages a minute. Wait, then try again.'
  expect(agentSentence('rate_limited', text)).toBe(text)
  const late = 'Already denied, at the terminal. What you tapped was not applied.'
  const told = 'Already denied, at the terminal. Your answer was not applied.'
  expect(agentSentence('permission_already_decided', late)).toBe(told)
  const issue = '× Invalid length\n  → at words'
  const { text: generic } = ERRORS.invalid_request
  expect(agentSentence('invalid_request', generic, { issue })).toMatch(
    /^This does not fit: Invalid length → at words\. /,
  )
  expect(agentSentence('not_known_here', 'Words.')).toBe('Words.')
})
