import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type EventDraft, parseDraft, type SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { type LineReading, readTranscriptLine, type TurnState } from './transcript-line.ts'

const sessionId = 'ses_11111111-2222-4333-8444-555555555555' as SessionId
const fallbackAt = '2026-01-01T00:00:00.000Z'
const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8')
    .trimEnd()
    .split('\n')

function readAll(lines: readonly string[], subagent?: { agentId: string }): LineReading[] {
  let turn: TurnState = { isOpen: false }
  let offset = 0
  return lines.flatMap((text) => {
    const context = { sessionId, offset, fallbackAt, ...(subagent && { subagent }) }
    const reading = readTranscriptLine(text, context, turn)
    offset += Buffer.byteLength(text) + 1
    if (!reading) return []
    turn = reading.turn
    return [reading]
  })
}

const readings = readAll(fixture('transcript.jsonl'))
const drafts = readings.flatMap((reading) => reading.drafts)
const ofType = <Type extends EventDraft['type']>(type: Type) =>
  drafts.filter((draft) => draft.type === type) as Extract<EventDraft, { type: Type }>[]
const one = (line: object, turn: TurnState = { isOpen: false }) =>
  readTranscriptLine(JSON.stringify(line), { sessionId, offset: 0, fallbackAt }, turn)

test('[EV-5] every draft of a real transcript is well formed', () => {
  expect(drafts.length).toBeGreaterThan(80)
  for (const draft of drafts) expect(parseDraft(draft)).toMatchObject({ ok: true })
})

test('[I5] reading the same lines again gives the same keys, each of them once', () => {
  const keys = drafts.map(({ dedupeKey }) => dedupeKey)
  expect(new Set(keys).size).toBe(keys.length)
  const again = readAll(fixture('transcript.jsonl')).flatMap((reading) => reading.drafts)
  expect(again).toEqual(drafts)
})

test('every turn that starts ends, by itself, by an interruption or by an error', () => {
  const turns = drafts.filter(({ type }) => type.startsWith('turn.'))
  const pairs = turns.map(({ type }) => type)
  expect(pairs.filter((type, index) => type === pairs[index - 1])).toEqual([])
  const outcomes = ofType('turn.ended').map(({ outcome }) => outcome)
  expect(outcomes.filter((outcome) => outcome === 'interrupted')).toHaveLength(3)
  expect(ofType('turn.ended').filter(({ outcome }) => outcome === 'failed')).toMatchObject([
    { error: 'API Error: 400 Bad thing' },
  ])
  expect(readings.at(-1)?.turn.isOpen).toBe(false)
})

test('a message typed while the agent works is told when it is handed over', () => {
  const texts = ofType('message.person').map(({ text }) => text.split('\n')[0])
  expect(texts).toContain('queued one')
  expect(texts).toContain('queued two')
})

test('a message from another session is told as such, without the words around it', () => {
  const peers = ofType('message.person').filter(({ from }) => from === 'peer')
  expect(peers).toMatchObject([{ text: 'peer says\n@@say end9' }])
})

test('what the program says in the user’s name becomes a remark', () => {
  const notes = ofType('message.note').map(({ text }) => text)
  expect(notes).toContain('/rename my title')
  expect(notes).toContain('! echo bashmode')
  expect(notes).toContain('Agent "look around" finished')
  expect(ofType('message.person').some(({ text }) => text.startsWith('<'))).toBe(false)
})

test('tool calls carry how they ended, with the change of a file as a diff', () => {
  const ended = ofType('tool.ended')
  expect(ended.map(({ outcome }) => outcome)).toEqual(
    expect.arrayContaining(['ok', 'failed', 'denied']),
  )
  const diff = ended.find(({ result }) => result.diff)?.result.diff
  expect(diff).toEqual({
    path: '/home/ana/project/a.txt',
    hunks: [{ oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, lines: ['-hi', '+hello world'] }],
  })
  const started = new Set(ofType('tool.started').map(({ toolCallId }) => toolCallId))
  const tasks = ofType('tasks.changed').map(({ dedupeKey }) => dedupeKey.replace('tasks:', ''))
  expect(
    ended.filter(({ toolCallId }) => !started.has(toolCallId) && !tasks.includes(toolCallId)),
  ).toEqual([])
})

test('facts of the session are learned, the title the person gave above all', () => {
  const facts = Object.assign({}, ...readings.map((reading) => reading.facts))
  expect(facts).toMatchObject({ cwd: '/home/ana/project', branch: null, model: 'claude-opus-5-5' })
  const titled = readings.filter(({ facts: { titleRank } }) => titleRank === 3)
  expect(titled[0]?.facts.title).toBe('my title')
})

test('a subagent’s lines belong to it and start no turn', () => {
  const own = readAll(fixture('subagent.jsonl'), { agentId: 'a1' }).flatMap(
    (reading) => reading.drafts,
  )
  expect(own.map(({ type }) => type)).toEqual(['tool.started', 'tool.ended', 'message.agent'])
  expect(own.every(({ subagent }) => subagent?.agentId === 'a1')).toBe(true)
})

test('[I8] a line that is not JSON is kept as a note, and later lines are read', () => {
  const [broken, next] = readAll([
    '{"type":"user","mess',
    '{"type":"custom-title","customTitle":"after"}',
  ])
  expect(broken?.drafts).toMatchObject([{ type: 'source.note', raw: '{"type":"user","mess' }])
  expect(next?.facts).toEqual({ title: 'after', titleRank: 3 })
})

test('[I8] lines of odd shapes are never fatal', () => {
  const odd = [
    { type: 'user' },
    { type: 'user', message: null },
    { type: 'user', message: { content: [null, 3, { type: 'tool_result' }] } },
    { type: 'assistant', message: { content: 'text' } },
    { type: 'assistant', message: { content: [{ type: 'tool_use' }, { type: 'new_kind' }] } },
    {
      type: 'assistant',
      uuid: 'u',
      message: { content: [{ type: 'tool_use', id: 't', name: 3 }] },
    },
    { type: 'attachment', attachment: { type: 'queued_command' } },
    { type: 'system', subtype: 'turn_duration', durationMs: 'long', timestamp: 'yesterday' },
    { type: 'something-new', content: 'x' },
    [],
    null,
    'text',
  ]
  for (const line of odd) {
    const reading = readTranscriptLine(
      JSON.stringify(line),
      { sessionId, offset: 0, fallbackAt },
      { isOpen: false },
    )
    for (const draft of reading?.drafts ?? []) expect(parseDraft(draft)).toMatchObject({ ok: true })
  }
  expect(
    one({ type: 'system', subtype: 'turn_duration' }, { isOpen: true, promptId: 'p' })?.drafts,
  ).toMatchObject([{ type: 'turn.ended', at: fallbackAt, dedupeKey: 'turn:p:end' }])
})

test('copies of what was sent to the model are skipped unread', () => {
  for (const type of ['api-request-blob', 'file-history-snapshot', 'tools-used']) {
    expect(
      readTranscriptLine(
        `{"type":"${type}", broken`,
        { sessionId, offset: 0, fallbackAt },
        { isOpen: false },
      ),
    ).toBeUndefined()
  }
})
