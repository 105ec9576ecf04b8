import { stripVTControlCharacters } from 'node:util'
import { encode } from 'uqr'
import { expect, test } from 'vitest'
import { qrCode } from './qr-code.ts'
import { widthOf } from './text-width.ts'

const address = `https://desk.example.ts.net/#/p/1/${'k'.repeat(22)}/${'r'.repeat(8)}`

/** Reads the half blocks back into modules; `drawn` is what a drawn half stands for. */
const modules = (lines: readonly string[], drawnIsDark: boolean) =>
  lines.flatMap((line) => {
    const cells = [...line]
    const row = (halves: string) => cells.map((cell) => halves.includes(cell) === drawnIsDark)
    return [row('█▀'), row('█▄')]
  })

test.each([true, false])('every module can be read back, coloured %s', (colored) => {
  const { data, size } = encode(address, { ecc: 'L', border: 2 })
  const lines = qrCode(address, colored).map((line) => stripVTControlCharacters(line))
  const read = modules(lines, colored).slice(0, size)
  expect(read).toEqual(data)
})

test('a pairing address fits a terminal of 80 columns and 24 rows', () => {
  const lines = qrCode(address, true)
  expect(lines.length).toBeLessThanOrEqual(22)
  expect(widthOf(lines[0] ?? '')).toBeLessThanOrEqual(44)
})

test('coloured, it is black on white whatever the theme', () => {
  for (const line of qrCode(address, true)) {
    expect(line.startsWith('\u001b[38;5;16;48;5;231m')).toBe(true)
    expect(line.endsWith('\u001b[0m')).toBe(true)
  }
})
