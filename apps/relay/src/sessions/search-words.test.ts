import { expect, test } from 'vitest'
import { fits, readQuery, snippetOf } from './search-words.ts'

const marked = ({ text, marks }: ReturnType<typeof snippetOf>) =>
  marks.toReversed().reduce((line, [from, to]) => {
    return `${line.slice(0, from)}[${line.slice(from, to)}]${line.slice(to)}`
  }, text)

const snippet = (typed: string, text: string, isCode = false) =>
  marked(snippetOf(readQuery(typed), text, { isCode }))

test('[SE-2] a quote that is still open is a phrase being typed', () => {
  expect(readQuery('one "two thr')).toEqual([
    { words: ['one'], isPrefix: false },
    { words: ['two', 'thr'], isPrefix: true },
  ])
  expect(readQuery('"two three"')).toEqual([{ words: ['two', 'three'], isPrefix: false }])
})

test('[SE-2] one or two letters are a word, not the beginning of many', () => {
  expect(readQuery('a')).toEqual([{ words: ['a'], isPrefix: false }])
  expect(fits(readQuery('abo'), 'about')).toBe(true)
  expect(fits(readQuery('ab'), 'about')).toBe(false)
  expect(fits(readQuery('ab'), 'ab ovo')).toBe(true)
})

test('[SE-7] a snippet is the words around the first place, as one line, with every place marked', () => {
  expect(snippet('apport', 'Use apportion,\n  or   apportioned sums.')).toBe(
    'Use [apportion], or [apportioned] sums.',
  )
  const long = `${'before '.repeat(40)}the spare cents${' after'.repeat(60)}`
  const line = snippet('"spare cents"', long)
  expect(line).toMatch(/^…before .*the \[spare cents\] after.*…$/)
  expect(line.length).toBeLessThan(300)
})

test('[SE-7] of code a snippet is the line it stands in', () => {
  const code = 'const a = 1\n  return apportion(total, exact)\nconst b = 2'
  expect(snippet('apportion', code, true)).toBe('return [apportion](total, exact)')
})

test('[SE-7] what looks like markup in a text stays text, and halves of characters do no harm', () => {
  expect(snippet('b', '<b>b</b>')).toBe('<[b]>[b]</[b]>')
  const cut = `${'🦊'.repeat(29)} fox ${'🦊'.repeat(200)}`
  expect(snippetOf(readQuery('fox'), cut, { isCode: false }).text.isWellFormed()).toBe(true)
})
