import { expect, test } from 'vitest'
import { createMemorySink } from '../../../../../../test/support/memory-sink.ts'
import { openPlainReader } from '../../../../../../test/support/plain-reader.ts'
import { createVirtualTime } from '../../../../../../test/support/virtual-time.ts'
import { CloudSession } from './cloud-session.ts'

/** A session whose reader has something to tell at the times a test says. */
const openSession = async () => {
  const time = createVirtualTime()
  const ended = new AbortController()
  const settledAtMs: number[] = []
  let dueMs: number | undefined
  let hears: (() => boolean) | undefined
  const session = new CloudSession(
    {
      sink: createMemorySink().sink,
      timing: time,
      signal: ended.signal,
      openReader: (about) => {
        hears = about.hearsDeliveries
        const reader = openPlainReader(about)
        return Object.defineProperties(reader, {
          settlesAtMs: { get: () => dueMs },
          settle: {
            value: () => {
              settledAtMs.push(time.nowMs() - startMs)
              dueMs = undefined
              return { drafts: [], observed: [], signals: [] }
            },
          },
        })
      },
      joinedTo: () => undefined,
      send: async () => {},
      onHold: () => {},
      onFailure: (error) => {
        throw error
      },
    },
    'one',
  )
  const startMs = time.nowMs()
  await session.load()
  return {
    time,
    session,
    settledAtMs,
    isHeard: () => hears?.(),
    dueIn: (ms: number) => {
      dueMs = time.nowMs() + ms
    },
    touch: () => session.take({ drafts: [], observed: [], signals: [] }),
  }
}

test('what only time decides is told when it has, the sooner of two times first [A-55]', async () => {
  const { time, settledAtMs, dueIn, touch } = await openSession()
  dueIn(60_000)
  await touch()
  dueIn(1_000)
  await touch()
  await time.pass(1_100)
  expect(settledAtMs).toEqual([1_000])
  await time.pass(120_000)
  expect(settledAtMs).toEqual([1_000])
  expect(time.pending).toBe(0)
})

test('a road on which deliveries are not heard makes what hangs on that be looked at anew [A-45]', async () => {
  const { time, session, settledAtMs, isHeard, dueIn } = await openSession()
  expect(isHeard()).toBe(true)
  dueIn(5_000)
  session.hearsDeliveries(false)
  expect(isHeard()).toBe(false)
  await time.pass(5_100)
  expect(settledAtMs).toEqual([5_000])
})
