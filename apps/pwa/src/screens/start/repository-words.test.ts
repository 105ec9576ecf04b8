import { expect, test } from 'vitest'
import { repositoryWords } from './repository-words.ts'

test('a repository is called by its owner and its name, however its address is written', () => {
  expect(repositoryWords('https://git.example/acme/shop-api.git')).toBe('acme/shop-api')
  expect(repositoryWords('git@git.example:acme/shop-api.git')).toBe('acme/shop-api')
  expect(repositoryWords('acme/shop-api')).toBe('acme/shop-api')
  expect(repositoryWords('https://git.example/group/sub/shop-api/')).toBe('sub/shop-api')
  expect(repositoryWords('shop-api')).toBe('shop-api')
})
