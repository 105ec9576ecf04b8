import { expect, test } from 'vitest'
import { ago, clock, countdown, elapsed, moment, took } from './times.ts'

const at = (text: string) => new Date(text).getTime()
const NOW = at('2026-11-20T09:41:00')

test('an age is now, then minutes, then the clock, then the weekday, then the date', () => {
  expect(ago(NOW - 59_000, NOW)).toBe('now')
  expect(ago(NOW - 60_000, NOW)).toBe('1 min')
  expect(ago(NOW - 59 * 60_000, NOW)).toBe('59 min')
  expect(ago(at('2026-11-20T08:05:00'), NOW)).toBe('8:05')
  expect(ago(at('2026-11-17T23:59:00'), NOW)).toBe('Tue')
  expect(ago(at('2026-11-12T12:00:00'), NOW)).toBe('12 Nov')
  expect(ago(at('2025-11-12T12:00:00'), NOW)).toBe('12 Nov 2025')
})

test('late last night is a weekday although it was less than a day ago', () => {
  expect(moment(at('2026-11-19T23:50:00'), at('2026-11-20T00:10:00'))).toBe('Thu')
})

test('a clock that runs ahead still reads as now', () => {
  expect(ago(NOW + 5_000, NOW)).toBe('now')
})

test('durations and countdowns keep their units', () => {
  expect(elapsed(42_900)).toBe('42 s')
  expect(elapsed(372_000)).toBe('6 min 12 s')
  expect(elapsed(3_840_000)).toBe('1 h 4 min')
  expect(took(1_840)).toBe('1.8 s')
  expect(countdown(252_000)).toBe('4:12')
  expect(countdown(-1)).toBe('0:00')
  expect(clock(at('2026-11-20T09:05:07'), true)).toBe('9:05:07')
})
