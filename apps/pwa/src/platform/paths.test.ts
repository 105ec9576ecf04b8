import { expect, test } from 'vitest'
import { homePath, shortPath } from './paths.ts'

test('paths are told from the folder of the session', () => {
  expect(shortPath('/home/me/shop/src/a.ts', '/home/me/shop')).toBe('src/a.ts')
  expect(shortPath('/home/me/shopping/a.ts', '/home/me/shop')).toBe('/home/me/shopping/a.ts')
  expect(shortPath('/a', null)).toBe('/a')
})

test('a folder is told from home', () => {
  expect(homePath('/home/me/code')).toBe('~/code')
  expect(homePath('/Users/me')).toBe('~')
  expect(homePath('/rooted/x')).toBe('/rooted/x')
})
