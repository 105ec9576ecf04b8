import type { EventDraft, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { LiveText } from './live-text.ts'
import { SentMessages } from './sent-messages.ts'
import { FactKeeper } from './session-facts.ts'
import { parseRegistryEntry } from './session-registry.ts'
import { parseTranscriptCheckpoint } from './session-transcript.ts'

const sessionId = 'ses_x' as SessionId
const at = '2026-01-01T00:00:00.000Z'
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

test('[CM-6] what was sent is known again after a restart, and its words are not kept', () => {
  const before = new SentMessages()
  const by = { kind: 'device', deviceId: 'dev_12345678' as never, name: 'Phone' } as const
  before.add({ text: 'run it', commandId: 'cmd_12345678' as never, by, sentAtMs: Date.now() })
  const saved = JSON.stringify(before.save())
  expect(saved).not.toContain('run it')
  const after = new SentMessages()
  after.restore(JSON.parse(saved))
  expect(after.attribute(person('run it'))).toMatchObject({ causedBy: 'cmd_12345678' })
  for (const odd of [undefined, 'x', [null, 7, {}, { digest: 'x' }]]) {
    const other = new SentMessages()
    other.restore(odd)
    expect(other.save()).toEqual([])
  }
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
