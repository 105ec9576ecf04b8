import { type EventDraft, parseDraft, type SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { readAssistantBlocks, readSaid, readToolResults, toolStarted } from './message-blocks.ts'

const envelope = { sessionId: 'ses_x' as SessionId, at: '2026-01-01T00:00:00.000Z' }
const keys = {
  messageId: (index: number) => `msg:${index}`,
  dedupeKey: (index: number) => `event:${index}`,
}
const keysOf = (drafts: readonly EventDraft[]) => drafts.map(({ dedupeKey }) => dedupeKey)

test('an assistant’s blocks keep their order, and what says nothing is left out', () => {
  const content = [
    { type: 'thinking', thinking: 'hm' },
    { type: 'text', text: 'I will look.' },
    { type: 'text', text: '  ' },
    { type: 'tool_use', id: 'toolu_1', name: 'Read', input: { file_path: '/a' } },
    { type: 'tool_use', id: 'toolu_2', name: 'TodoWrite', input: { todos: [{ content: 'a' }] } },
    { type: 'tool_use', name: 'Read' },
    { type: 'something_new' },
    null,
  ]
  const { drafts, startedCalls } = readAssistantBlocks(content, envelope, keys)
  expect(drafts).toMatchObject([
    { type: 'message.thinking', messageId: 'msg:0', text: 'hm' },
    { type: 'message.agent', messageId: 'msg:1', text: 'I will look.' },
    { type: 'tool.started', toolCallId: 'toolu_1', tool: { kind: 'read', path: '/a' } },
    { type: 'tasks.changed', tasks: [{ text: 'a', state: 'open' }] },
  ])
  for (const draft of drafts) expect(parseDraft(draft)).toMatchObject({ ok: true })
  expect(startedCalls.map(({ toolUseId }) => toolUseId)).toEqual(['toolu_1', 'toolu_2'])
})

test('[I5] a call goes by its id alone, whoever tells of it and in whichever message', () => {
  const content = [{ type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'ls' } }]
  const later = { ...envelope, at: '2026-01-02T00:00:00.000Z' }
  const told = readAssistantBlocks(content, later, { ...keys, dedupeKey: () => 'other' }).drafts
  expect(keysOf(told)).toEqual(['tool:toolu_1:start'])
  expect(toolStarted(envelope, 'toolu_1', 'Bash', { command: 'ls' }).dedupeKey).toBe(
    'tool:toolu_1:start',
  )
  const results = [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'a' }]
  expect(keysOf(readToolResults(results, envelope, { isDenied: false }).drafts)).toEqual([
    'tool:toolu_1:end',
  ])
})

test.each([
  [{}, false, undefined, 'ok'],
  [{ is_error: true }, false, undefined, 'failed'],
  [{ is_error: true }, false, { interrupted: true }, 'interrupted'],
  [{ is_error: true }, true, { interrupted: true }, 'denied'],
])('a result with %j, denied %j, beside %j, is %s', (more, isDenied, details, outcome) => {
  const content = [{ type: 'tool_result', tool_use_id: 't', content: 'x', ...more }, 3, null]
  const { drafts, endedCalls } = readToolResults(content, envelope, { details, isDenied })
  expect(drafts).toMatchObject([{ type: 'tool.ended', toolCallId: 't', outcome }])
  expect(endedCalls).toEqual([{ toolUseId: 't', isDenied }])
})

test.each([
  ['hello', {}, { kind: 'words', text: 'hello' }],
  ['hello', { isMeta: true }, { kind: 'nothing' }],
  ['a summary', { isCompactSummary: true }, { kind: 'summary' }],
  ['x', { origin: { kind: 'peer', body: 'hi' }, isMeta: true }, { kind: 'peer', text: 'hi' }],
  [
    '<cross-session-message from="a">\nhi\n</cross-session-message>',
    { origin: { kind: 'peer' } },
    { kind: 'peer', text: 'hi' },
  ],
  [[{ type: 'tool_result', tool_use_id: 't' }], {}, { kind: 'nothing' }],
])('%j marked %j says %j', (content, marks, said) => {
  expect(readSaid(content, marks)).toEqual(said)
})
