import { expect, test } from 'vitest'
import { drawnPieces, hasHidden, revealHidden } from './reveal-hidden.ts'

const shown = (text: string) =>
  revealHidden(text)
    .map((piece) => (piece.hidden ? `[${piece.text}]` : piece.text))
    .join('')

test('[I11] ordinary commands come back in one visible piece, line breaks and tabs included', () => {
  const command = 'rm -rf dist\n\tpnpm test -- --run "ü 漢字"'
  expect(revealHidden(command)).toEqual([{ text: command, hidden: false }])
})

test('[I11] direction overrides, zero width characters, escapes and odd spaces are named', () => {
  expect(shown('a\u202eb')).toBe('a[U+202E]b')
  expect(shown('r\u200bm')).toBe('r[U+200B]m')
  expect(shown('\u001b[2Kls')).toBe('[U+001B][2Kls')
  expect(shown('ls\r')).toBe('ls[U+000D]')
  expect(shown('a\u00a0b\u{e0041}')).toBe('a[U+00A0]b[U+E0041]')
})

test('[I11] a Cyrillic letter inside a Latin word is named, whole words in another script are not', () => {
  expect(shown('cat pаsswd')).toBe('cat p[U+0430]sswd')
  expect(hasHidden('echo привет αβγ')).toBe(false)
})

test('a text of nothing but hidden characters is drawn in few pieces, each character still named', () => {
  const pieces = drawnPieces(`${'a\u200b'.repeat(50_000)}z`)
  expect(pieces.length).toBeLessThan(1_100)
  expect(pieces.at(-1)?.text.slice(-18)).toBe('a[U+200B]a[U+200B]z'.slice(-18))
  const all = pieces.map(({ text }) => text).join('')
  expect(all.match(/U\+200B/g)).toHaveLength(50_000)
  expect(drawnPieces('a\u200bb')).toEqual(revealHidden('a\u200bb'))
})
