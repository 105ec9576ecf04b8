import { expect, test } from 'vitest'
import { ansiLines } from './ansi-lines.ts'
import { contrast, readable } from './readable-color.ts'

test('the sixteen colours become six names, bright equal to normal', () => {
  expect(ansiLines('\u001b[31mred\u001b[0m \u001b[92mgreen\u001b[0m')).toEqual([
    [{ text: 'red', color: 'red' }, { text: ' ' }, { text: 'green', color: 'green' }],
  ])
})

test('inverse text and text on a background look the same: the colour becomes the ground', () => {
  for (const code of ['1;7;31', '1;41'])
    expect(ansiLines(`\u001b[${code}m FAIL \u001b[0m`)).toEqual([
      [{ text: ' FAIL ', color: 'red', bold: true, inverse: true }],
    ])
  expect(ansiLines('\u001b[7m RUN \u001b[0m')).toEqual([[{ text: ' RUN ', inverse: true }]])
})

test('a progress bar shows its last state, cursor moves and titles vanish', () => {
  expect(ansiLines('10 %\r50 %\r100 %\r\n\u001b]0;title\u0007\u001b[2K\u001b[1Adone\n')).toEqual([
    [{ text: '100 %' }],
    [{ text: 'done' }],
  ])
})

test('colour goes on across lines', () => {
  expect(ansiLines('\u001b[33ma\nb\u001b[0m')).toEqual([
    [{ text: 'a', color: 'yellow' }],
    [{ text: 'b', color: 'yellow' }],
  ])
})

test('a colour of 256 or of all is moved until it can be read on either ground', () => {
  const css = readable('255, 255, 0') ?? ''
  const [light, dark] = [...css.matchAll(/rgb\((\d+) (\d+) (\d+)\)/g)].map(
    (match) => match.slice(1).map(Number) as [number, number, number],
  )
  expect(contrast(light ?? [0, 0, 0], [0xed, 0xf0, 0xee])).toBeGreaterThanOrEqual(4.5)
  expect(contrast(dark ?? [0, 0, 0], [0x0f, 0x15, 0x13])).toBeGreaterThanOrEqual(4.5)
  expect(ansiLines('\u001b[38;5;208mx')[0]?.[0]?.css).toMatch(/^light-dark\(/)
  expect(ansiLines('\u001b[38;2;10;20;30mx')[0]?.[0]?.css).toMatch(/^light-dark\(/)
})
