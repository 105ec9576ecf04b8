import type { EventDraft, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { DialogCalls } from './dialog-calls.ts'
import { LiveText } from './live-text.ts'
import { SentMessages } from './sent-messages.ts'
import { FactKeeper } from './session-facts.ts'
import { parseRegistryEntry } from './session-registry.ts'
import { parseTranscriptCheckpoint } from './session-transcript.ts'
import { readUserText } from './user-text.ts'

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
const person = (text: string): EventDraft => ({
  ...{
    sessionId,
    at,
    dedupeKey: 'm',
    type: 'message.person',
    messageId: 'm',
    text,
    from: 'person',
  },
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

test('[CM-6] a message sent from here is known again by its words, once', () => {
  const sent = new SentMessages()
  const by = { kind: 'device', deviceId: 'dev_12345678' as never, name: 'Phone' } as const
  sent.add({
    text: ' run\tthe tests ',
    commandId: 'cmd_12345678' as never,
    by,
    sentAtMs: Date.now(),
  })
  expect(sent.attribute(person('something else'))).toEqual(person('something else'))
  expect(sent.attribute(person('run the tests'))).toMatchObject({
    causedBy: 'cmd_12345678',
    deviceName: 'Phone',
  })
  expect(sent.attribute(person('run the tests'))).toEqual(person('run the tests'))
})

test('whoever waits for words to arrive hears when they do', async () => {
  const sent = new SentMessages()
  const { taken } = sent.whenTaken('run the tests')
  sent.taken('<cross-session-message from="x">\nrun the tests\n</cross-session-message>')
  await taken
})

test('only what changed of a session is told, and a better title replaces a worse one', () => {
  const facts = new FactKeeper()
  expect(facts.learn({ cwd: '/home/ana/shop', title: 'first words', titleRank: 0 })).toEqual({
    cwd: '/home/ana/shop',
    project: 'shop',
    title: 'first words',
  })
  expect(facts.learn({ cwd: '/home/ana/shop', title: 'later words', titleRank: 0 })).toBeUndefined()
  expect(facts.learn({ title: 'given', titleRank: 3 })).toEqual({ title: 'given' })
  expect(facts.learn({ title: 'made up', titleRank: 2 })).toBeUndefined()
  const again = new FactKeeper(JSON.parse(JSON.stringify(facts.save())))
  expect(again.learn({ title: 'given', titleRank: 3, branch: null })).toEqual({ branch: null })
})

test('[SI-2] live words grow by message and are taken back when the turn ends without them', () => {
  const live = new LiveText(sessionId)
  const say = (message_id: string, delta: string) =>
    live.signals({ hook_event_name: 'MessageDisplay', message_id, delta })
  expect(say('a', 'one ')).toMatchObject([{ type: 'text.partial', text: 'one ' }])
  expect(say('a', 'two')).toMatchObject([{ text: 'one two' }])
  expect(say('b', 'new')).toMatchObject([{ text: 'new' }])
  expect(live.isAhead()).toBe(true)
  expect(live.clear()).toMatchObject([{ type: 'text.partial', text: '' }])
  expect(live.signals({ hook_event_name: 'MessageDisplay' })).toEqual([])
  expect(live.signals({ hook_event_name: 'Brand new' })).toEqual([])
})

test('[I8] a registry record of another shape names no session', () => {
  for (const value of [null, [], {}, { pid: '7', sessionId: 's' }, { pid: 7 }]) {
    expect(parseRegistryEntry(value)).toBeUndefined()
  }
  expect(parseRegistryEntry({ pid: 7, sessionId: 's', kind: 'new', status: 'odd' })).toMatchObject({
    kind: 'other',
    status: 'unknown',
    entrypoint: 'cli',
  })
})

test('[I5] a checkpoint of another shape is as good as none', () => {
  for (const value of [undefined, 'x', {}, { place: {}, turn: {} }]) {
    expect(parseTranscriptCheckpoint(value)).toBeUndefined()
  }
})

test.each([
  [
    '<command-name>/model</command-name>\n<command-args>opus</command-args>',
    { kind: 'note', text: '/model opus', tone: 'plain' },
  ],
  [
    '<local-command-stderr>no</local-command-stderr>',
    { kind: 'note', text: 'no', tone: 'warning' },
  ],
  [
    '<local-command-stdout>\u001b[1mbold\u001b[0m</local-command-stdout>',
    { kind: 'note', text: 'bold', tone: 'plain' },
  ],
  ['<local-command-stdout></local-command-stdout>', { kind: 'nothing' }],
  ['<system-reminder>x</system-reminder>', { kind: 'nothing' }],
  ['[Request interrupted by user for tool use]', { kind: 'interrupted' }],
  ['<div>my own words</div>', { kind: 'words', text: '<div>my own words</div>' }],
])('%j is read as what it is', (text, meaning) => {
  expect(readUserText(text)).toEqual(meaning)
})
