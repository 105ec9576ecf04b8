import { expect, test } from 'vitest'
import { deviceWords, isApplePhone } from './install.ts'

const AGENTS = {
  iphone:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/27.1 Mobile/15E148 Safari/604.1',
  pixel:
    'Mozilla/5.0 (Linux; Android 16; Pixel 9 Build/BP1A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/157.0.0.0 Mobile Safari/537.36',
  reduced:
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/157.0.0.0 Mobile Safari/537.36',
  mac: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/27.0 Safari/605.1.15',
}

test('a device is named after what it is', () => {
  const words = (userAgent: string, maxTouchPoints = 0) =>
    deviceWords({ userAgent, maxTouchPoints })
  expect(words(AGENTS.iphone, 5)).toEqual({ name: 'iPhone', platform: 'iPhone, Safari 27' })
  expect(words(AGENTS.pixel, 5)).toEqual({ name: 'Pixel 9', platform: 'Pixel 9, Chrome 157' })
  expect(words(AGENTS.reduced, 5).name).toBe('Android phone')
  expect(words(AGENTS.mac).name).toBe('Mac')
})

test('an iPad that calls itself a Mac is still an Apple phone', () => {
  expect(isApplePhone({ userAgent: AGENTS.mac, maxTouchPoints: 5 })).toBe(true)
  expect(isApplePhone({ userAgent: AGENTS.mac, maxTouchPoints: 0 })).toBe(false)
  expect(deviceWords({ userAgent: AGENTS.mac, maxTouchPoints: 5 }).name).toBe('iPad')
})
