import type { EventDraft, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { DialogCalls } from './dialog-calls.ts'

const sessionId = 'ses_x' as SessionId
const at = '2026-01-01T00:00:00.000Z'
const started = (toolCallId: string, name: string): EventDraft => ({
  ...{ sessionId, at, dedupeKey: `tool:${toolCallId}:start`, type: 'tool.started', toolCallId },
  tool: { kind: 'other', name, input: {} },
})
const ended = (toolCallId: string): EventDraft => ({
  ...{ sessionId, at, dedupeKey: `tool:${toolCallId}:end`, type: 'tool.ended', toolCallId },
  ...{ outcome: 'ok', result: {} },
})

test('a question shown as a permission is not also shown as a call', () => {
  const dialogs = new DialogCalls()
  dialogs.show('t1', 'AskUserQuestion')
  expect(dialogs.sift([started('t1', 'AskUserQuestion'), ended('t1')])).toEqual([])
})

test('[I8] a question nobody here saw is shown as the call it was, also after a restart', () => {
  const dialogs = new DialogCalls()
  expect(dialogs.sift([started('t1', 'ExitPlanMode')])).toEqual([])
  const again = new DialogCalls(JSON.parse(JSON.stringify(dialogs.save())))
  expect(again.sift([ended('t1')])).toEqual([started('t1', 'ExitPlanMode'), ended('t1')])
})

test('other calls are shown, asked or not', () => {
  const dialogs = new DialogCalls()
  dialogs.show('t1', 'Bash')
  expect(dialogs.sift([started('t1', 'Bash'), ended('t1')])).toHaveLength(2)
})
