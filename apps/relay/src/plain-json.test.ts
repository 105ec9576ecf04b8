import { expect, test } from 'vitest'
import { createLogger } from './logger.ts'
import { plainJson } from './plain-json.ts'

test('[I11] JSON for a terminal holds nothing that a terminal obeys or turns around', () => {
  const value = {
    name: 'a\u001b[2J\u009b2J\u007f\u202egnp.\u2066\u{e0041}\u2028 ä 🎉',
    ok: [1, null],
  }
  const line = plainJson(value)
  expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u)
  expect(line).toContain('ä 🎉')
  expect(JSON.parse(line)).toEqual(value)
})

test('[I12] neither does a line of the log', () => {
  const lines: string[] = []
  createLogger((line) => lines.push(line)).warn('odd\u009b2J', { name: '\u202e' })
  expect(lines.join()).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})
