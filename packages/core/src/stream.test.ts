import { expect, test } from 'vitest'
import { parseEvent } from './events/index.ts'
import { shownHash } from './shown-hash.ts'
import { decodeFrame, encodeFrame, type StreamFrame } from './stream.ts'

const event = parseEvent({
  eventId: 'evt_1',
  cursor: 'loga.1',
  sessionId: 'ses_1',
  at: '2026-01-01T00:00:00Z',
  type: 'message.agent',
  messageId: 'm',
  text: 'two\nlines',
})

const fields = (text: string) => {
  const get = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]
  return { id: get('id'), name: get('event') ?? '', data: get('data') ?? '' }
}

test('[ST-4] every frame is read back as written, and only an event carries an id', () => {
  if (!event) throw new Error('no event')
  const cursor = event.cursor
  const frames: StreamFrame[] = [
    { frame: 'hello', verdict: 'resume', cursor, instanceId: 'i', now: '2026-01-01T00:00:00Z' },
    { frame: 'event', event },
    { frame: 'caught_up', cursor },
    {
      frame: 'signal',
      signal: { type: 'activity', sessionId: event.sessionId, text: 'Running tests' },
    },
    { frame: 'tick', now: '2026-01-01T00:00:00Z' },
    { frame: 'bye', code: 'renew' },
  ]
  for (const frame of frames) {
    const { id, name, data } = fields(encodeFrame(frame))
    expect(decodeFrame(name, data)).toEqual(frame)
    expect(id).toBe(frame.frame === 'event' ? cursor : undefined)
  }
})

test('[ST-5] a frame not known, or not readable, is skipped', () => {
  expect(decodeFrame('weather', '{"rain":true}')).toBeUndefined()
  expect(decodeFrame('event', 'not json')).toBeUndefined()
  expect(decodeFrame('hello', '{}')).toBeUndefined()
})

test('[PE-2] [I11] the hash of an ask does not depend on the order of keys, and does on any letter', async () => {
  const ask = (command: string, order: boolean) => ({
    kind: 'tool' as const,
    tool: order
      ? { kind: 'shell' as const, name: 'Bash', command }
      : { command, name: 'Bash', kind: 'shell' as const },
    input: { command },
    suggestions: [],
  })
  expect(await shownHash(ask('ls', true))).toBe(await shownHash(ask('ls', false)))
  expect(await shownHash(ask('ls', true))).not.toBe(await shownHash(ask('ls ', true)))
})

test('[EV-4] [I8] an event the relay does not know goes on as it came, so that a newer reader can read it', () => {
  const later = parseEvent({ ...event, type: 'later.kind', more: 1 })
  if (!later) throw new Error('no event')
  expect(later.type).toBe('unknown')
  const { id, name, data } = fields(encodeFrame({ frame: 'event', event: later }))
  expect(id).toBe(later.cursor)
  expect(JSON.parse(data)).toEqual({ ...event, type: 'later.kind', more: 1 })
  expect(decodeFrame(name, data)).toEqual({ frame: 'event', event: later })
})
