import { afterEach, expect, test, vi } from 'vitest'
import { createExchanges } from './exchanges.ts'

afterEach(() => void vi.useRealTimers())

/** An answer that can be added to, and that knows how it ended. */
const makeAnswer = () => {
  let add = (_: string) => {}
  let done = () => {}
  const ended: (boolean | 'cancelled')[] = []
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      add = (words) => controller.enqueue(new TextEncoder().encode(words))
      done = () => controller.close()
    },
    cancel: () => void ended.push('cancelled'),
  })
  const answer = async () => ({
    response: new Response(body),
    onOver: (isGiven: boolean) => void ended.push(isGiven),
  })
  return { answer, add: (words: string) => add(words), done: () => done(), ended }
}

test('[MC-10] an answer counts until all of it is given', async () => {
  const exchanges = createExchanges()
  const { answer, add, done, ended } = makeAnswer()
  const response = await exchanges.give('call', answer)
  expect(exchanges.count).toBe(1)
  add('so far, ')
  add('so good')
  done()
  expect(await response.text()).toBe('so far, so good')
  expect(exchanges.count).toBe(0)
  expect(ended).toEqual([true])
  const empty = async () => ({ response: new Response(null, { status: 202 }) })
  expect((await exchanges.give('call', empty)).status).toBe(202)
  await expect(exchanges.give('call', () => Promise.reject(new TypeError()))).rejects.toThrow()
  expect(exchanges.count).toBe(0)
})

test('[MC-10] an answer is over when its reader goes, and the end is said once', async () => {
  const exchanges = createExchanges()
  const { answer, ended } = makeAnswer()
  const response = await exchanges.give('call', answer)
  await response.body?.cancel()
  exchanges.cut()
  expect(exchanges.count).toBe(0)
  expect(ended).toEqual([false, 'cancelled'])
})

test('[I6] a reader that takes nothing of what there is for a minute is let go', async () => {
  vi.useFakeTimers()
  const exchanges = createExchanges()
  const { answer, add, ended } = makeAnswer()
  const response = await exchanges.give('stream', answer)
  const reader = response.body?.getReader()
  add('one')
  await reader?.read()
  add('two')
  await vi.advanceTimersByTimeAsync(59_000)
  expect(exchanges.count).toBe(1)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(exchanges.count).toBe(0)
  expect(ended).toEqual([false, 'cancelled'])
  expect(await reader?.read()).toMatchObject({ done: true })
})

test('[I6] a reader that waits for what is not there yet is not let go', async () => {
  vi.useFakeTimers()
  const exchanges = createExchanges()
  const { answer, add } = makeAnswer()
  const response = await exchanges.give('stream', answer)
  const reader = response.body?.getReader()
  const next = reader?.read()
  await vi.advanceTimersByTimeAsync(3_600_000)
  add('at last')
  expect(await next).toMatchObject({ done: false })
})

test('[I6] a reader that takes less than there is to take is let go before much of it waits', async () => {
  const exchanges = createExchanges()
  const { answer, add, ended } = makeAnswer()
  const response = await exchanges.give('stream', answer)
  const reader = response.body?.getReader()
  for (let at = 0; at < 1_000; at += 1) add('news')
  for (let at = 0; at < 500; at += 1) expect(await reader?.read()).toMatchObject({ done: false })
  for (let at = 0; at < 1_000; at += 1) add('more')
  await vi.waitFor(() => expect(exchanges.count).toBe(0), 5_000)
  expect(ended).toEqual([false, 'cancelled'])
})

test('[I6] so many answers are open at once and no more', async () => {
  const exchanges = createExchanges()
  for (let at = 0; at < 256; at += 1) await exchanges.give('call', makeAnswer().answer)
  const more = exchanges.give('call', makeAnswer().answer)
  await expect(more).rejects.toMatchObject({ code: 'rate_limited' })
  exchanges.cut()
  expect(exchanges.count).toBe(0)
})

test('[MC-10] calls may say their last word, streams need not be waited for', async () => {
  vi.useFakeTimers()
  const exchanges = createExchanges()
  const call = makeAnswer()
  void (await exchanges.give('call', call.answer)).text()
  await exchanges.give('stream', makeAnswer().answer)
  let isOver = false
  const over = exchanges.callsAnswered(1_000).then(() => {
    isOver = true
  })
  await vi.advanceTimersByTimeAsync(500)
  expect(isOver).toBe(false)
  call.done()
  await over
  await exchanges.give('call', makeAnswer().answer)
  const patience = exchanges.callsAnswered(1_000)
  await vi.advanceTimersByTimeAsync(1_000)
  await patience
})
