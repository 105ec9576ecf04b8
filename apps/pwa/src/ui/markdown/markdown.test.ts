import { expect, test } from 'vitest'
import { updateBlocks } from './blocks.ts'
import { decodeReferences, safeHref } from './links.ts'

const TEXT = '# Why\n\nOne **two**.\n\n- a\n- b\n\n```ts\nconst x = 1\n```\n\nEnd.\n'

test('streamed Markdown ends as the same blocks as the whole text, at every cut', () => {
  const whole = updateBlocks([], TEXT).map((block) => block.raw)
  let blocks = updateBlocks([], '')
  for (let length = 1; length <= TEXT.length; length++)
    blocks = updateBlocks(blocks, TEXT.slice(0, length))
  expect(blocks.map((block) => block.raw)).toEqual(whole)
})

test('blocks that can no longer change stay the same objects while a reply streams', () => {
  const first = updateBlocks([], 'One.\n\nTwo.\n\nThr')
  const second = updateBlocks(first, 'One.\n\nTwo.\n\nThree')
  expect(second[0]).toBe(first[0])
  expect(second[2]).toBe(first[2])
  expect(second.at(-1)).not.toBe(first.at(-1))
})

test('a text that is not a continuation is lexed anew', () => {
  const first = updateBlocks([], 'One.\n\nTwo.')
  expect(
    updateBlocks(first, 'Other.\n\nTwo.')
      .map((block) => block.raw)
      .join(''),
  ).toBe('Other.\n\nTwo.')
})

test('a fence that is still open is already code', () => {
  expect(updateBlocks([], '```ts\nconst x').at(-1)).toMatchObject({ type: 'code', text: 'const x' })
})

test('only http, https and mailto lead anywhere', () => {
  expect(safeHref('https://example.org/a')).toBe('https://example.org/a')
  expect(safeHref('mailto:a@example.org')).toBe('mailto:a@example.org')
  for (const href of [
    'javascript:alert(1)',
    'data:text/html,x',
    '/etc/passwd',
    'src/a.ts',
    'file:///x',
  ])
    expect(safeHref(href)).toBeUndefined()
})

test('character references are read, unknown ones stay', () => {
  expect(decodeReferences('a &lt;b&gt; &amp;amp; &#39; &#x2192; &nope; &#0;')).toBe(
    "a <b> &amp; ' → &nope; &#0;",
  )
})
