import { expect, test } from 'vitest'
import { scopesToAnswer } from './answer-scopes.ts'
import { check } from './check.ts'
import { ENDPOINTS } from './endpoints.ts'
import { heldLine, heldWords } from './held-words.ts'
import type { AgentAsk } from './permission.ts'
import { askSchema } from './permission.ts'
import { askLine, askWords } from './tool-words.ts'

const wanted = (command: object, about?: string): AgentAsk => {
  const sent = { commandId: 'cmd_aaaaaaaa', sessionId: 'ses_1', ...command }
  const ask = {
    kind: 'agent',
    deviceId: 'dev_aaaaaaaa',
    agentName: 'desktop',
    command: sent,
    ...(about !== undefined && { about }),
  }
  const checked = check(askSchema, ask)
  if (!checked.ok || checked.value.kind !== 'agent') throw new Error('not an ask')
  return checked.value
}
const allow = { type: 'decide_permission', permissionId: 'per_1', decision: { behavior: 'allow' } }
const decide = () => wanted(allow, 'allow: npm test')

test.each([
  [wanted({ type: 'prompt', text: 'Go on' }), 'send a message', 'Go on'],
  [wanted({ type: 'interrupt' }), 'stop the turn', ''],
  [wanted({ type: 'set_model', model: 'fable' }, 'fable'), 'change the model', 'fable'],
  [decide(), 'answer a permission', 'allow: npm test'],
])('[HC-1] %# a held command says who wants what', (ask, wants, line) => {
  expect(askWords(ask)).toBe(`desktop wants to ${wants}`)
  expect(askLine(ask)).toBe(line)
})

test('[I8] a held command of a kind that is not known is shown by its name', () => {
  const ask = wanted({ type: 'fly', decision: null })
  expect(heldWords(ask)).toBe('desktop wants something this version does not know: fly')
  expect(heldLine(ask)).toBe('')
})

test('[HC-2] it takes what the held command takes to let it through', () => {
  expect(scopesToAnswer(wanted({ type: 'prompt', text: 'Go on' }))).toEqual(['drive'])
  expect(scopesToAnswer(decide())).toEqual(['answer'])
  expect(scopesToAnswer(wanted({ type: 'set_permission_mode', mode: 'x' }))).toEqual([
    'drive',
    'answer',
  ])
  expect(scopesToAnswer(wanted({ type: 'fly' }))).toEqual(['answer', 'drive'])
  expect(scopesToAnswer({ kind: 'plan', plan: '', modes: [] })).toEqual(['answer'])
})

test('[I8] an open permission of a kind that is not known costs its reader nothing else', () => {
  const vote = { kind: 'vote', options: ['a', 'b'] }
  const at = '2026-11-21T10:00:00.000Z'
  const session = {
    sessionId: 'ses_1',
    sourceId: 'sim',
    machine: 'desk',
    title: null,
    cwd: null,
    project: null,
    branch: null,
    model: null,
    permissionMode: null,
    capabilities: [],
    status: 'waiting',
    statusAt: at,
    startedAt: at,
    lastEventAt: at,
    lastLine: null,
    lastOutcome: null,
    lastError: null,
    waits: [{ permissionId: 'per_1', ask: vote, askedAt: at }],
    cursor: 'loga.1',
  }
  const read = check(ENDPOINTS.sessions.response, { sessions: [session], cursor: 'loga.1' })
  expect(read.ok && read.value.sessions[0]?.waits[0]?.ask).toEqual({ kind: 'unknown', raw: vote })
  expect(askWords({ kind: 'unknown', raw: vote })).toMatch(/does not know/)
  expect(askLine({ kind: 'unknown', raw: vote })).toBe(JSON.stringify(vote))
})
