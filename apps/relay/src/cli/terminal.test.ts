import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { makeTerminal, printable, wrap } from './terminal.ts'
import { widthOf } from './text-width.ts'

const streams = (isTTY: boolean) => {
  const output = Object.assign(new PassThrough(), { isTTY, columns: 30 })
  return { input: Object.assign(new PassThrough(), { isTTY }), output, error: new PassThrough() }
}

describe('what is drawn', () => {
  test('colours stand only where a terminal shows them and nobody said no', () => {
    expect(makeTerminal(streams(true), {}).styles.good('in')).not.toBe('in')
    expect(makeTerminal(streams(false), {}).styles.good('in')).toBe('in')
    expect(makeTerminal(streams(true), { NO_COLOR: '1' }).styles.waiting('47')).toBe('47')
    expect(makeTerminal(streams(true), { TERM: 'dumb' }).styles.strong('x')).toBe('x')
  })

  test('only a person at both ends is asked', () => {
    expect(makeTerminal(streams(true), {}).canAsk).toBe(true)
    expect(makeTerminal(streams(true), { CI: '1' }).canAsk).toBe(false)
    expect(makeTerminal(streams(false), {}).canAsk).toBe(false)
    const piped = { ...streams(true), input: new PassThrough() }
    expect(makeTerminal(piped, {}).canAsk).toBe(false)
  })

  test('colours have no width', () => {
    expect(widthOf(makeTerminal(streams(true), {}).styles.strong('four'))).toBe(4)
  })
})

test('words of others cannot move the cursor, hide or reverse what is said', () => {
  expect(printable('a\u001b[2Jb\r\nc\u202Ed')).toBe('ab c d')
  expect(printable('long'.repeat(100), 10)).toBe('longlongl…')
})

test('text breaks at spaces and loses nothing', () => {
  const lines = wrap('one two three four', 9)
  expect(lines).toEqual(['one two', 'three', 'four'])
  expect(wrap('unbreakable', 4)).toEqual(['unbreakable'])
})
