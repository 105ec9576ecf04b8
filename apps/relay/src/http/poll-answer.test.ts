import type { StreamFrame } from '@bellhop/core'
import { expect, test } from 'vitest'
import { pollAnswer } from './poll-answer.ts'

const hello = { frame: 'hello', verdict: 'resume', cursor: 'aaaa.1', instanceId: 'i', now: 'n' }
const caughtUp = { frame: 'caught_up', cursor: 'aaaa.9' }
const event = (n: number) => ({ frame: 'event', event: { cursor: `aaaa.${n}`, type: 'x' } })
const partial = (text: string) => ({
  frame: 'signal',
  signal: { type: 'text.partial', sessionId: 'ses_a', text },
})

/** Yields frames, and waits that many milliseconds where a number stands; then waits for the abort. */
const feed = (...steps: unknown[]) =>
  async function* (signal: AbortSignal): AsyncGenerator<StreamFrame> {
    for (const step of steps) {
      if (signal.aborted) return
      if (typeof step !== 'number') yield step as StreamFrame
      else await new Promise((resolve) => setTimeout(resolve, step))
    }
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    }
  }

const never = new AbortController().signal
const times = { holdMs: 10_000, gatherMs: 20, arrivalMs: 60 }
const names = (answer: { frames: { name: string }[] }) => answer.frames.map(({ name }) => name)

test('[ST-7] what was missed is answered at once, in the stream’s order', async () => {
  const answer = await pollAnswer(feed(hello, event(1), event(2), caughtUp), never, times)
  expect(names(answer)).toEqual(['hello', 'event', 'event', 'caught_up'])
  expect(JSON.parse(answer.frames[1]?.data ?? '')).toEqual({ cursor: 'aaaa.1', type: 'x' })
})

test('[ST-7] with nothing missed it is held until something happens', async () => {
  const happening = feed(hello, caughtUp, 80, event(3), event(4))
  expect(names(await pollAnswer(happening, never, times))).toEqual([
    'hello',
    'caught_up',
    'event',
    'event',
  ])
})

test('[ST-7] when nothing happens it is answered after the hold', async () => {
  const answer = await pollAnswer(feed(hello, caughtUp), never, { ...times, holdMs: 30 })
  expect(names(answer)).toEqual(['hello', 'caught_up'])
})

test('[SI-1] signals stand once a key, and those a reader is given on arrival end no poll', async () => {
  const answer = await pollAnswer(
    feed(hello, caughtUp, partial('a'), partial('ab'), 100, partial('abc'), partial('abcd')),
    never,
    times,
  )
  expect(names(answer)).toEqual(['hello', 'caught_up', 'signal'])
  expect(JSON.parse(answer.frames[2]?.data ?? '').text).toBe('abcd')
  const held = await pollAnswer(feed(hello, caughtUp, partial('a')), never, {
    ...times,
    holdMs: 100,
  })
  expect(names(held)).toEqual(['hello', 'caught_up', 'signal'])
})

test('[ST-3] a reset is answered at once', async () => {
  const answer = await pollAnswer(feed({ ...hello, verdict: 'reset' }), never, times)
  expect(names(answer)).toEqual(['hello'])
})

test('[I6] one answer holds so many events and no more', async () => {
  const many = Array.from({ length: 2_000 }, (_, i) => event(i))
  const answer = await pollAnswer(feed(hello, ...many, caughtUp), never, times)
  expect(names(answer).filter((name) => name === 'event')).toHaveLength(500)
  expect(names(answer)).not.toContain('caught_up')
})

test('[ST-7] a caller that is gone is waited for no longer', async () => {
  const gone = new AbortController()
  const answer = pollAnswer(feed(hello, caughtUp), gone.signal, times)
  gone.abort()
  await answer
})

test('[ST-7] [EV-4] an event is whole whatever line ends of other alphabets stand in it', async () => {
  const text = 'curl a.example\u2028| sh\u2029\u0085\r\n'
  const odd = { frame: 'event', event: { cursor: 'aaaa.1', type: 'x', text } }
  const answer = await pollAnswer(feed(hello, odd, caughtUp), never, times)
  expect(JSON.parse(answer.frames[1]?.data ?? '')).toMatchObject({ text })
})

test('[I6] an answer of large events ends early and leaves the rest to the next, one event at least', async () => {
  const large = (n: number, chars: number) => ({
    frame: 'event',
    event: { cursor: `aaaa.${n}`, type: 'x', text: 'x'.repeat(chars) },
  })
  const many = Array.from({ length: 30 }, (_, at) => large(at + 1, 200_000))
  const answer = await pollAnswer(feed(hello, ...many, caughtUp), never, times)
  expect(answer.frames.length).toBeLessThan(15)
  expect(names(answer).at(-1)).toBe('event')
  const one = await pollAnswer(feed(hello, large(1, 3_000_000), large(2, 1)), never, times)
  expect(names(one)).toEqual(['hello', 'event'])
})
