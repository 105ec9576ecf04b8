import type { Cursor, SessionId } from '@bellhop/core'
import { expect, test } from 'vitest'
import { startRelay } from '../support/start-relay.ts'
import { until } from '../support/until.ts'
import { readHistory } from '../support/virtual-phone.ts'

const texts = (events: readonly { type: string }[]) =>
  events
    .filter((event) => event.type === 'message.agent')
    .map((event) => (event as never as { text: string }).text)

const count = (n: number) => Array.from({ length: n }, (_, i) => `word ${i}`)

test('[CL-2] [ST-2] a phone whose line breaks again and again gets every event once and in order', async () => {
  await using running = await startRelay()
  let cut: AbortController[] = []
  await using phone = await running.phone({
    limits: { firstMs: 5, maxMs: 20 },
    fetch: async (url, init) => {
      const control = new AbortController()
      if (url.endsWith('/v1/stream')) cut.push(control)
      const signals = [control.signal, ...(init.signal ? [init.signal] : [])]
      return fetch(url, { ...init, signal: AbortSignal.any(signals) })
    },
  })
  const id = await running.source.start('broken')
  for (const [i, text] of count(120).entries()) {
    await running.source.say(id, 'message.agent', { messageId: `m${i}`, text })
    if (i % 15 === 7) {
      for (const one of cut) one.abort()
      cut = []
    }
  }
  await until(() => texts(phone.events).length >= 120, { timeoutMs: 10_000 })
  expect(texts(phone.events)).toEqual(count(120))
})

test('[ST-8] [ST-3] a snapshot and the stream from its cursor leave no gap and repeat nothing', async () => {
  await using running = await startRelay()
  const id = await running.source.start('busy')
  let writing = true
  const writer = (async () => {
    for (let i = 0; writing; i++)
      await running.source.say(id, 'session.changed', { title: `title ${i}` })
  })()
  await using phone = await running.phone()
  await until(() => phone.events.length > 50)
  writing = false
  await writer
  const all = await readHistory(phone.client, id, 100)
  const seen = phone.events.filter((event) => event.sessionId === id).map((event) => event.cursor)
  await until(() => phone.events.at(-1)?.cursor === all.at(-1)?.cursor)
  expect(phone.events.map((event) => event.cursor).slice(0, seen.length)).toEqual(
    all
      .slice(-phone.events.length)
      .map((event) => event.cursor)
      .slice(0, seen.length),
  )
  expect(new Set(phone.events.map((event) => event.eventId)).size).toBe(phone.events.length)
})

test('[ST-1] [ST-3] a cursor of another log is answered with a reset, and the phone goes on from a snapshot', async () => {
  await using running = await startRelay()
  await running.source.start('one')
  await using phone = await running.phone()
  await until(() => phone.states.at(-1)?.state === 'live')
  const answer = await phone.client.call('poll', { after: 'otherlog.5' as Cursor })
  expect(answer.frames[0]).toMatchObject({ name: 'hello' })
  expect(JSON.parse(answer.frames[0]?.data ?? '{}')).toMatchObject({ verdict: 'reset' })
  expect(answer.frames).toHaveLength(1)
})

test('[ST-7] long polling gives the same events in the same order', async () => {
  await using running = await startRelay()
  const id = await running.source.start('polled')
  await using phone = await running.phone()
  await phone.sleep()
  phone.follow({ poll: true })
  for (const [i, text] of count(30).entries())
    await running.source.say(id, 'message.agent', { messageId: `m${i}`, text })
  await until(() => texts(phone.events).length >= 30)
  expect(texts(phone.events)).toEqual(count(30))
})

test('[CL-3] a line that holds streams back is noticed, and polling takes over', async () => {
  await using running = await startRelay()
  const id = await running.source.start('held')
  await using phone = await running.phone({
    limits: { helloMs: 150 },
    // A proxy that hands a stream over only once it has ended, as some tunnels do.
    fetch: async (url, init) => {
      const response = await fetch(url, init)
      if (!url.endsWith('/v1/stream')) return response
      const body = new ReadableStream({ start: () => {} })
      init.signal?.addEventListener('abort', () => void response.body?.cancel().catch(() => {}))
      return new Response(body, { status: response.status, headers: response.headers })
    },
  })
  await running.source.say(id, 'message.agent', { messageId: 'm', text: 'through' })
  await until(
    () => texts(phone.events).includes('through') || phone.session(id)?.lastLine === 'through',
  )
})

test('[SI-1] [I7] a late phone is given the signals that stand, and they never move its cursor', async () => {
  await using running = await startRelay()
  const id = await running.source.start('late')
  running.source.signal({ type: 'text.partial', sessionId: id, text: 'half a sen' })
  running.source.signal({ type: 'text.partial', sessionId: id, text: 'half a sentence' })
  await using phone = await running.phone()
  await until(() =>
    phone.signals.some(
      (signal) => signal.type === 'text.partial' && signal.text === 'half a sentence',
    ),
  )
  expect(phone.signals.filter((signal) => signal.type === 'text.partial')).toHaveLength(1)
  await running.source.say(id, 'message.agent', { messageId: 'm', text: 'half a sentence.' })
  await until(() => phone.events.length > 0)
  await using later = await running.phone({ name: 'later' })
  await until(() => later.states.at(-1)?.state === 'live')
  expect(
    later.signals.filter((signal) => signal.type === 'text.partial' && signal.text !== ''),
  ).toEqual([])
})

test('[ST-2] a phone that follows one session hears of no other', async () => {
  await using running = await startRelay()
  const mine = await running.source.start('mine')
  const other = await running.source.start('other')
  await using phone = await running.phone()
  await phone.sleep()
  const answer = async (after: Cursor, sessions: SessionId[]) =>
    phone.client.call('poll', { after, sessions })
  const { cursor } = await phone.client.call('sessions', null)
  await running.source.say(other, 'message.agent', { messageId: 'o', text: 'not mine' })
  await running.source.say(mine, 'message.agent', { messageId: 'm', text: 'mine' })
  const { frames } = await answer(cursor, [mine])
  const events = frames
    .filter((frame) => frame.name === 'event')
    .map((frame) => JSON.parse(frame.data))
  expect(texts(events)).toEqual(['mine'])
})
