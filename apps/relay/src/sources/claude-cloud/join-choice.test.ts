import type { SessionId, SourceId } from '@bellhop/core'
import { expect, test } from 'vitest'
import type { KnownRun } from '../../sessions/session-source.ts'
import { addedBy, runsBySuffix } from './join-choice.ts'

const run = (fields: Partial<KnownRun>): KnownRun => ({
  runKey: 'remote:01Abc',
  sessionId: 'ses_here' as SessionId,
  sourceId: 'terminals' as SourceId,
  capabilities: [],
  ...fields,
})
const answering = ['decide_permission', 'always_allow', 'answer_question', 'decide_plan']
const cloud = ['prompt', ...answering, 'set_model', 'archive']

test('[CM-9] an answer goes whole by one road: what belongs to it is not spread over two', () => {
  const answers = run({ capabilities: ['decide_permission', 'edit_input'] })
  expect(addedBy(cloud, answers)).toEqual(['prompt', 'set_model'])
  const none = run({ capabilities: ['always_allow', 'set_model'] })
  expect(addedBy(cloud, none)).toEqual(['prompt', ...answering])
})

test('[A-15] a run is found by what it is called upstream, and the later one of two is it', () => {
  const later = run({ sessionId: 'ses_later' as SessionId })
  const others = [run({ runKey: 'other:02' }), run({ runKey: 'remote:a b' }), run({ runKey: '' })]
  expect([...runsBySuffix([run({}), ...others, later])]).toEqual([['01Abc', later]])
})
