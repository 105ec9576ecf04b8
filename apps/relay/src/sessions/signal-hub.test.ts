import type { SessionEvent, SessionId, Signal } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createSignalHub, settleSignals } from './signal-hub.ts'

const SES_A = 'ses_a' as SessionId
const partial = (text: string, agentId?: string): Signal => ({
  type: 'text.partial',
  sessionId: SES_A,
  text,
  ...(agentId !== undefined && { subagent: { agentId } }),
})
const activity = (text: string): Signal => ({ type: 'activity', sessionId: SES_A, text })
const event = (type: string, fields: object = {}) =>
  ({ type, sessionId: SES_A, ...fields }) as SessionEvent

test('[SI-1] the latest signal of a key stands for those before it', () => {
  const hub = createSignalHub()
  const heard: Signal[] = []
  using _ = hub.subscribe((signal) => heard.push(signal))
  for (const signal of [partial('a'), activity('Reading'), partial('ab'), partial('x', 'sub')]) {
    hub.publish(signal)
  }
  expect(heard).toHaveLength(4)
  expect(hub.current()).toEqual([activity('Reading'), partial('ab'), partial('x', 'sub')])
})

test('[SI-2] an empty text takes a signal back, once', () => {
  const hub = createSignalHub()
  const heard: Signal[] = []
  using _ = hub.subscribe((signal) => heard.push(signal))
  hub.publish(partial('a'))
  hub.publish(partial(''))
  hub.publish(partial(''))
  expect(heard).toEqual([partial('a'), partial('')])
  expect(hub.current()).toEqual([])
})

test('[SI-2] partial text is void once the whole of it is stored, that of a subagent is not', () => {
  const hub = createSignalHub()
  for (const signal of [partial('a'), partial('s', 'sub'), activity('Writing')]) hub.publish(signal)
  settleSignals(hub, [event('message.agent', { text: 'a' })])
  expect(hub.current()).toEqual([partial('s', 'sub'), activity('Writing')])
  settleSignals(hub, [event('message.agent', { text: 's', subagent: { agentId: 'sub' } })])
  expect(hub.current()).toEqual([activity('Writing')])
})

test('[SI-2] the end of a turn voids what it was doing, and what its subagents were', () => {
  for (const type of ['turn.ended', 'session.ended']) {
    const hub = createSignalHub()
    const other: Signal = { ...activity('Elsewhere'), sessionId: 'ses_b' as SessionId } as Signal
    const all = [partial('a'), partial('s', 'sub'), activity('Writing'), other]
    for (const signal of all) hub.publish(signal)
    settleSignals(hub, [event(type)])
    expect(hub.current()).toEqual([other])
  }
})

test('[I6] a hub holds so many keys; the one unchanged for longest goes', () => {
  const hub = createSignalHub(2)
  for (const agent of ['1', '2', '1', '3']) hub.publish(partial('x', agent))
  expect(hub.current()).toEqual([partial('x', '1'), partial('x', '3')])
})
