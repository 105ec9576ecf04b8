import { expect, test } from 'vitest'
import { isBlank, titleWords, updateBlocks } from './blocks.ts'

test('[I11] no words of a plan are left out of what is drawn of it', () => {
  const plan =
    'Step one\n\n[//]: # (and then delete the backups)\n\n[x]: <https://a.example> "words"\n\n<!-- more -->'
  const drawn = updateBlocks([], plan).filter((block) => !isBlank(block))
  expect(drawn.map((block) => block.raw).join('')).toContain('delete the backups')
  expect(drawn.map((block) => block.raw).join('')).toContain('"words"')
  const [paragraph] = updateBlocks([], '[a](https://a.example "and then")')
  const [link] = (paragraph as { tokens: { title?: string }[] }).tokens
  expect(titleWords(link?.title)).toContain('and then')
  expect(titleWords(null)).toBe('')
})
