import { expect, test } from 'vitest'
import { createVirtualTime } from '../../../../../../test/support/virtual-time.ts'
import { createPace } from './pace.ts'

const signal = new AbortController().signal

test('[I6] a place is free again when it is left, in the order it was asked for, and once', async () => {
  const pace = createPace({ timing: createVirtualTime(), atOnce: 1 })
  const first = await pace.enter(signal)
  const entered: number[] = []
  const second = pace.enter(signal).then((place) => {
    entered.push(2)
    return place
  })
  const third = pace.enter(signal).then(() => entered.push(3))
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  const place = await second
  expect(entered).toEqual([2])
  place[Symbol.dispose]()
  await third
  expect(entered).toEqual([2, 3])
})

test('[I6] more calls than may wait are refused, and who gives up makes room', async () => {
  const pace = createPace({ timing: createVirtualTime(), atOnce: 1, waiting: 1 })
  const first = await pace.enter(signal)
  const control = new AbortController()
  const waiting = pace.enter(control.signal)
  await expect(pace.enter(signal)).rejects.toMatchObject({ kind: 'limited' })
  control.abort(new DOMException('over', 'AbortError'))
  await expect(waiting).rejects.toThrow('over')
  const next = pace.enter(signal)
  await expect(pace.enter(signal)).rejects.toMatchObject({ kind: 'limited' })
  first[Symbol.dispose]()
  expect(await next).toBeDefined()
})

test('[A-90] without a word on how long, the quiet doubles, and begins small again after a call that went well', () => {
  const pace = createPace({ timing: createVirtualTime() })
  expect([1, 2, 3, 4, 5, 6, 7].map(() => pace.hold(undefined) / 1_000)).toEqual([
    30, 60, 120, 240, 480, 600, 600,
  ])
  pace.ease()
  expect(pace.hold(undefined)).toBe(30_000)
  expect(pace.hold(0)).toBe(1_000)
  expect(pace.hold(1e12)).toBe(3_600_000)
})

test('[I6] however much is being read, what somebody does goes through at once', async () => {
  const pace = createPace({ timing: createVirtualTime(), atOnce: 3, keptFree: 1 })
  const signal = new AbortController().signal
  const entered: string[] = []
  const enter = (name: string, isDoing: boolean) =>
    pace.enter(signal, isDoing).then((place) => {
      entered.push(name)
      return place
    })
  const readings = [1, 2, 3, 4].map((at) => enter(`read ${at}`, false))
  const first = await enter('do 1', true)
  expect(entered).toEqual(['read 1', 'read 2', 'do 1'])
  const second = enter('do 2', true)
  ;(await readings[0])?.[Symbol.dispose]()
  await second
  expect(entered.at(-1)).toBe('do 2')
  first[Symbol.dispose]()
  ;(await second)[Symbol.dispose]()
  await readings[2]
  expect(entered.slice(4)).toEqual(['read 3'])
})
