import type { Cursor, SessionId, Signal, StreamFrame, StreamRequest } from '@bellhop/core'
import { expect, test } from 'vitest'
import { createMemoryBackend } from '../backends/memory/memory-backend.ts'
import { systemClock } from '../clock.ts'
import { createEventFeed } from './event-feed.ts'
import type { StampedDraft } from './event-log.ts'
import { createSignalHub } from './signal-hub.ts'

const ses = (name: string) => `ses_${name}` as SessionId
let made = 0
const say = (text: string, session = 'a') =>
  ({
    type: 'message.agent',
    sessionId: ses(session),
    eventId: `evt_${made++}`,
    at: '2026-03-01T09:00:00.000Z',
    dedupeKey: `say ${text}`,
    messageId: text,
    text,
  }) as StampedDraft
const partial = (text: string, session = 'a'): Signal => ({
  type: 'text.partial',
  sessionId: ses(session),
  text,
})

const setup = (options: { tickIntervalMs?: number } = {}) => {
  const { log } = createMemoryBackend({ clock: systemClock })
  const hub = createSignalHub()
  const feed = createEventFeed({ log, hub, clock: systemClock, instanceId: 'one', ...options })
  /** A reader that takes frames one by one, as fast or slow as the test wants. */
  const reader = (request: StreamRequest = {}) => {
    const abort = new AbortController()
    const frames = feed.open(request, abort.signal)[Symbol.asyncIterator]()
    const take = async (): Promise<StreamFrame> => (await frames.next()).value as StreamFrame
    const takeUntil = async (kind: StreamFrame['frame']): Promise<StreamFrame[]> => {
      const taken = [await take()]
      while (taken.at(-1)?.frame !== kind) taken.push(await take())
      return taken
    }
    return {
      take,
      takeUntil,
      done: async () => (await frames.next()).done,
      [Symbol.asyncDispose]: async () => {
        abort.abort()
        await frames.return?.(undefined)
      },
      stop: () => abort.abort(),
    }
  }
  return { log, hub, reader }
}
const textsOf = (frames: readonly StreamFrame[]) =>
  frames.flatMap((one) => {
    if (one.frame === 'event') return one.event.type === 'message.agent' ? [one.event.text] : []
    return one.frame === 'signal' && one.signal.type === 'text.partial'
      ? [`~${one.signal.text}`]
      : []
  })

test('[ST-2] a stream says hello, then every missed event, then that it has caught up, then what comes', async () => {
  const { log, reader } = setup()
  const after = await log.head()
  const missed = Array.from({ length: 450 }, (_, at) => `${at}`)
  await log.append(missed.map((text) => say(text)))
  await using one = reader({ after })
  const frames = await one.takeUntil('caught_up')
  expect(frames[0]).toMatchObject({
    frame: 'hello',
    verdict: 'resume',
    cursor: after,
    instanceId: 'one',
  })
  expect(textsOf(frames)).toEqual(missed)
  expect(frames.at(-1)).toEqual({ frame: 'caught_up', cursor: await log.head() })
  await log.append([say('live')])
  expect(textsOf([await one.take()])).toEqual(['live'])
})

test('[ST-2] without a cursor a stream begins now', async () => {
  const { log, reader } = setup()
  await log.append([say('before')])
  await using one = reader()
  expect(textsOf(await one.takeUntil('caught_up'))).toEqual([])
  await log.append([say('after')])
  expect(textsOf([await one.take()])).toEqual(['after'])
})

test('[ST-2] what is appended while a reader catches up comes once and in order', async () => {
  const { log, reader } = setup()
  const after = await log.head()
  await log.append(Array.from({ length: 300 }, (_, at) => say(`${at}`)))
  await using one = reader({ after })
  const frames: StreamFrame[] = []
  for (let at = 300; at < 600; at++) {
    frames.push(await one.take())
    await log.append([say(`${at}`)])
  }
  while (textsOf(frames).length < 600) frames.push(await one.take())
  expect(textsOf(frames)).toEqual(Array.from({ length: 600 }, (_, at) => `${at}`))
})

test('[ST-1] [ST-3] a cursor of no use is answered with reset and the newest place, and the stream ends', async () => {
  const { log, reader } = setup()
  await log.append([say('1')])
  await using one = reader({ after: 'otherlog.1' as Cursor })
  expect(await one.take()).toMatchObject({
    frame: 'hello',
    verdict: 'reset',
    cursor: await log.head(),
  })
  expect(await one.done()).toBe(true)
})

test('[ST-9] a reader so slow that the log has forgotten what it has not read is told to come again', async () => {
  const { log, reader } = setup()
  const after = await log.head()
  await log.append(Array.from({ length: 500 }, (_, at) => say(`${at}`)))
  await using one = reader({ after })
  await one.take()
  await log.trim({ keepPerSession: 100, beforeMs: 0 })
  const frames = await one.takeUntil('bye')
  expect(textsOf(frames)).toHaveLength(200)
  expect(frames.at(-1)).toEqual({ frame: 'bye', code: 'renew' })
  expect(await one.done()).toBe(true)
})

test('[SI-1] signals come after caught_up, also those from before, and only the latest of each key', async () => {
  const { hub, reader } = setup()
  hub.publish(partial('standing'))
  await using one = reader()
  await one.takeUntil('caught_up')
  expect(textsOf([await one.take()])).toEqual(['~standing'])
  for (const text of ['a', 'ab', 'abc']) hub.publish(partial(text))
  hub.publish(partial('other', 'b'))
  expect(textsOf([await one.take(), await one.take()])).toEqual(['~abc', '~other'])
})

test('[SI-2] a partial text is never told after the event that holds the whole of it', async () => {
  const { log, hub, reader } = setup()
  await using one = reader()
  await one.takeUntil('caught_up')
  hub.publish(partial('hel'))
  await log.append([say('hello')])
  hub.publish(partial(''))
  expect(textsOf([await one.take(), await one.take()])).toEqual(['hello', '~'])
})

test('[ST-2] a reader of one session gets its events and signals alone, and the health of sources', async () => {
  const { log, hub, reader } = setup()
  await using one = reader({ sessions: [ses('a')] })
  await one.takeUntil('caught_up')
  await log.append([say('not mine', 'b'), say('mine')])
  expect(textsOf([await one.take()])).toEqual(['mine'])
  hub.publish(partial('not mine', 'b'))
  hub.publish(partial('mine'))
  hub.publish({ type: 'source.health', sourceId: 'x', state: 'down', text: 'Gone.' } as Signal)
  expect(textsOf([await one.take()])).toEqual(['~mine'])
  expect(await one.take()).toMatchObject({ signal: { type: 'source.health' } })
})

test('[ST-6] a stream that has nothing to tell says so often enough', async () => {
  const { log, reader } = setup({ tickIntervalMs: 20 })
  await using one = reader()
  await one.takeUntil('caught_up')
  expect(await one.take()).toMatchObject({ frame: 'tick' })
  expect(await one.take()).toMatchObject({ frame: 'tick' })
  await log.append([say('1')])
  expect(textsOf(await one.takeUntil('tick'))).toEqual(['1'])
})

test('[I6] a reader that has left is not listened for any more', async () => {
  const { log, hub, reader } = setup()
  let listeners = 0
  const counted =
    <Listener>(add: (listener: Listener) => Disposable) =>
    (listener: Listener) => {
      listeners += 1
      const own = add(listener)
      return {
        [Symbol.dispose]: () => {
          listeners -= 1
          own[Symbol.dispose]()
        },
      }
    }
  log.onAppend = counted(log.onAppend)
  hub.subscribe = counted(hub.subscribe)
  const one = reader()
  await one.takeUntil('caught_up')
  expect(listeners).toBe(2)
  const waiting = one.done()
  one.stop()
  expect(await waiting).toBe(true)
  expect(listeners).toBe(0)
})
